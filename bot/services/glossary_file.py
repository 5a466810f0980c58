"""The glossary as a file: CSV whose first row names languages, a term a row below.

    en,de,fr,keep
    channel|channels,Kanal|Kanäle,salon|salons,
    Calanque,,,yes

A cell may give several forms of a word, parted by "|": all are recognised, and the first is the one to write. A word
whose `keep` cell says anything is never translated, and so is one that is the same in both languages.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass

MOST_BYTES = 4 * 1024 * 1024
MOST_TERMS = 20_000
MOST_CHARS = 100
"""Of one form of a word."""

MOST_COLUMNS = 100
KEEP = "keep"
TAG = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}")
_FALSE = frozenset({"", "no", "n", "false", "0", "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`forms` by language tag in lower case, each with at least one. `keep`: never translated."""

    forms: dict[str, tuple[str, ...]]
    keep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`languages` as the file writes them. `problems`: by line; such lines are left out."""

    rows: tuple[Row, ...] = ()
    languages: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def parse(data: bytes) -> Table:
    """Never raises: what is wrong is told with its line."""
    if len(data) > MOST_BYTES:
        return Table(problems=(f"it is larger than {MOST_BYTES // 2**20} MiB",))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return Table(problems=(f"line {line}: it is not UTF-8; save the file as UTF-8",))
    if "\0" in text:
        return Table(problems=(f"line {text[: text.index(chr(0))].count(chr(10)) + 1}: it holds binary data",))
    return _table(unicodedata.normalize("NFC", text))


def _table(text: str) -> Table:
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True)
    problems: list[str] = []
    rows: list[Row] = []
    tags: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not tags:
                tags = [cell.strip() for cell in cells]
                if wrong := _wrong_head(tags):
                    return Table(problems=(f"line {reader.line_num}: {wrong}",))
                continue
            if len(rows) >= MOST_TERMS:
                problems.append(f"line {reader.line_num}: more than {MOST_TERMS} terms; the rest is left out")
                break
            row = _row(tags, cells)
            if isinstance(row, str):
                problems.append(f"line {reader.line_num}: {row}")
            else:
                rows.append(row)
    except csv.Error as error:
        problems.append(f"line {reader.line_num}: {error}; what follows is left out")
    if not tags:
        problems.append("line 1: it is empty; the first row names languages, like en,de,keep")
    languages = tuple(tag for tag in tags if tag.casefold() != KEEP)
    return Table(rows=tuple(rows), languages=languages, problems=tuple(problems))


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _wrong_head(tags: list[str]) -> str:
    folded = [tag.casefold() for tag in tags]
    if len(tags) > MOST_COLUMNS:
        return f"more than {MOST_COLUMNS} columns"
    for tag in tags:
        if tag.casefold() != KEEP and not TAG.fullmatch(tag):
            return f"{tag[:40]!r} is no language tag; the first row names languages, like en or pt-BR, and perhaps keep"
    twice = next((tag for tag in tags if folded.count(tag.casefold()) > 1), None)
    if twice is not None:
        return f"the column {twice} stands there twice"
    return "" if set(folded) - {KEEP} else "no column names a language"


def _row(tags: list[str], cells: list[str]) -> Row | str:
    """Or else what is wrong with it."""
    if any(cell.strip() for cell in cells[len(tags) :]):
        return f"it has {len(cells)} cells, and there are {len(tags)} columns; quote cells that hold a comma"
    forms: dict[str, tuple[str, ...]] = {}
    keep = False
    for tag, cell in zip(tags, cells, strict=False):
        if tag.casefold() == KEEP:
            keep = cell.strip().casefold() not in _FALSE
            continue
        several = tuple(form for part in cell.split("|") if (form := " ".join(part.split())))
        if any(len(form) > MOST_CHARS for form in several):
            return f"a word in the column {tag} is longer than {MOST_CHARS} characters"
        if any(not form.isprintable() for form in several):
            return f"a word in the column {tag} holds characters that cannot be seen"
        if several:
            forms[tag.casefold()] = several
    if not forms:
        return "no column has a word"
    if len(forms) == 1 and not keep and len([tag for tag in tags if tag.casefold() != KEEP]) > 1:
        return "only one language has a word: give another, or say yes in the column keep"
    return Row(forms=forms, keep=keep)
