"""What a translation must leave as it is, and marks that stand in its place before the model. Pure.

A text is taken apart into lines; what begins a line (a quote, a heading, a list) never goes to the model. In what is
left, code, links, mentions, emoji, times, signs of Markdown, names and words of the glossary are taken out, each for a
mark.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.ports.glossary import Term
from bot.talk.markup import staying
from bot.talk.matching import Matcher

_BEGINS = re.compile(r"[ \t]*(?:(?:>>>|>|#{1,3}|-#|[-*+•]|\d{1,3}[.)])[ \t]+)*")
_LINKED = re.compile(r"""\]\(<?(?:https?|discord)://[^\s()<>]{1,2000}>?(?:[ ]"[^"\n]{0,200}")?\)""")
_LABEL = re.compile(r"\[(?=[^\[\]\n]{1,500}\]\(<?(?:https?|discord)://)")
_STAYS = re.compile(
    r"""
      (?P<mark> <[ ]?/?[ ]?x[ ]?\d{1,6}[ ]?/?[ ]?> )
    | (?P<mention> (?<![\w.])@[^\s@<>,;:!?()\[\]{}"'*_~|`]{1,64} | (?<![\w&])\#[^\W\d][\w-]{1,99} )
    | (?P<path> (?<![\w])(?:[A-Za-z]:\\|~?/|\.{1,2}/)[\w./\\-]{2,200} )
    | (?P<thing> (?<![A-Za-z0-9_])(?: 0x[0-9a-fA-F]{1,32}
                | [A-Za-z0-9][A-Za-z0-9_-]{0,63}(?:[._][a-z0-9_-]{1,32}){1,8}
                | [A-Za-z][A-Za-z_-]{0,40}\d[A-Za-z0-9_-]{0,40} )(?![A-Za-z0-9_]) )
    | (?P<alone> (?<!\S)[*_~|]{1,3}(?!\S) )
    | (?P<sign> \*\*\*|\*\*|__|~~|\|\||\*(?=\S)|(?<=\S)\*|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)|\\(?=[^\w\s]) )
    """,
    re.VERBOSE,
)
"""Beyond `staying`: our own marks, names after @ and #, paths, versions and names of files, signs of Markdown."""

BETWEEN = " / "
"""Between words that something kept has parted."""

_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`text`: what stands there in the translation. `told`: what the model may know of it. `sign`: of Markdown, so that
    it keeps its place among the other signs."""

    text: str
    told: str = ""
    sign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Words and what is kept, in turn. `begins` and `ends` (spaces) stay with the line."""

    begins: str
    runs: tuple[str | Kept, ...]
    ends: str = ""

    @property
    def wordless(self) -> bool:
        return not any(isinstance(run, str) and _LETTER.search(run) for run in self.runs)

    @property
    def kept(self) -> tuple[Kept, ...]:
        return tuple(run for run in self.runs if isinstance(run, Kept))

    @property
    def words(self) -> str:
        return BETWEEN.join(run for run in self.runs if isinstance(run, str))

    @property
    def whole(self) -> str:
        return self.put(self.runs)

    def put(self, runs: Sequence[str | Kept]) -> str:
        """The line with these in place of its own."""
        return self.begins + "".join(run.text if isinstance(run, Kept) else run for run in runs) + self.ends


@dataclass(slots=True)
class _Spans:
    """From, to and what is kept, without overlaps; who comes first stays."""

    found: list[tuple[int, int, Kept]] = field(default_factory=list[tuple[int, int, Kept]])

    def add(self, start: int, end: int, kept: Kept) -> None:
        if end > start and all(end <= first or start >= last for first, last, _ in self.found):
            self.found.append((start, end, kept))

    def free(self, size: int) -> Iterator[tuple[int, int]]:
        at = 0
        for start, end, _ in sorted(self.found, key=lambda each: each[0]):
            if start > at:
                yield at, start
            at = end
        if at < size:
            yield at, size


def taken_apart(text: str, *, terms: Sequence[Term] = (), names: Collection[str] = ()) -> tuple[Line, ...]:
    """Lines which, joined by line ends, are the text (but for prescribed words of the glossary)."""
    spans = _Spans()
    stays = [(start, end, Kept(text=text[start:end])) for start, end in staying(text)]
    for start, end, kept in stays:
        if kept.text.startswith("`"):
            spans.add(start, end, kept)
    for pattern in (_LINKED, _LABEL):
        for each in pattern.finditer(text):
            spans.add(*each.span(), Kept(text=each.group(), sign=True))
    for span in stays:
        spans.add(*span)
    for start, end in list(spans.free(len(text))):
        for each in _STAYS.finditer(text, start, end):
            spans.add(*each.span(), Kept(text=each.group(), sign=each.lastgroup == "sign"))
    _words(text, spans, terms=terms, names=names)
    return tuple(_lines(text, spans.found))


def _words(text: str, spans: _Spans, *, terms: Sequence[Term], names: Collection[str]) -> None:
    written: Mapping[str, str] = {term.word: term.written[0] if term.written else term.word for term in terms}
    known = [name for name in names if _LETTER.search(name)]
    matcher = Matcher([*written, *known])
    for start, end in list(spans.free(len(text))):
        for first, last, _ in matcher.found(text[start:end]):
            word = text[start + first : start + last]
            shown = written.get(word, word)
            spans.add(start + first, start + last, Kept(text=shown, told=shown))


def _lines(text: str, spans: Sequence[tuple[int, int, Kept]]) -> Iterator[Line]:
    """At line ends outside of what is kept."""
    runs: list[str | Kept] = []
    at = 0
    for start, end, kept in [*sorted(spans, key=lambda each: each[0]), (len(text), len(text), None)]:
        first, *others = text[at:start].split("\n")
        runs.append(first)
        for other in others:
            yield _line(runs)
            runs = [other]
        if kept is not None:
            runs.append(kept)
        at = end
    yield _line(runs)


def _line(runs: list[str | Kept]) -> Line:
    begins = ends = ""
    if runs and isinstance(runs[0], str):
        found = _BEGINS.match(runs[0])
        begins = found.group() if found is not None else ""
        runs[0] = runs[0][len(begins) :]
    if runs and isinstance(runs[-1], str):
        ends = runs[-1][len(runs[-1].rstrip()) :]
        runs[-1] = runs[-1].rstrip()
    return Line(begins=begins, runs=tuple(run for run in runs if run != ""), ends=ends)
