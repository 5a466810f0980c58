"""Whether an answer rests on what was supplied for it. Pure, and no matter of the model's word.

An answer is grounded when it cites, as [n], at least one passage of the community's knowledge that was supplied in this
turn; where nothing was, one that stands in the conversation's earlier results. A number that was never supplied does
not count, and is taken out. Code cites nothing. Nobody is called for thanks, a greeting or emoji; what is said to them
is ours, since of no sentence of a model code can say that nothing in it could be looked up.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.answer.sources import CITED, CODE, cited_in
from bot.talk.turn import Part, Results

KNOWLEDGE = frozenset({"search_knowledge"})
"""The tools that give passages of the community's knowledge."""

_NUMBERED = re.compile(r"^\[(\d{1,3})\] ", re.MULTILINE)
_BEGUN = re.compile(r"`[^`\n]*\Z")
_SUPPOSED = re.compile(rf"[ \t]?{CITED.pattern}(?:\([^()\s]*\))?")


def numbered_in(parts: Iterable[Part], tools: Collection[str] | None = None) -> frozenset[int]:
    """The numbers of passages in results that are there; `tools`: in those of these tools alone."""
    return frozenset(
        int(number)
        for part in parts
        if isinstance(part, Results)
        for result in part.results
        if not result.failed and (tools is None or result.name in tools)
        for number in _NUMBERED.findall(result.content)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What an answer may cite. `real`: all that was supplied; `knowledge`: of that what the community's knowledge gave,
    without which an answer rests on nothing: what people said, and what stands on the web, anybody can have written."""

    real: frozenset[int] = frozenset()
    knowledge: frozenset[int] = frozenset()


def supplied(parts: Iterable[Part], sources: int, earlier: Numbers) -> Numbers:
    """`parts`: of this turn; `sources`: how many it was given; `earlier`: what counts where it was given none."""
    if not sources:
        return earlier
    real = frozenset(range(1, sources + 1))
    return Numbers(real=real, knowledge=numbered_in(parts, KNOWLEDGE) & real)


def before(parts: Collection[Part]) -> Numbers:
    """What the conversation was given before."""
    return Numbers(real=numbered_in(parts), knowledge=numbered_in(parts, KNOWLEDGE))


def cites(text: str, numbers: Collection[int], *, growing: bool = False) -> bool:
    """`growing`: code at its end may not be closed yet."""
    if growing:
        text = _BEGUN.sub("", CODE.sub("", text))
    return any(number in numbers for number in cited_in(text))


def without_invented(text: str, numbers: Collection[int]) -> str:
    """The text without citations of what was never supplied; code is left as it is."""

    def kept(found: re.Match[str]) -> str:
        named = [each.strip() for each in re.split(r"[,;]", found[1])]
        real = [each for each in named if int(each) in numbers]
        if len(real) == len(named):
            return found[0]
        space = found[0][: len(found[0]) - len(found[0].lstrip())]
        return f"{space}[{', '.join(real)}]" if real else ""

    pieces, at = list[str](), 0
    for code in CODE.finditer(text):
        pieces += [_SUPPOSED.sub(kept, text[at : code.start()]), code[0]]
        at = code.end()
    return "".join((*pieces, _SUPPOSED.sub(kept, text[at:])))
