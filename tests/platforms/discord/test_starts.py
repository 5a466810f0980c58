"""Sessions are begun sparingly: a program that crashes all day must not cost the operator the token."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.platforms.discord.starts import Allowance, Pauses, Starts
from bot.ports import Clock
from tests.discord_server import DiscordServer
from tests.fakes import FakeClock, FakeCounters
from tests.platforms.discord.bench import Facts, bench
from tests.platforms.discord.conftest import Community
from tests.settling import settle

DAY = 86_400


def limits(remaining: int, *, reset_after: float = DAY, total: int = 1000, concurrency: int = 1) -> dict[str, int]:
    return {
        "total": total,
        "remaining": remaining,
        "reset_after": int(reset_after * 1000),
        "max_concurrency": concurrency,
    }


class Discord:
    """Counts sessions as Discord does."""

    def __init__(self, clock: FakeClock, remaining: int = 1000) -> None:
        self.clock = clock
        self.remaining = remaining

    async def ask(self) -> dict[str, int]:
        return limits(self.remaining, reset_after=max(0.0, DAY - self.clock.monotonic()))


async def begin(discord: Discord, clock: Clock) -> Starts:
    """A new process begins a session."""
    starts = Starts(clock, FakeCounters())
    await starts.cleared(discord.ask)
    await starts.apart(0)
    discord.remaining -= 1
    return starts


async def test_while_plenty_is_left_nobody_waits() -> None:
    clock = FakeClock()
    discord = Discord(clock)
    for _ in range(499):
        await begin(discord, clock)
    assert clock.monotonic() == 0


async def test_a_program_that_crashes_all_day_leaves_the_reserve_to_the_operator() -> None:
    clock = FakeClock()
    discord = Discord(clock)

    async def crash_all_day() -> None:
        while True:
            await begin(discord, clock)

    crashing = asyncio.create_task(crash_all_day())
    for _ in range(DAY // 60 - 1):
        await settle()
        await clock.advance(60)
    crashing.cancel()
    assert 20 <= discord.remaining <= 60


async def test_the_reserve_waits_until_the_count_begins_anew() -> None:
    clock = FakeClock()
    discord = Discord(clock, remaining=20)
    beginning = asyncio.create_task(begin(discord, clock))
    for _ in range(DAY // 900 - 1):
        await settle()
        await clock.advance(900)
    assert not beginning.done()
    discord.remaining = 1000
    await clock.advance(1800)
    await beginning


async def test_a_process_that_has_not_begun_a_session_for_hours_need_not_wait() -> None:
    clock = FakeClock()
    discord = Discord(clock, remaining=300)
    starts = Starts(clock, FakeCounters())
    await clock.advance(3600)
    await starts.cleared(discord.ask)


async def test_the_wait_can_be_cancelled() -> None:
    clock = FakeClock()
    beginning = asyncio.create_task(begin(Discord(clock, remaining=100), clock))
    await settle()
    beginning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beginning


async def test_sessions_of_one_key_keep_five_seconds_apart_and_others_do_not() -> None:
    clock = FakeClock()
    starts = Starts(clock, FakeCounters())
    starts.told(limits(1000, concurrency=2))
    await starts.apart(0)
    await starts.apart(1)
    third = asyncio.create_task(starts.apart(2))
    await settle()
    assert not third.done()
    await clock.advance(5)
    await third
    await clock.advance(60)
    await starts.apart(0)  # a lone one, long after the last


@pytest.mark.parametrize("answer", [{}, {"total": "many"}, None])
async def test_an_answer_without_the_count_holds_nobody_up(answer: object) -> None:
    clock = FakeClock()
    starts = Starts(clock, FakeCounters())

    async def ask() -> object:
        return answer

    await starts.cleared(ask)


def test_small_allowances_keep_a_small_reserve() -> None:
    assert Allowance.of(limits(10, total=100)).exhausted
    assert not Allowance.of(limits(11, total=100)).exhausted


async def test_a_flaky_evening_never_makes_pauses_long_and_a_steady_hour_ends_it() -> None:
    clock = FakeClock()
    pauses = Pauses(clock)
    waits = []
    for _ in range(20):
        waits.append(pauses.delay())
        await clock.advance(waits[-1])
    assert waits[0] == 1
    assert max(waits) <= 30
    await clock.advance(3600)
    assert pauses.delay() == 1


async def test_a_start_with_few_sessions_left_waits_and_says_so(
    community: Community, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    server: DiscordServer = community.server
    server.gateway.budget, server.gateway.reset_after = 100, 800
    async with bench(server, facts=Facts()) as b:
        assert "The next session on Discord begins in 10 s: 100 of 1000 a day are left" in caplog.text
        assert any(9 < each <= 10 for each in b.clock.slept)
        assert server.gateway.identified == 1
