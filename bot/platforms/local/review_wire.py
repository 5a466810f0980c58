"""What travels about reviews and figures, as documented in `docs/api.md`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.platforms.local.form_wire import Wire
from bot.platforms.local.people import clean_text
from bot.platforms.local.wire import Name
from bot.talk.form import FIELD_CHARS
from bot.talk.oversight import Figures, ReviewState

Words = Annotated[str, Field(max_length=FIELD_CHARS), AfterValidator(clean_text)]


class Decision(Wire):
    person: Name
    state: ReviewState


class Correction(Wire):
    person: Name
    question: Words
    answer: Words
    post: bool = False


class ReviewWire(Wire):
    """`html`: of the answer, sanitised, with its sources. `asker`: how whoever asked has voted, null where they have
    not. `notes`: what speaks against it, in words. `cursor`: reviews older than this one begin there."""

    turn: str
    channel: str
    question: str
    html: str
    at: datetime
    language: str
    state: str
    flags: tuple[str, ...]
    notes: tuple[str, ...]
    up: int
    down: int
    asker: str | None
    reasons: tuple[str, ...]
    link: str
    cursor: str


class ReviewsWire(Wire):
    """The latest first. `after`: where the next begin, null when there are none. `keeps`: right answers become part of
    the knowledge."""

    reviews: tuple[ReviewWire, ...]
    after: str | None
    keeps: bool


class LanguageWire(Wire):
    language: str
    numbers: dict[str, int]


class FiguresWire(Wire):
    first: date
    last: date
    total: dict[str, int]
    languages: tuple[LanguageWire, ...]

    @classmethod
    def of(cls, figures: Figures) -> FiguresWire:
        return cls(
            first=figures.first,
            last=figures.last,
            total={what.value: number for what, number in figures.total.items()},
            languages=tuple(
                LanguageWire(language=language, numbers={what.value: number for what, number in numbers})
                for language, numbers in figures.by_language
            ),
        )
