"""Real prose in many languages; NOTICE.md beside it says where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

RIGHTS = Path(__file__).with_name("rights.txt")
HEADING = "= "  # then the language's tag and its name


def languages() -> Mapping[str, tuple[str, ...]]:
    """Paragraphs by language tag."""
    found: dict[str, list[str]] = {}
    paragraphs: list[str] = []
    for line in RIGHTS.read_text(encoding="utf-8").splitlines():
        if line.startswith(HEADING):
            tag = line.removeprefix(HEADING).split(" ", 1)[0]
            paragraphs = found.setdefault(tag, [])
        else:
            paragraphs.append(line)
    return {tag: tuple(each) for tag, each in found.items()}
