"""A digest at once is made of people's own words, of as much of the end of the period as fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.digest.gathering import gathered
from bot.ports.digests import Kept, Spoken, Stage
from bot.talk.digest import Digest, Made, Order, Period
from bot.talk.message import Message, Place
from tests.fakes import ANA, BEN, GENERAL, START, said

LOUNGE = Place(platform="local", id="lounge", name="lounge")
DAY = timedelta(days=1)
ORDER = Order(
    platform="local", rooms=frozenset({GENERAL.room, LOUNGE.room}), period=Period(since=START - DAY, until=START)
)


class Talk:
    """What was said, as the store tells it; how much was read of it."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages = sorted(messages, key=lambda each: each.sent_at)
        self.read = 0

    def _of(self, place: Place, period: Period) -> list[Kept]:
        return [
            Kept(seq=seq, mark="", message=each)
            for seq, each in enumerate(self.messages)
            if each.place == place and period.since <= each.sent_at < period.until
        ]

    async def spoken(self, order: Order) -> tuple[Spoken, ...]:
        counted = (Spoken(place=place, messages=len(self._of(place, order.period))) for place in (GENERAL, LOUNGE))
        return tuple(each for each in counted if each.messages)

    async def said(self, place: Place, period: Period, *, after: Kept | None, limit: int) -> tuple[Kept, ...]:
        page = [each for each in self._of(place, period) if after is None or each.seq > after.seq][:limit]
        self.read += len(page)
        return tuple(page)

    async def sources(self, platform: str, ids: object) -> dict[str, Message]:
        raise NotImplementedError

    async def stages(self, place: Place, asked: str, period: Period) -> tuple[Stage, ...]:
        raise NotImplementedError

    async def save_stages(self, made: object, *, at: object) -> None:
        raise NotImplementedError

    def on_edited(self, call: object) -> None:
        raise NotImplementedError


def message(number: int, *, of: int, place: Place = GENERAL) -> Message:
    by = ANA if number % 2 else BEN
    text = f"Does anybody know where anchor number {number} of the harbour is?"
    at = START - DAY * (of - number) / of
    return replace(said(text, by=by, place=place, message_id=f"{place.id}-{number}"), sent_at=at)


async def test_it_covers_all_places_and_says_what_it_is_made_of() -> None:
    talk = Talk([message(1, of=4), message(2, of=4, place=LOUNGE), message(3, of=4)])
    digest = await gathered(talk, ORDER)
    assert (digest.messages, digest.people, digest.made) == (3, 2, Made.EXTRACTS)
    assert {source.place.id for point in digest.points for source in point.sources} == {"general", "lounge"}


async def test_of_very_much_the_latest_is_read_and_it_says_from_when_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.digest.gathering.READ", 20)
    monkeypatch.setattr("bot.digest.gathering.PAGE", 3)
    talk = Talk([message(number, of=300) for number in range(300)])
    digest: Digest = await gathered(talk, ORDER)
    assert 10 <= digest.messages == talk.read <= 20
    assert digest.period.until == START
    assert digest.period.since > START - DAY / 8
    sent = [source.sent_at for point in digest.points for source in point.sources]
    assert sent
    assert min(sent) >= digest.period.since


async def test_nothing_said_is_no_points() -> None:
    digest = await gathered(Talk([]), ORDER)
    assert (digest.messages, digest.points) == (0, ())
