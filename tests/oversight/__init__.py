"""Votes, reviews and figures."""
