"""A document cut into passages by its structure: headings, pages, rows, paragraphs. No word is lost or told twice."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from bot.talk.knowledge import HEADINGS, Chunk

MOST_CHARS = 1_200
"""Of one passage."""

MOST_CHUNKS = 10_000
"""Of one document. One with more, which is all headings, is cut without regard to them."""

HEADING_CHARS = 80
DEEPEST = 4
"""Headings of a path that are told, the nearest ones, each cut short."""

_HEADING = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(\S.*)")
_UNDERLINE = re.compile(r"[ ]{0,3}(=+|-+)[ \t]*")
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_PAGE = re.compile(r"\[page (\d+)\]")
_DELIMITERS = ",;\t|"
_SNIFFED = 8_192


def of_markup(text: str) -> tuple[Chunk, ...]:
    """Of Markdown, or of anything whose headings are marked as there. A passage is named by the headings above it."""
    return _bounded(text, _packed(_sections(text)))


def of_pages(text: str) -> tuple[Chunk, ...]:
    """Of a text whose pages begin with "[page 3]"."""
    return _bounded(text, _packed(_pages(text)))


def of_text(text: str) -> tuple[Chunk, ...]:
    return tuple(_packed([("", text)]))


def of_table(text: str) -> tuple[Chunk, ...]:
    """Of CSV: each row with the names of its columns. What is no such table is a text."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text)) if any(map(str.strip, row))]
    except csv.Error:
        return of_text(text)
    if len(rows) < 2 or len(rows[0]) < 2:
        return of_text(text)
    return _bounded(text, _rows(rows))


def title_of(text: str) -> str:
    """What a Markdown document calls itself in its first line; "" where it does not."""
    first = next((line for line in text.split("\n", maxsplit=20) if line.strip()), "")
    found = _HEADING.fullmatch(first)
    return _short(found.group(2)) if found else ""


def _bounded(text: str, chunks: Iterable[Chunk]) -> tuple[Chunk, ...]:
    found: list[Chunk] = []
    for chunk in chunks:
        found.append(chunk)
        if len(found) > MOST_CHUNKS:
            return of_text(text)
    return tuple(found)


def _packed(sections: Iterable[tuple[str, str]]) -> Iterator[Chunk]:
    for where, text in sections:
        for part in _parts(text):
            yield Chunk(text=part, where=where)


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Where and what. Headings with nothing below them but other headings go with the first words that follow."""
    path: list[tuple[int, str]] = []
    lines: list[str] = []
    said = False
    for line, level, title in _marked(text.split("\n")):
        if not level:
            lines.append(line)
            said = said or bool(line.strip())
            continue
        if said:
            yield _path(path), "\n".join(lines)
            lines, said = [], False
        lines.append(line)
        path = [*((depth, name) for depth, name in path if depth < level), (level, title)]
    yield _path(path), "\n".join(lines)


def _marked(lines: list[str]) -> Iterator[tuple[str, int, str]]:
    """Each line with the level and title of the heading that it is; 0 for all others."""
    fence = ""
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        opened = _FENCE.match(line)
        if fence:
            if opened and opened.group(1).startswith(fence) and not line.strip(" `~"):
                fence = ""
            yield line, 0, ""
            continue
        if opened:
            fence = opened.group(1)
            yield line, 0, ""
        elif heading := _HEADING.fullmatch(line):
            yield line, len(heading.group(1)), heading.group(2).rstrip("# \t") or heading.group(2)
        elif at < len(lines) and _titles(line) and (under := _UNDERLINE.fullmatch(lines[at])):
            yield f"{line}\n{lines[at]}", 1 if under.group(1)[0] == "=" else 2, line.strip()
            at += 1
        else:
            yield line, 0, ""


def _titles(line: str) -> bool:
    """Whether a line could be a title, if it is underlined: not a list, a quote or the head of a table."""
    return bool(line.strip()) and len(line) <= HEADING_CHARS and line.lstrip()[0] not in "-*+>|#`~=0123456789"


def _path(path: list[tuple[int, str]]) -> str:
    return HEADINGS.join(_short(name) for _, name in path[-DEEPEST:])


def _short(name: str) -> str:
    tidy = " ".join(name.split())
    return tidy if len(tidy) <= HEADING_CHARS else f"{tidy[: HEADING_CHARS - 1]}…"


def _pages(text: str) -> Iterator[tuple[str, str]]:
    where = ""
    lines: list[str] = []
    for line in text.split("\n"):
        if found := _PAGE.fullmatch(line):
            yield where, "\n".join(lines)
            where, lines = f"page {found.group(1)}", []
        else:
            lines.append(line)
    yield where, "\n".join(lines)


def _delimiter(text: str) -> str:
    """The one that the first line has most of."""
    first = text[:_SNIFFED].split("\n", maxsplit=1)[0]
    return max(_DELIMITERS, key=first.count)


def _rows(rows: list[list[str]]) -> Iterator[Chunk]:
    names = [" ".join(name.split()) for name in rows[0]]
    held: list[str] = []
    first = 2
    for number, row in enumerate(rows[1:], 2):
        named = (*names, *[""] * (len(row) - len(names)))
        cells = ((name, cell.strip()) for name, cell in zip(named, row, strict=False) if cell.strip())
        told = "; ".join(f"{name}: {cell}" if name else cell for name, cell in cells)
        if held and sum(map(len, held)) + len(held) + len(told) > MOST_CHARS:
            yield from _numbered(held, first, number - 1)
            held, first = [], number
        held.append(told)
    yield from _numbered(held, first, len(rows))


def _numbered(held: list[str], first: int, last: int) -> Iterator[Chunk]:
    where = f"row {first}" if first == last else f"rows {first}-{last}"
    for part in _parts("\n".join(held)):
        yield Chunk(text=part, where=where)


def _parts(text: str) -> Iterator[str]:
    """Of at most MOST_CHARS: whole paragraphs where they fit, else lines, sentences, words, at last characters."""
    held = ""
    for piece in _pieces(text, 0):
        if held and len(held) + len(piece) > MOST_CHARS:
            if tidy := _tidy(held):
                yield tidy
            held = ""
        held += piece
    if tidy := _tidy(held):
        yield tidy


_ENDS = (
    re.compile(r"\n[ \t]*\n+"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?])[ \t]+|(?<=[。！？])"),
    re.compile(r"[ \t]+"),
)


def _pieces(text: str, level: int) -> Iterator[str]:
    """What the text is joined from again, each short enough."""
    if len(text) <= MOST_CHARS:
        yield text
        return
    if level == len(_ENDS):
        for start in range(0, len(text), MOST_CHARS):
            yield text[start : start + MOST_CHARS]
        return
    begun = 0
    for end in _ENDS[level].finditer(text):
        if end.end() > begun:
            yield from _pieces(text[begun : end.end()], level + 1)
            begun = end.end()
    if begun < len(text):
        yield from _pieces(text[begun:], level + 1)


def _tidy(text: str) -> str:
    """Without empty lines around it; the first line's indent may be code's."""
    return text.strip("\n").rstrip()
