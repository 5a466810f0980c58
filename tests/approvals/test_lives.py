"""An allowed call over the ends of processes: what is ours is done once, what was sent away is not sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.storage.store import SqlStore
from bot.talk.approval import RequestState
from tests.approvals.scene import Done, asks, button, buttons, call, everybody
from tests.fakes import FakeClock, FakeEngine, FakePlatform
from tests.rig import Rig, house
from tests.stores import open_store

WROTE, SAYS = (call("note", text="milk"),), ("You have to allow it.",)
SENDS = (call("recall", of="c0", about="ships"),), (call("fetch", url="https://made.example/"),), ("Allow it.",)


class Lives:
    """Processes one after the other over one store and one platform."""

    def __init__(self, store: SqlStore, clock: FakeClock) -> None:
        self.store, self.clock = store, clock
        self.platform, self.done, self.rights = FakePlatform(), Done(), everybody()

    @asynccontextmanager
    async def life(self, *scripts: tuple[object, ...]) -> AsyncGenerator[Rig]:
        async with house(
            self.store,
            engine=FakeEngine(*scripts),  # pyright: ignore[reportArgumentType]
            platform=self.platform,
            settings=Settings(),
            clock=self.clock,
            tools=self.done.tools,
            rights=self.rights,
        ) as joined:
            await joined.take_up()
            yield joined


@asynccontextmanager
async def lives(folder: Path) -> AsyncGenerator[Lives]:
    clock = FakeClock()
    async with open_store(Settings().database, folder, clock=clock) as store:
        yield Lives(store, clock)


async def test_after_a_restart_what_was_asked_can_still_be_allowed(tmp_path: Path) -> None:
    async with lives(tmp_path) as all_:
        async with all_.life(WROTE, SAYS) as first:
            answer = await asks(first)
        async with all_.life(("Noted.",)) as second:
            assert await second.presses(button(answer, "allow")) == ""
            await second.idle()
            await second.platform.final("Noted.")
        assert list(all_.done.written.values()) == ["milk"]


async def test_a_process_that_dies_after_the_press_leaves_the_turn_to_the_next(tmp_path: Path) -> None:
    async with lives(tmp_path) as all_:
        async with all_.life(WROTE, SAYS) as first:
            answer = await asks(first)
            request = await first.store.request(button(answer, "allow").partition(":")[2])
            assert request is not None
        async with all_.life() as dying:
            dying.answers._closing = True  # pyright: ignore[reportPrivateUsage] # nothing is begun any more
            await dying.presses(button(answer, "allow"))
            assert all_.done.written == {}
        async with all_.life(("Noted.",)) as last:
            await last.platform.final("Noted.")
            await last.idle()
        assert list(all_.done.written.values()) == ["milk"]
        after = await all_.store.request(request.id)
        assert after is not None
        assert after.state is RequestState.ALLOWED


async def test_what_is_ours_is_written_once_though_it_was_done_before_the_process_died(tmp_path: Path) -> None:
    async with lives(tmp_path) as all_:
        async with all_.life(WROTE, SAYS) as first:
            answer = await asks(first)
        gate = asyncio.Event()
        async with all_.life((gate,)) as dying:
            await dying.presses(button(answer, "allow"))
            await dying.engine.asked.wait()  # it was carried out, and the model is asked
            assert list(all_.done.written.values()) == ["milk"]
            await dying.clock.advance(0)
            closing = asyncio.create_task(dying.answers.__aexit__(None, None, None))
            await asyncio.wait([closing], timeout=30)
        async with all_.life(("Noted.",)) as last:
            await last.platform.final("Noted.")
            await last.idle()
            assert "noted milk" in last.asked()
        assert list(all_.done.written.values()) == ["milk"]


async def test_what_may_have_been_sent_is_not_sent_again_and_the_model_is_told(tmp_path: Path) -> None:
    async with lives(tmp_path) as all_:
        async with all_.life(*SENDS) as first:
            answer = await asks(first)
            assert buttons(answer)[:2] == ["allow", "refuse"]
            assert all_.done.sent == []
            request = button(answer, "allow").partition(":")[2]
        async with all_.life() as dying:
            dying.answers._closing = True  # pyright: ignore[reportPrivateUsage]
            await dying.presses(button(answer, "allow"))
            assert await dying.store.begin_request(request)  # and then it died
        async with all_.life(("I do not know.",)) as last:
            await last.platform.final("I do not know.")
            await last.idle()
            assert "may have been done or not" in last.asked()
        assert all_.done.sent == []


@pytest.mark.parametrize("times", [1, 3])
async def test_what_was_sent_once_allowed_is_sent_once(tmp_path: Path, times: int) -> None:
    async with lives(tmp_path) as all_:
        async with all_.life(*SENDS) as first:
            answer = await asks(first)
        for _ in range(times):
            async with all_.life(("Fetched.",)) as next_:
                await next_.presses(button(answer, "allow"))
                await next_.idle()
        assert all_.done.sent == ["https://made.example/"]


async def test_buttons_whose_time_ended_while_nobody_ran_are_gone_after_the_next_start(tmp_path: Path) -> None:
    async with lives(tmp_path) as all_:
        async with all_.life(WROTE, SAYS) as first:
            answer = await asks(first)
        all_.clock.jump(3600)
        async with all_.life() as second:
            (now,) = [each for each in second.platform.standing.values() if each.id == answer.id]
            assert buttons(now) == []
            assert "over" in await second.presses(button(answer, "allow"))
        assert all_.done.written == {}
