"""Tests of the local page in a real Chromium."""
