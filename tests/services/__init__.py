"""Tests of what tools can use."""
