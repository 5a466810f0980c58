"""The glossary of the community: read from its file, read again when that changes, asked what a text has of it."""

from __future__ import annotations

import asyncio
import logging
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.ports.glossary import Prescribed, Term
from bot.services.glossary_file import MOST_BYTES, TAG, Row, Table, parse
from bot.talk.finding import Finding, Level
from bot.talk.markup import staying
from bot.talk.matching import Matcher

MOST_STAYING = 200
"""Of what stays as it is, so much is listed."""

MOST_TOLD = 20
"""Of what is wrong with the file, so many lines are told."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    table: Table
    matcher: Matcher
    rows: tuple[Row, ...]
    """To each word of the matcher."""


class FileGlossary:
    """The port `Glossary`, and what the doctor looks at. While the file cannot be read, what it said last holds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = asyncio.Lock()
        self._stamp: object = None
        self._loaded = _load(Table())

    async def prescribed(self, text: str, *, to: str) -> Prescribed:
        if not TAG.fullmatch(to.strip()):
            raise ValueError("give the language as a tag, like de, ja or pt-BR")
        loaded = await self._fresh()
        return await asyncio.to_thread(_prescribed, loaded, text, to.strip().casefold())

    async def examine(self) -> Sequence[Finding]:
        table = await asyncio.to_thread(_read, self._path)
        if table.problems:
            mend = "Mend these lines of GLOSSARY_FILE; it is read again by itself. docs/knowledge.md shows the form."
            return tuple(
                Finding(level=Level.WARNING, topic="glossary", found=problem, mend=mend)
                for problem in table.problems[:MOST_TOLD]
            )
        found = f"{len(table.rows)} terms in {', '.join(table.languages)}"
        return (Finding(level=Level.OK, topic="glossary", found=found),)

    async def _fresh(self) -> _Loaded:
        async with self._lock:
            stamp = await asyncio.to_thread(_stamp, self._path)
            if stamp != self._stamp:
                table = await asyncio.to_thread(_read, self._path)
                for problem in table.problems[:MOST_TOLD]:
                    log.warning("glossary: %s", problem)
                if table.languages:
                    self._loaded = await asyncio.to_thread(_load, table)
                self._stamp = stamp
            return self._loaded


def _stamp(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _read(path: Path) -> Table:
    try:
        with path.open("rb") as file:
            return parse(file.read(MOST_BYTES + 1))
    except OSError as error:
        return Table(problems=(f"it cannot be read ({error.strerror or type(error).__name__})",))


def _load(table: Table) -> _Loaded:
    forms = [(form, row) for row in table.rows for several in row.forms.values() for form in several]
    return _Loaded(table=table, matcher=Matcher(form for form, _ in forms), rows=tuple(row for _, row in forms))


def _prescribed(loaded: _Loaded, text: str, to: str) -> Prescribed:
    plain = unicodedata.normalize("NFC", text)
    column = _column(loaded.table.languages, to)
    stays: dict[str, None] = {}
    terms: dict[str, Term] = {}
    at = 0
    for start, end in [*staying(plain), (len(plain), len(plain))]:
        for begins, ends, numbers in loaded.matcher.found(plain[at:start]):
            word = plain[at + begins : at + ends]
            term = _term(word, [loaded.rows[number] for number in numbers], column)
            if term is not None:
                terms.setdefault(word, term)
        if end > start and len(stays) < MOST_STAYING:
            stays.setdefault(plain[start:end])
        at = end
    return Prescribed(
        terms=tuple(terms.values()),
        stays=tuple(stays),
        languages=loaded.table.languages,
        known=column is not None,
    )


def _column(languages: tuple[str, ...], to: str) -> str | None:
    """The column of a language; where there is none so exact, one of the same language."""
    folded = [language.casefold() for language in languages]
    if to in folded:
        return to
    main = to.partition("-")[0]
    if main in folded:
        return main
    return next((language for language in folded if language.partition("-")[0] == main), None)


def _term(word: str, rows: list[Row], column: str | None) -> Term | None:
    """None where nothing is prescribed for this language."""
    written: dict[str, None] = {}
    for row in rows:
        if row.keep:
            return Term(word=word)
        if column is not None and column in row.forms:
            if word in row.forms[column]:
                return Term(word=word)
            written.setdefault(row.forms[column][0])
    return Term(word=word, written=tuple(written)) if written else None
