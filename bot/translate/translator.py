"""Translates a text: as a whole, once more where it came back damaged, then piece by piece; else it fails.

Whatever comes of it, what must stay stands in it as it was.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from bot.errors import TranslationFailed
from bot.lanes.engines import Engines
from bot.languages.identify import Identifier
from bot.languages.model import Identifies
from bot.languages.plain import letters, words_of
from bot.languages.tags import main, same
from bot.ports import Counters
from bot.ports.glossary import Glossary, Term
from bot.ports.translation import Translated
from bot.settings import EngineSettings
from bot.talk.message import Conversation
from bot.translate.asking import Asks
from bot.translate.judging import Damaged, judge_words, mark, marked, require_alike, restored
from bot.translate.protecting import Kept, Line, taken_apart
from bot.translate.request import asked, lines_of

MOST_CHARS = 12_000
"""Of a text."""

AT_ONCE = 1500
"""Characters of lines that one request has, or one line."""

TRIES = 2
"""Of a request as a whole, before it is taken to pieces."""

MOST_PIECES = 60
"""Of one text, that are translated one by one."""

LEAST_LETTERS = 20
"""In which the language of a translation is looked at."""

MARGIN = 6.0
"""Of the score, by which a text must be in the language asked for to be left as it is."""


@dataclass(slots=True)
class _Work:
    """One text. `left`: pieces that may still be asked for one by one."""

    asks: Asks
    identifier: Identifier
    to: str
    source: str
    left: int = MOST_PIECES
    outcomes: set[str] = field(default_factory=set[str])


class Translator:
    """The port `Translates`. `identifies`: the model that tells languages."""

    def __init__(
        self,
        engines: Engines,
        *,
        identifies: Identifies,
        glossary: Glossary | None,
        settings: EngineSettings,
        counters: Counters,
    ) -> None:
        self._engines = engines
        self._identifies = identifies
        self._glossary = glossary
        self._settings = settings
        self._counters = counters

    async def translated(
        self,
        text: str,
        *,
        to: str,
        source: str = "",
        conversation: Conversation,
        waits: bool = True,
        names: Collection[str] = (),
    ) -> Translated:
        lines = taken_apart(text, terms=await self._terms(text, to), names=names)
        identifier = await self._identifies()
        if all(line.wordless for line in lines):
            return self._same(text, source, to)
        source = _source(identifier, text, to=to, source=source)
        if source and same(source, to):
            return self._same(text, source, to)
        if len(text) > MOST_CHARS:
            raise self._failed("length")
        asks = Asks(self._engines, conversation, waits=waits, settings=self._settings)
        work = _Work(asks=asks, identifier=identifier, to=to, source=source)
        try:
            made = await _translated(work, lines)
        except Damaged as damage:
            raise self._failed(str(damage)) from None
        except TranslationFailed:
            self._counters.add("translations_total", outcome="failed")
            raise
        outcome = next((each for each in ("pieces", "again") if each in work.outcomes), "whole")
        self._counters.add("translations_total", outcome=outcome)
        return Translated(text=made, source=source, to=to)

    async def _terms(self, text: str, to: str) -> tuple[Term, ...]:
        if self._glossary is None:
            return ()
        try:
            return (await self._glossary.prescribed(text, to=to)).terms
        except ValueError:
            return ()  # a tag that no glossary can have

    def _same(self, text: str, source: str, to: str) -> Translated:
        self._counters.add("translations_total", outcome="same")
        return Translated(text=text, source=source, to=to, same=True)

    def _failed(self, why: str) -> TranslationFailed:
        self._counters.add("translations_total", outcome="failed")
        return TranslationFailed(f"a translation was not usable: {why}")


def _source(identifier: Identifier, text: str, *, to: str, source: str) -> str:
    """What it is in; "" where that is not known. What is said of it is believed unless the words deny it."""
    if source:
        heard = identifier.heard(text, (source, to), before=(source,))
        return to if heard.sure and same(heard.language, to) else source
    found, margin = identifier.of(text)
    enough = letters(words_of(text)) >= LEAST_LETTERS or margin >= MARGIN
    if found == main(to):
        return to if enough else ""
    return found if enough else ""


async def _translated(work: _Work, lines: Sequence[Line]) -> str:
    made: dict[int, str] = {}
    group: list[int] = []
    size = 0
    for at, line in enumerate(lines):
        if line.wordless:
            made[at] = line.whole
            continue
        if group and size + len(line.whole) > AT_ONCE:
            made.update(await _group(work, lines, group))
            group, size = [], 0
        group.append(at)
        size += len(line.whole)
    if group:
        made.update(await _group(work, lines, group))
    whole = "\n".join(made[at] for at in range(len(lines)))
    require_alike(whole, "\n".join(line.whole for line in lines))
    return whole


async def _group(work: _Work, lines: Sequence[Line], group: Sequence[int]) -> dict[int, str]:
    """Of some lines, by their numbers. Raises Damaged, and as `Asks.said`."""
    firsts: list[int] = []
    first = 1
    for at in group:
        firsts.append(first)
        first += len(lines[at].kept)
    shown = [marked(lines[at], first) for at, first in zip(group, firsts, strict=True)]
    told = [
        (mark(first + number), kept.told)
        for at, first in zip(group, firsts, strict=True)
        for number, kept in enumerate(lines[at].kept)
        if kept.told
    ]
    text = asked(shown, to=work.to, source=work.source, told=told)
    for attempt in range(TRIES):
        try:
            said = _counted(await work.asks.said(text), len(group))
            made = [restored(one, lines[at], first) for one, at, first in zip(said, group, firsts, strict=True)]
            _require_language(work, said, [lines[at].words for at in group])
        except Damaged:
            work.outcomes.add("again")
            if attempt == TRIES - 1:
                break
        else:
            return dict(zip(group, made, strict=True))
    work.outcomes.add("pieces")
    return {at: await _piecewise(work, lines[at]) for at in group}


async def _piecewise(work: _Work, line: Line) -> str:
    """Only what stands between what is kept is translated, each by itself."""
    runs: list[str | Kept] = []
    for run in line.runs:
        if isinstance(run, Kept) or not any(character.isalpha() for character in run):
            runs.append(run)
            continue
        bare = run.strip()
        before = run[: len(run) - len(run.lstrip())]
        runs.append(f"{before}{await _piece(work, bare)}{run[len(run.rstrip()) :]}")
    whole = line.put(runs)
    require_alike(whole, line.whole)
    return whole


async def _piece(work: _Work, words: str) -> str:
    if work.left <= 0:
        raise Damaged("pieces")
    work.left -= 1
    (said,) = _counted(await work.asks.said(asked([words], to=work.to, source=work.source)), 1)
    judge_words(said, words)
    _require_language(work, [said], [words])
    return said


def _counted(reply: str, count: int) -> list[str]:
    said = lines_of(reply)
    if len(said) != count:
        raise Damaged("lines")
    return said


def _require_language(work: _Work, said: Sequence[str], words: Sequence[str]) -> None:
    """Few letters say nothing; names and loan words are alike in many languages. Raises Damaged."""
    text = words_of(" ".join(said))
    if letters(text) < LEAST_LETTERS:
        return
    expected = (work.to, work.source) if work.source else (work.to,)
    heard = work.identifier.heard(text, expected, before=(work.to,))
    echoed = words_of(" ".join(words)) == text
    if heard.outside or not same(heard.language, work.to) or (echoed and work.source):
        raise Damaged("language")
