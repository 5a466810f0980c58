"""Cuts an answer of any length into messages, because Discord takes 2,000 characters and people read blocks.

A cut is decided from what stands in front of it alone: while a text grows, messages that are full never change, so a
streamed answer edits only its last message. Nothing but whitespace at a cut is lost; a code block that is cut is
closed and opened again with its language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.platforms.discord.graphemes import safe_cut
from bot.talk.units import units

LIMIT = 2000
"""Characters a message may have. Counted as UTF-16 units, which is never less than what Discord counts."""

_FENCE = re.compile(r"`{3,}")
_LANGUAGE = re.compile(r"([A-Za-z0-9_+.#-]{1,32})?[ \t]*(?:\n|\Z)")
_ITEM = re.compile(r"(?P<indent>[ \t]*)(?:[-*+]|\d{1,9}[.)])[ \t]")
_SENTENCE_END = re.compile(r"[.!?…:;][\"')\]»”]*(?=\s)|[。！？；]")
_SPACE = re.compile(r"(?<=\S)\s")
_WHOLE = re.compile(  # what reads badly in two halves
    r"\[[^\]\n]*\]\([^)\s]*\)"
    r"|<?https?://\S+"
    r"|``[^\n]+?``|`[^`\n]+`"
    r"|\*\*[^*\n]+\*\*|__[^_\n]+__|~~[^~\n]+~~|\|\|[^|\n]+\|\||\*[^*\s][^*\n]*\*"
)
_BEGUN = re.compile(r"(?:\[[^\]\n]*(?:\](?:\([^)\s]*)?)?|<?https?:[^\s]*|`[^`\n]*|\*\*[^*\n]*|__[^_\n]*)\Z")
_LONGEST_WHOLE = 600
_CLOSING = "\n```"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One message: `body` is a stretch of the original, `opening` and `closing` are what a cut code block needs."""

    body: str
    opening: str = ""
    closing: str = ""

    @property
    def text(self) -> str:
        return self.opening + self.body + self.closing


def split(text: str, *, limit: int = LIMIT, first: int | None = None) -> list[Chunk]:
    """The messages that show `text`, each of at most `limit` units, the first of at most `first`.

    An empty or blank text makes no message. Limits under 100 are a programming error: ValueError.
    """
    if min(limit, first or limit) < 100:
        raise ValueError("a message must hold at least 100 characters")
    chunks: list[Chunk] = []
    fence: str | None = None
    start = _skip(text, 0)
    room = first or limit
    while start < len(text):
        opening = "" if fence is None else f"```{fence}\n"
        end = _reach(text, start, room - len(opening) - len(_CLOSING))
        if end < len(text):
            end = start + _cut(text[start:end], text[end], fence)
        body = text[start:end].rstrip() if fence is None else text[start:end].rstrip("\n")
        inside = _state(text[start:end], fence)
        if body.strip():
            closing = "" if inside is None else _CLOSING
            chunks.append(Chunk(body=body, opening=opening, closing=closing))
        start = _skip(text, end) if inside is None else end + text.startswith("\n", end)
        fence = inside
        room = limit
    return chunks


def _skip(text: str, start: int) -> int:
    while start < len(text) and text[start].isspace():
        start += 1
    return start


def _reach(text: str, start: int, room: int) -> int:
    end = min(len(text), start + room)
    while (excess := units(text[start:end]) - room) > 0:
        end -= (excess + 1) // 2
    return end


def _fences(text: str, fence: str | None) -> Iterator[tuple[int, int, str]]:
    """Stretches inside code blocks as (start, end, language); the last may reach beyond the text: end is then -1."""
    begin, language = (0, fence) if fence is not None else (-1, "")
    for run in _FENCE.finditer(text):
        if begin < 0:
            named = _LANGUAGE.match(text, run.end())
            begin, language = run.start(), (named[1] or "") if named else ""
        else:
            yield begin, run.end(), language
            begin = -1
    if begin >= 0:
        yield begin, -1, language


def _state(text: str, fence: str | None) -> str | None:
    """The language of the code block that is open at the end of `text`; None outside of any."""
    for _, end, language in _fences(text, fence):
        if end < 0:
            return language
    return None


@dataclass(frozen=True, slots=True)
class _Best:
    """The last place found for each kind of cut."""

    block: int = 0
    line: int = 0
    inner_line: int = 0
    sentence: int = 0
    space: int = 0

    def choose(self, size: int) -> int:
        """A better kind of cut is worth a shorter message, to a degree; 0 where nothing is left but a hard cut."""
        for position, share in (
            (self.block, 0.4),
            (max(self.line, self.block), 0.3),
            (self.inner_line, 0.3),
            (self.sentence, 0.3),
            (max(self.space, self.sentence, self.inner_line, self.line, self.block), 0.1),
        ):
            if position >= max(1, size * share):
                return position
        return 0


def _cut(window: str, following: str, fence: str | None) -> int:
    """Where to end a message that starts with `window` and goes on with the character `following`."""
    code = [(begin, end if end >= 0 else len(window) + 1) for begin, end, _ in _fences(window, fence)]
    whole = [(found.start(), found.end()) for found in _WHOLE.finditer(window) if len(found[0]) <= _LONGEST_WHOLE]
    begun = _BEGUN.search(window, max(0, len(window) - _LONGEST_WHOLE))
    if begun and not _inside(begun.start(), code):
        whole.append((begun.start(), len(window) + 1))
    text = window + following
    block, line, inner = _lines(text, code)
    sentence = space = 0
    for found in _SENTENCE_END.finditer(text):
        if found.end() <= len(window) and not _inside(found.end(), code) and not _inside(found.end(), whole):
            sentence = found.end()
    for found in _SPACE.finditer(text):
        if not _inside(found.start(), code) and not _inside(found.start(), whole):
            space = found.start()
    best = _Best(block, line, inner, sentence, space).choose(len(window))
    if best:
        return best
    spaces = [found.start() for found in _SPACE.finditer(text) if not _inside(found.start(), whole)]
    if spaces and spaces[-1] >= len(window) // 2 and not _beside_fence(text, spaces[-1]):
        return spaces[-1]
    cut = safe_cut(window, following)
    run = next((run for run in _FENCE.finditer(text) if run.start() < cut < run.end()), None)
    return run.start() if run and run.start() else cut


def _lines(text: str, code: list[tuple[int, int]]) -> tuple[int, int, int]:
    """The last line ends between blocks, between lines or items, and inside a code block, table or item."""
    block = line = inner = 0
    in_list = False
    start = 0
    while (end := text.find("\n", start)) >= 0:
        this = text[start:end]
        following = text[end + 1 : (stop if (stop := text.find("\n", end + 1)) >= 0 else len(text))]
        item = _ITEM.match(following)
        in_list = bool(_ITEM.match(this)) or (in_list and (not this.strip() or this[:1].isspace()))
        if not this.strip():
            pass
        elif _inside(end, code):
            if not _beside_fence(text, end):
                inner = end
        elif not following.strip():
            block = end
        elif item:
            line = end
        elif _rows(this, following) or (in_list and following[:1].isspace()):
            inner = end
        else:
            line = end
        start = end + 1
    return block, line, inner


def _rows(this: str, following: str) -> bool:
    return this.lstrip().startswith("|") and following.lstrip().startswith("|")


def _inside(position: int, stretches: list[tuple[int, int]]) -> bool:
    return any(begin < position < end for begin, end in stretches)


def _beside_fence(text: str, newline: int) -> bool:
    """A cut here would leave an empty code block: the line before opens it, or the next one closes it or is unseen."""
    before = text[text.rfind("\n", 0, newline) + 1 : newline]
    after = text[newline + 1 :].lstrip(" \t")[:3]
    return before.lstrip().startswith("```") or not after or after.startswith("`")
