"""Points of many stretches become those of one digest: by the model, as many at a time as fit, and then by code."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.digest import merging
from bot.digest.pointing import Pointing
from bot.talk.digest import Length, Point

LEVELS = 6
"""Times that points of points are made, at most."""
FEWER = 3
"""Of so many points of one request, one is asked for, where there are more requests."""
POINT_TOKENS = 12
"""Of a point's line beside its text."""


async def joined(
    stretches: Sequence[Sequence[Point]], *, length: Length, pointing: Pointing | None
) -> tuple[Point, ...]:
    """`stretches` in the order of time. `pointing` None: without the model."""
    level = [list(points) for points in stretches if points]
    most = merging.MOST[length]
    for _ in range(LEVELS):
        if pointing is None or len(level) < 2 or sum(map(len, level)) <= most:
            break
        await pointing.measure_points([point for points in level for point in points])
        groups = _grouped(level, pointing)
        if len(groups) == len(level):
            break
        last = len(groups) == 1
        above = [await _fewer(group, pointing, most if last else max(most, len(group) // FEWER)) for group in groups]
        if sum(map(len, above)) >= sum(map(len, level)):
            break
        level = above
    return await asyncio.to_thread(merging.merged, level, length=length)


async def _fewer(points: list[Point], pointing: Pointing, most: int) -> list[Point]:
    """The model's, where there are any; else they stay as they are, and the code chooses."""
    return list(await pointing.joined(points, most=most)) or points


def _grouped(level: Sequence[list[Point]], pointing: Pointing) -> list[list[Point]]:
    """Neighbours together, as long as they fit."""
    groups: list[list[Point]] = [[]]
    left = pointing.room
    for points in level:
        tokens = sum(pointing.tokens(point.text) + POINT_TOKENS for point in points)
        if tokens > left and groups[-1]:
            groups.append([])
            left = pointing.room
        groups[-1] += points
        left -= tokens
    return groups
