"""Tells whoever waits where they stand, in a small line of the growing answer: their place, what is read, how long yet.

The line says no more than is known, changes only when it would read differently, and never often.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.lanes.standing import Delay, Standing
from bot.languages.phrases import Phrases
from bot.ports import Clock

log = logging.getLogger(__name__)

FIRST_SECONDS = 2.0
"""A wait that is over sooner needs no words."""

LOOK_SECONDS = 1.0
"""Between two looks."""

EVERY_SECONDS = 5.0
"""Between two edits at least."""

TIME_ALONE_SECONDS = 15.0
"""Between two edits that would only tell of time going by."""

LEAST_SECONDS = 3.0
LEAST_TOKENS = 2000
"""At the engine, less reading than this is not worth a word."""

DELAYS = {
    Delay.SLOW: "line-engine-slow",
    Delay.AWAY: "line-engine-away",
    Delay.MODEL_MISSING: "line-model-missing",
}

NOTHING = (0, 0, Delay.NONE)

ROUND_SECONDS = (5, 10, 15, 20, 30, 45)
"""Estimates are said as one of these, from there on in minutes."""


def sentence(standing: Standing, phrases: Phrases) -> str:
    """What is said of it; nothing where it is not worth a word."""
    said: list[str] = []
    if (delay := DELAYS.get(standing.delay)) is not None:
        # Whoever is first, and only waits for the engine, is not told that they are number one.
        place = [phrases.say("line-place", place=standing.place)] if standing.place > 1 else []
        return " · ".join([*place, phrases.say(delay)])
    if standing.place:
        said.append(phrases.say("line-place", place=standing.place))
    elif standing.tokens < LEAST_TOKENS or (standing.seconds is not None and standing.seconds < LEAST_SECONDS):
        return ""
    if standing.tokens >= LEAST_TOKENS:
        said.append(phrases.say("line-reading", thousands=round(standing.tokens / 1000)))
    if standing.seconds is not None:
        said.append(_duration(standing.seconds, phrases))
    return " · ".join(said)


@asynccontextmanager
async def telling(
    where: Callable[[], Standing | None],
    show: Callable[[str], None],
    *,
    at_first: Callable[[], Awaitable[None]],
    phrases: Phrases,
    clock: Clock,
    shown: Callable[[], str] | None = None,
) -> AsyncGenerator[None]:
    """While this lasts, `show` is called with what is to be said of `where`, "" where nothing is any more.

    `shown`: what of it stands there, where others take it away as well. `at_first` is awaited once, when somebody is
    found waiting: to find out more.
    """
    task = asyncio.create_task(
        _tell(where, show, shown, at_first, phrases=phrases, clock=clock), name="telling where a turn stands"
    )
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("where a turn stands could not be told", exc_info=error)


async def _tell(
    where: Callable[[], Standing | None],
    show: Callable[[str], None],
    stands: Callable[[], str] | None,
    at_first: Callable[[], Awaitable[None]],
    *,
    phrases: Phrases,
    clock: Clock,
) -> None:
    shown, words, edited = "", NOTHING, float("-inf")
    await clock.sleep(FIRST_SECONDS)
    if where() is not None:
        await at_first()
    while True:
        standing = where()
        shown = shown if stands is None else stands()
        said = "" if standing is None else sentence(standing, phrases)
        now_words = NOTHING if standing is None else (standing.place, standing.tokens, standing.delay)
        passed = clock.monotonic() - edited
        time_alone = bool(said and shown) and now_words == words
        if said != shown and passed >= (TIME_ALONE_SECONDS if time_alone else EVERY_SECONDS):
            show(said)
            shown, words, edited = said, now_words, clock.monotonic()
        await clock.sleep(LOOK_SECONDS)


def _duration(seconds: float, phrases: Phrases) -> str:
    rounded = next((each for each in ROUND_SECONDS if seconds <= each), None)
    if rounded is not None:
        return phrases.say("line-seconds", seconds=rounded)
    return phrases.say("line-minutes", minutes=-(-int(seconds) // 60))
