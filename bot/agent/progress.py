"""How far a turn has come, as a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.agent.toolbox import Ran
from bot.talk.found import Source
from bot.talk.record import CallCost, Usage
from bot.talk.turn import Call, Line, Part, Piece, Question, Reply, Result, Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The model has answered. `cut`: at the reply limit."""

    reply: Reply
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a turn is: all parts so far (the last may still be growing), the text to show, the calls at work.

    `pieces` are rendered for all but a growing part. `done` is the answer once there is one. `sources`, `privately` and
    `asked` are what results gave beside their words: where it was found, whether a private answer could use more, and
    the calls of which somebody has to approve. `across`: results may hold what was said elsewhere.
    """

    text: str
    working: tuple[Call, ...] = ()
    parts: tuple[tuple[Part, Piece], ...] = ()
    growing: str = ""
    usage: Usage = field(default_factory=Usage)
    done: Answered | None = None
    sources: tuple[Source, ...] = ()
    privately: bool = False
    asked: tuple[Call, ...] = ()
    across: bool = False


def beside(progress: Progress, calls: tuple[Call, ...], ran: tuple[Ran, ...]) -> Progress:
    """With what goes to people beside the results."""
    sources = dict.fromkeys((*progress.sources, *(source for each in ran for source in each.sources)))
    asked = tuple(each.call or call for call, each in zip(calls, ran, strict=True) if each.asked)
    return replace(
        progress,
        sources=tuple(sources),
        privately=progress.privately or any(each.privately for each in ran),
        asked=(*progress.asked, *asked),
        across=progress.across or any(each.across for each in ran),
        usage=replace(progress.usage, calls=(*progress.usage.calls, *map(_cost, ran))),
    )


def _cost(ran: Ran) -> CallCost:
    return CallCost(
        id=ran.call_id,
        outcome=ran.outcome,
        seconds=round(ran.seconds, 3),
        chars=len(ran.content),
        secret=tuple(sorted(ran.secret)),
    )


def settled(progress: Progress) -> Progress:
    """Its whole steps alone, without what was growing."""
    text = ""
    for at, (part, _) in enumerate(progress.parts):
        if isinstance(part, Reply) and not _replaced(progress.parts[at + 1 :]):
            text = joined(text, part.text)
    return replace(progress, text=text, working=(), growing="", done=None)


AMENDING = "(Your last answer was taken back. "
"""How every request for another answer begins; people's words never stand alone in a question."""


def amending(why: str) -> Question:
    """Asks for another answer in place of the last."""
    return Question(lines=(Line(text=f"{AMENDING}{why})"),))


def is_amending(part: Part) -> bool:
    if not isinstance(part, Question) or len(part.lines) != 1:
        return False
    (line,) = part.lines
    return line.message is None and line.author is None and line.text.startswith(AMENDING)


def amendments(progress: Progress) -> int:
    """Answers of the turn that were taken back."""
    return sum(is_amending(part) for part, _ in progress.parts)


def _replaced(after: Sequence[tuple[Part, Piece]]) -> bool:
    """Whether what comes next asks for another answer in place of the one before."""
    return bool(after) and is_amending(after[0][0])


def unfinished(progress: Progress) -> tuple[Part, ...]:
    """What makes an answer that was stopped in the middle a whole turn: no call without its result, a last reply."""
    parts: list[Part] = []
    last = progress.parts[-1][0] if progress.parts else None
    if isinstance(last, Reply) and last.calls:
        parts.append(Results(results=tuple(_not_run(call) for call in last.calls)))
    parts.append(Reply(text=progress.growing))
    return tuple(parts)


def _not_run(call: Call) -> Result:
    return Result(call_id=call.id, name=call.name, content="Error: stopped by the person who asked", failed=True)


def earlier(progress: Progress) -> tuple[tuple[Call, ...], ...]:
    """The calls of every step but the last."""
    return tuple(part.calls for part, _ in progress.parts if isinstance(part, Reply))[:-1]


def joined(before: str, text: str) -> str:
    return f"{before}\n\n{text.lstrip()}" if before and text.strip() else before or text
