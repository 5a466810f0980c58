"""How Discord counts the characters of a text."""

from __future__ import annotations


def units(text: str) -> int:
    """Length in UTF-16 units: an emoji has two and more."""
    return len(text) + sum(char > "\uffff" for char in text)
