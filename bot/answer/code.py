"""What both Discord and CommonMark take for code in a line. Where they may differ it is taken for text."""

from __future__ import annotations

import re

_MARKUP = re.compile(r"[`*_~|\[]")
_AROUND = (("*", "*"), ("_", "_"), ("~", "~"), ("[", "]"), ("<", ">"))
_CLOSED = re.compile(
    r"\*\*(?=\S)[^*\n]+?(?<=\S)\*\*|\*(?=\S)[^*\n]+?(?<=\S)\*|__(?=\S)[^_\n]+?(?<=\S)__|(?<!\w)_(?=\S)[^_\n]+?(?<=\S)_"
    r"|~~[^~\n]+?~~|\|\|[^|\n]+?\|\||\[[^\[\]\n]*\]"
)
_LEFT_OPEN = re.compile(r"\*(?=\S)|(?<!\w)_(?=\S)|~~|\|\||\[")
_BRACKET = re.compile(r"[\[\]]")
TICKS = re.compile(r"`+")


def leaves_doubt(line: str) -> bool:
    """Whether a reader may take what follows as part of something that began in this line."""
    if not _MARKUP.search(line):
        return False
    if "~~~" in line or "\\`" in line:
        return True
    plain: list[str] = []
    at = 0
    while (opening := TICKS.search(line, at)) is not None:
        plain.append(line[at : opening.start()])
        closing = closing_of(line, opening)
        if (
            closing is None
            or not is_code(line, opening, closing)
            or len(opening[0]) > 3
            or (len(opening[0]) == 3 and not line[: opening.start()].strip())
        ):
            return True
        at = closing.end()
    plain.append(line[at:])
    return bool(_LEFT_OPEN.search(_CLOSED.sub("", "".join(plain))))


def closes_more(text: str) -> int:
    """Where "](" ends a bracket that did not begin in the text; -1 where none does. Whatever the rest is, for Discord
    that may be a link whose words began before."""
    begun = 0
    for each in _BRACKET.finditer(text):
        if each[0] == "[":
            begun += 1
        elif begun == 0 and text.startswith("(", each.end()):
            return each.start()
        else:
            begun = max(0, begun - 1)
    return -1


def closing_of(line: str, opening: re.Match[str]) -> re.Match[str] | None:
    ticks = TICKS.finditer(line, opening.end())
    return next((each for each in ticks if len(each[0]) == len(opening[0])), None)


def is_code(line: str, opening: re.Match[str], closing: re.Match[str]) -> bool:
    """Whether nothing that began before it, and no cell of a table, ends in the middle of it, and it begins at all."""
    before, inside = line[: opening.start()], line[opening.end() : closing.start()]
    return (
        not before.endswith("\\")
        and "|" not in inside
        and "```" not in inside
        and closes_more(inside) < 0
        and not any(begins in before and ends in inside for begins, ends in _AROUND)
    )
