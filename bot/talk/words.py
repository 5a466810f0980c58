"""How the words of a message stand in a line of a question: the same wherever they are written, compared or changed.

A person's words cannot pass for another's or for the program's: every further line of a message is indented.
"""

from __future__ import annotations

WORDLESS = "(without words)"  # what a bare mention, or a file alone, says
CUT_SHORT = " …"

_EFFECTS = str.maketrans(dict.fromkeys("`<>@\\", " "))


def indented(text: str) -> str:
    """Further lines begin with two spaces, so that none can look like the start of somebody else's.

    Whatever Unicode takes for the end of a line is one here.
    """
    return "\n  ".join(text.splitlines())


def reading(text: str, *, limit: int | None = None) -> str:
    """How the words of a message read, of at most `limit` characters of it."""
    if not any(character.isprintable() and not character.isspace() for character in text):
        return WORDLESS
    short = limit is not None and len(text) > limit
    return indented(text[:limit]) + CUT_SHORT if short else indented(text)


def reads(words: str, text: str) -> bool:
    """Whether these words are how a message of this text reads, whole or cut short."""
    whole = reading(text)
    return words == whole or (words.endswith(CUT_SHORT) and whole.startswith(words.removesuffix(CUT_SHORT)))


def plain(name: str) -> str:
    """A name that has no effect wherever it is shown."""
    return " ".join("".join(each if each.isalnum() or each in "-.'&+" else " " for each in name).split())[:60] or "?"


def harmless(words: str) -> str:
    """What somebody wrote, where it is shown to them, or to those who may write it: it ends no code, and names
    nobody."""
    return " ".join(words.translate(_EFFECTS).split())
