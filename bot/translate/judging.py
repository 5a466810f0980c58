"""Marks for what is kept, and the judgement of what came back: whole, or damaged in one of a few ways. Pure.

The model may move marks about. It may not lose, double or invent one, nor add anything that a chat would make something
of; signs of Markdown keep their order.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from bot.talk.markup import staying
from bot.translate.protecting import BETWEEN, Kept, Line, taken_apart

_MARK = re.compile(r"<\s?/?\s?[xX]\s?(\d{1,6})\s?/?\s?>")
_DENSE = re.compile(r"[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_OWN_SPACE = re.compile(r"[\w@#:]", re.ASCII)
DENSE = 3
"""A character of Chinese, Japanese or Korean says as much as so many letters."""

SPREAD = 4
ROOM = 40
"""A translation has at most so many times the length of its text, or a fraction of it, and so many characters more."""

_CLOSING = ".,;:!?)]}…。，、！？»”"


class Damaged(Exception):
    """The message says in one word in which way, for the counter."""


def mark(number: int) -> str:
    return f"<x{number}/>"


def marked(line: Line, first: int) -> str:
    """Marks are numbered from `first` on."""
    shown: list[str] = []
    for run in line.runs:
        if isinstance(run, Kept):
            shown.append(mark(first))
            first += 1
        else:
            shown.append(run)
    return "".join(shown).strip()


def restored(reply: str, line: Line, first: int) -> str:
    """The line in its translation. Raises Damaged."""
    kept = dict(enumerate(line.kept, first))
    numbers = [int(each) for each in _MARK.findall(reply)]
    if sorted(numbers) != sorted(kept):
        raise Damaged("marks")
    signs = [number for number in numbers if kept[number].sign]
    if signs != sorted(signs):
        raise Damaged("order")
    pieces = _MARK.split(reply.strip())
    judge_words(BETWEEN.join(filter(None, pieces[0::2])), line.words)
    runs: list[str | Kept] = []
    for at, piece in enumerate(pieces):
        runs.append(kept[int(piece)] if at % 2 else piece)
    whole = line.put(tuple(_spaced(runs)))
    require_alike(whole, line.whole)
    return whole


def judge_words(words: str, source: str) -> None:
    """Of a stretch without marks. Raises Damaged."""
    if not any(character.isalpha() for character in words):
        raise Damaged("empty")
    new, old = Counter(words), Counter(source)
    for character, count in new.items():
        if _effective(character) and count > old[character]:
            raise Damaged("signs")
    long, short = weight(words), weight(source)
    if long > short * SPREAD + ROOM or short > long * SPREAD + ROOM:
        raise Damaged("length")
    if missing(words, source):
        raise Damaged("numbers")


def missing(words: str, source: str) -> bool:
    """Whether a number of two digits or more is gone; how thousands are parted, and the script, may change."""
    return bool(Counter(_numbers(source)) - Counter(_numbers(words)))


def weight(text: str) -> int:
    return len(text) + (DENSE - 1) * len(_DENSE.findall(text))


def require_alike(text: str, source: str) -> None:
    """Nothing is kept in one that is not kept in the other. Raises Damaged."""
    if _things(text) != _things(source):
        raise Damaged("things")


def _things(text: str) -> Counter[str]:
    """What a chat makes something of."""
    found = Counter(text[start:end] for start, end in staying(text))
    for line in taken_apart(text):
        found.update(kept.text for kept in line.kept if kept.text.startswith(("@", "#")))
    return found


def _effective(character: str) -> bool:
    """Whether it may be part of markup, or is not seen."""
    if character in "`*_~|<>@#[]\\":
        return True
    return unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") and character not in "\u200c\u200d"


def _numbers(text: str) -> list[str]:
    """Digits as they are said, without what parts thousands."""
    plain = "".join(
        str(unicodedata.digit(character))
        if character.isdigit() and unicodedata.digit(character, None) is not None
        else character
        for character in text
    )
    joined = re.sub(r"(?<=\d)(?:[.,'’\u066b\u066c]|[ \u202f\u00a0](?=\d{3}(?!\d)))(?=\d)", "", plain)
    return re.findall(r"[0-9]{2,}", joined)


def _spaced(runs: Sequence[str | Kept]) -> list[str | Kept]:
    """What is kept stays apart from words that it would run into; signs of Markdown stand close to what they mark."""
    spaced: list[str | Kept] = []
    opened: Counter[str] = Counter()
    glue = False
    for run in runs:
        if run == "":
            continue
        if isinstance(run, Kept):
            closing = run.sign and (run.text.startswith("]") or opened[run.text] % 2 == 1)
            opened[run.text] += run.sign
            before = spaced[-1] if spaced else ""
            if closing and isinstance(before, str):
                spaced[-1:] = [before.rstrip()] if before else []
            elif not run.sign and _runs_into(_end(before), run.text[0]):
                spaced.append(" ")
            spaced.append(run)
            glue = run.sign and not closing and run.text != "\\"
        else:
            before = spaced[-1] if spaced else ""
            if glue:
                run = run.lstrip()  # noqa: PLW2901
            elif isinstance(before, Kept) and _stands_apart(before) and _swallows(before.text, run[:1]):
                spaced.append(" ")
            spaced.append(run)
            glue = False
    return spaced


def _stands_apart(kept: Kept) -> bool:
    """Also the address of a link, which is no sign that closes a word."""
    return not kept.sign or kept.text.startswith("](")


def _end(run: str | Kept) -> str:
    return run[-1:] if isinstance(run, str) else "" if run.sign else run.text[-1]


def _runs_into(before: str, first: str) -> bool:
    return bool(before) and (before.isalnum() or before == "_") and bool(_OWN_SPACE.match(first))


def _swallows(kept: str, after: str) -> bool:
    """Whether what follows would become part of it."""
    if not after or after.isspace():
        return False
    if kept.startswith(("http", "ftp", "mailto", "discord:", "steam:", "@", "#", "/")) or "@" in kept:
        return after not in _CLOSING
    return (after.isalnum() or after == "_") and bool(kept.startswith("](") or _OWN_SPACE.match(kept[-1]))
