"""Whatever leaves is written down, shown once, and tried again until it stands there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.deliver import Deliver
from bot.deliver.outbox import BEHIND
from bot.errors import DatabaseUnusable, PlaceGone
from bot.settings import Settings
from bot.talk.delivery import Delivery, DeliveryState, Shown
from bot.talk.turn import TurnState
from tests.deliver.quay import AWAY, NEWS, VIEW, quay
from tests.fakes import GENERAL, FakeClock, FakeCounters, FakePlatform, said
from tests.hooks import Hooked
from tests.stores import open_store

LEFT = 500


async def test_what_is_posted_is_written_down_before_it_is_shown_and_closed_after(tmp_path: Path) -> None:
    async with quay(tmp_path) as here:
        gate = here.platform.hold = asyncio.Event()
        posting = asyncio.create_task(here.deliver.post(NEWS))
        await here.passes(0)
        assert here.platform.in_flight == 1
        assert await here.waiting() == ["news"]
        gate.set()
        await posting
        assert here.texts() == [NEWS.text]
        assert await here.waiting() == []
        (message,) = here.platform.standing
        known = await here.store.shown_by(GENERAL, message)
        assert known is not None
        assert known.delivery.id == "news"


class Timed(FakePlatform):
    """Notes when it is asked."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.tries: list[float] = []
        self._clock = clock

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        self.tries.append(self._clock.monotonic())
        return await super().deliver(delivery, shown)


async def test_what_fails_for_now_is_tried_again_with_growing_pauses(tmp_path: Path) -> None:
    clock = FakeClock()
    platform = Timed(clock)
    async with quay(tmp_path, platform=platform, clock=clock) as here:
        platform.failures = [AWAY] * 8
        await here.deliver.post(NEWS)
        await here.passes(300)
        assert platform.tries == [0, 1, 3, 7, 15, 31, 63, 123, 183]
        assert here.texts() == [NEWS.text]
        assert await here.waiting() == []
        assert here.counters.get("deliveries_postponed_total", platform="local") == 8


async def test_a_defect_met_by_one_delivery_does_not_stop_the_others(tmp_path: Path) -> None:
    async with quay(tmp_path) as here:
        here.platform.failures = [RuntimeError("a defect")] * 3
        await here.deliver.post(NEWS)
        await here.passes(1)
        await here.passes(2)
        assert here.texts() == []
        await here.deliver.post(replace(NEWS, id="other", text="High tide at noon."))
        assert here.texts() == ["High tide at noon."]
        await here.passes(60)
        assert sorted(here.texts()) == ["High tide at noon.", NEWS.text]


async def test_where_the_place_is_gone_nothing_is_tried_again(tmp_path: Path) -> None:
    async with quay(tmp_path) as here:
        here.platform.failures = [PlaceGone("gone")]
        await here.deliver.post(NEWS)
        assert await here.waiting() == []
        await here.clock.advance(3600)
        await here.passes(0)
        assert here.texts() == []
        assert here.counters.get("deliveries_total", outcome="failed") == 1


async def test_what_could_not_be_shown_for_a_day_is_given_up(tmp_path: Path) -> None:
    async with quay(tmp_path) as here:
        here.platform.failures = [AWAY] * 10_000
        await here.deliver.post(NEWS)
        for _ in range(23):
            await here.clock.advance(3600)
            await here.passes(0)
        assert await here.waiting() == ["news"]
        await here.clock.advance(3600)
        for _ in range(20):
            await here.clock.advance(10)
            await here.passes(0)
        assert await here.waiting() == []
        left = len(here.platform.failures)
        await here.clock.advance(3600)
        await here.passes(0)
        assert len(here.platform.failures) == left


async def test_what_an_earlier_process_left_is_shown_at_start_in_its_messages(tmp_path: Path) -> None:
    platform = FakePlatform()
    async with quay(tmp_path, platform=platform) as here:
        shown = await here.deliver.show(replace(NEWS, text="Low"), Shown())
        await here.store.save_delivery(NEWS, DeliveryState.READY, at=here.clock.now())
        await here.store.save_shown(NEWS.id, shown)
        platform.failures = [AWAY]
        await here.deliver.finish(NEWS, shown)
    async with quay(tmp_path, platform=platform) as here:
        await platform.final(NEWS.text)
        await here.passes(0)
        assert here.texts() == [NEWS.text]
        assert await here.waiting() == []


@pytest.mark.parametrize("restarted", [False, True], ids=["same process", "next process"])
async def test_half_an_answer_to_a_question_deleted_meanwhile_is_taken_away(tmp_path: Path, restarted: bool) -> None:
    platform, clock = FakePlatform(), FakeClock()
    question = said("what is a swordfish?")
    async with quay(tmp_path, platform=platform, clock=clock) as here:
        await here.store.record(question, keep=True)
        opened = await here.store.open_turn(question, at=clock.now())
        assert opened is not None
        view = replace(VIEW, id=opened.delivery_id, text="Half an ans")
        shown = await here.deliver.show(view, opened.shown)
        answer = replace(view, text="Half an answer, and all.", actions=(), final=True)
        await here.store.close_turn(opened.id, state=TurnState.DONE, delivery=answer, at=clock.now())
        platform.failures = [AWAY]
        await here.deliver.finish(answer, shown)
        await here.store.delete_messages(GENERAL, [question.id])
        assert here.texts() == [view.text]
        if not restarted:
            await here.passes(2)
            assert here.texts() == []
    if restarted:
        async with quay(tmp_path, platform=platform, clock=clock) as here:
            await here.passes(2)
            assert here.texts() == []
            assert await here.waiting() == []


async def test_a_view_that_no_turn_will_go_on_with_is_taken_away_at_start(tmp_path: Path) -> None:
    platform, clock = FakePlatform(), FakeClock()
    question = said("what is a swordfish?")
    async with quay(tmp_path, platform=platform, clock=clock) as here:
        await here.store.record(question, keep=True)
        opened = await here.store.open_turn(question, at=clock.now())
        assert opened is not None
        await here.deliver.show(replace(VIEW, id=opened.delivery_id, text="Half an ans"), Shown())
        unseen = said("and a narwhal?")
        await here.store.record(unseen, keep=True)
        assert await here.store.open_turn(unseen, at=clock.now()) is not None
        # Longer away than questions wait.
        late = await here.store.late(before=clock.now() + timedelta(hours=1))
        notice = replace(VIEW, id="notice", text="I was away.", final=True)
        await here.store.close_late(GENERAL, [each.id for each in late], notice)
        await here.store.save_shown("notice", Shown(), DeliveryState.SENT)
        await here.store.delete_messages(GENERAL, [unseen.id])
    async with quay(tmp_path, platform=platform, clock=clock) as here:
        await platform.until(lambda delivery: delivery.final)
        await here.passes(0)
        assert platform.standing == {}
        assert await here.waiting() == []


async def test_words_that_are_deleted_while_they_wait_are_not_shown_any_more(tmp_path: Path) -> None:
    question = said("what is a swordfish?")
    async with quay(tmp_path) as here:
        await here.store.record(question, keep=True)
        opened = await here.store.open_turn(question, at=here.clock.now())
        assert opened is not None
        answer = replace(NEWS, id=opened.delivery_id, reply_to=question.id, text="A swordfish is a fish.")
        await here.store.save_delivery(answer, DeliveryState.READY, at=here.clock.now())
        here.platform.failures = [AWAY]
        await here.deliver.finish(answer, Shown())
        await here.store.delete_messages(GENERAL, [question.id])
        await here.passes(120)
        assert here.platform.standing == {}


async def test_what_cannot_be_written_down_is_told_once_and_never_raises(tmp_path: Path) -> None:
    platform, clock = FakePlatform(), FakeClock()

    async def full(moment: str, _given: object) -> None:
        if moment.startswith("save_"):
            raise DatabaseUnusable("the disk is full")

    async with open_store(Settings().database, tmp_path, clock=clock) as store:
        hooked = Hooked(store, full)
        deliver = Deliver(
            hooked,  # pyright: ignore[reportArgumentType] # passes for what it wraps
            {platform.name: platform},
            pace={},
            clock=clock,
            counters=FakeCounters(),
        )
        await deliver.post(NEWS)
        assert [each.text for each in platform.standing.values()] == [NEWS.text]
        for error in (AWAY, PlaceGone("gone"), RuntimeError("a defect")):
            platform.failures = [error]
            await deliver.tell(NEWS, Shown())
        assert len(platform.standing) == 1


async def test_what_does_not_fit_in_memory_is_read_again_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.deliver.outbox.QUEUE", 3)
    monkeypatch.setattr("bot.deliver.backlog.QUEUE", 3)
    async with quay(tmp_path) as here:
        here.platform.failures = [AWAY] * 40
        for number in range(20):
            await here.deliver.post(replace(NEWS, id=f"{number}", text=f"{number}"))
        assert len(await here.waiting()) == 20
        await here.passes(200)
        assert sorted(here.texts(), key=int) == [str(number) for number in range(20)]
        assert await here.waiting() == []


async def test_very_many_left_by_an_earlier_process_are_shown_oldest_first_and_nobody_waits_behind_them(
    tmp_path: Path,
) -> None:
    platform = FakePlatform()
    async with quay(tmp_path, platform=platform) as here:
        started = here.clock.now()
        for number in range(LEFT):
            left = replace(NEWS, id=f"{number}", text=f"{number}")
            await here.store.save_delivery(left, DeliveryState.READY, at=started + timedelta(milliseconds=number))
    hold = platform.hold = asyncio.Event()
    async with quay(tmp_path, platform=platform) as here:
        await here.passes(0)
        assert 0 < platform.in_flight <= BEHIND
        posting = asyncio.create_task(here.deliver.post(NEWS))
        await here.passes(0)
        hold.set()
        await posting
        assert len(here.texts()) < 200
        while await here.store.backlog(limit=1):
            await here.passes(0)
        order = [int(each.text) for each in platform.revisions if each.id != NEWS.id]
        assert sorted(order) == list(range(LEFT))
        assert all(abs(at - number) <= 2 * BEHIND for at, number in enumerate(order))
