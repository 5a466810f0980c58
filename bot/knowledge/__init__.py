"""Keeps the index of the community's own files and pages as they are."""
