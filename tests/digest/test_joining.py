"""Points of many stretches become those of one digest, as many at a time as fit, and always come to an end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import cast

import pytest

from bot.digest.joining import POINT_TOKENS, joined
from bot.digest.merging import MOST
from bot.digest.pointing import Pointing
from bot.talk.digest import Length, Point, Section, Source
from tests.fakes import GENERAL, START

ROOM = 1000


def point(number: int) -> Point:
    at = START + timedelta(minutes=number)
    source = Source(message=f"m{number}", place=GENERAL, author_key="local:ana", sent_at=at)
    return Point(section=Section.DECIDED, text=f"Pier{number} and quay{number} were chosen", sources=(source,))


class FakePointing:
    """Keeps of the points that it is shown what it is told to keep; a token is a word."""

    def __init__(self, keeps: Callable[[Sequence[Point], int], Sequence[Point]]) -> None:
        self.room = ROOM
        self.asked: list[int] = []
        self._keeps = keeps

    async def measure_points(self, points: Sequence[Point]) -> None:
        return

    async def joined(self, points: Sequence[Point], *, most: int) -> tuple[Point, ...]:
        assert sum(self.tokens(each.text) + POINT_TOKENS for each in points) <= self.room
        self.asked.append(len(points))
        return tuple(self._keeps(points, most))

    def tokens(self, text: str) -> int:
        return len(text.split())


def latest(points: Sequence[Point], most: int) -> Sequence[Point]:
    return points[-most:]


def stretches(number: int) -> list[list[Point]]:
    return [[point(at * 8 + each) for each in range(8)] for at in range(number)]


async def joined_by(pointing: FakePointing, number: int) -> tuple[Point, ...]:
    return await joined(stretches(number), length=Length.NORMAL, pointing=cast("Pointing", pointing))


async def test_points_of_points_are_made_until_all_fit_one_request() -> None:
    pointing = FakePointing(latest)
    told = await joined_by(pointing, 90)
    assert len(told) == MOST[Length.NORMAL]
    assert len(pointing.asked) > 20  # requests about stretches, then about what they left
    assert told[-1] == point(90 * 8 - 1)


def nothing(_points: Sequence[Point], _most: int) -> Sequence[Point]:
    return ()


def everything(points: Sequence[Point], _most: int) -> Sequence[Point]:
    return points


@pytest.mark.parametrize("keeps", [nothing, everything])
async def test_a_model_that_joins_nothing_is_asked_once_and_the_code_chooses(
    keeps: Callable[[Sequence[Point], int], Sequence[Point]],
) -> None:
    pointing = FakePointing(keeps)
    told = await joined_by(pointing, 30)
    assert len(told) == MOST[Length.NORMAL]
    assert sum(pointing.asked) == 30 * 8


@pytest.mark.parametrize("number", [0, 1])
async def test_few_points_are_not_shown_to_the_model_again(number: int) -> None:
    pointing = FakePointing(latest)
    told = await joined_by(pointing, number)
    assert list(told) == [each for points in stretches(number) for each in points]
    assert pointing.asked == []


async def test_without_a_model_the_code_chooses() -> None:
    told = await joined(stretches(30), length=Length.SHORT, pointing=None)
    assert len(told) == MOST[Length.SHORT]
