"""What the model reads of results, and what stands in their place where there is no room."""

from __future__ import annotations

from dataclasses import replace

from bot.agent.toolbox import Ran
from bot.talk.turn import Line, Part, Question, Result, Results, Whose

LAST_STEP = "(This was your last tool call for this question. Answer now with what you know.)"
NO_ROOM = "Error: the result is too large for the room that is left"
NO_ROOM_TO_SEE = "(The pictures need more room than is left.)"


def told(ran: tuple[Ran, ...], *, closing: bool) -> tuple[Part, ...]:
    """What the model reads of results: their words, then the pictures that came with them. `closing`: no more calls can
    follow."""
    results = Results(results=tuple(each.plain for each in ran))
    lines = tuple(
        replace(_whose(each), text=f"(picture {at} of what {each.name} gave)", images=(image,))
        for each in ran
        for at, image in enumerate(each.images, 1)
    )
    seen = (Question(lines=lines),) if lines else ()
    return (_closing(results) if closing else results, *seen)


def _whose(ran: Ran) -> Line:
    """A line that says whose the pictures are."""
    of = ran.of[0] if ran.of else Whose()
    return Line(text="", message=of.message, author=of.author, found=bool(ran.of))


def smaller(part: Part) -> Part | None:
    """What stands in its place where it does not fit; None for what cannot be left out."""
    match part:
        case Results(results=results):
            return Results(results=tuple(_too_large(result) for result in results))
        case Question(lines=lines) if any(line.images for line in lines):
            return Question(lines=(Line(text=NO_ROOM_TO_SEE),))
        case _:
            return None


def _closing(part: Results) -> Results:
    """The results, with the word that no more calls can follow."""
    *others, last = part.results
    return Results(results=(*others, replace(last, content=f"{last.content}\n{LAST_STEP}")))


def _too_large(result: Result) -> Result:
    note = f"\n{LAST_STEP}" if result.content.endswith(LAST_STEP) else ""
    return replace(result, content=NO_ROOM + note, failed=True, of=())
