"""What is planned is carried out at its moment, once, whatever fails, dies or is changed meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.errors import EngineUnreachable
from bot.plans import Plans
from bot.plans.plans import AT_ONCE, ATTEMPTS, LOOK_SECONDS
from bot.talk.plan import NotYet, RunOutcome
from bot.talk.recurrence import Every, Once, OnDays
from tests.contracts.scene import after
from tests.fakes import START, FakeCounters
from tests.plans.port import KIND, Quay, Reminders, plan, plan_all, port
from tests.rig import rig
from tests.storage.homes import Home
from tests.test_hear_failures import Broken

EVENING = OnDays(at=time(20))


async def test_a_reminder_comes_at_its_moment_and_not_again(tmp_path: Path) -> None:
    async with port(tmp_path) as place:
        await place.passes(5)
        await place.plans.save(plan("tea", Once(at=after(15))))
        await place.passes(9)
        assert place.said() == []
        await place.passes(2)
        assert place.said() == ["tea: 23 18:00"]
        await place.passes(3 * 86400)
        assert len(place.reminders.runs) == 1
        assert place.house.counters.get("plan_runs_total", kind=KIND, outcome="done") == 1
        assert place.house.counters.get("plan_runs_late_total", kind=KIND) == 0


async def test_what_was_missed_while_nothing_ran_is_caught_up_once(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await house.store.save_plan(plan("digest", EVENING))
        await house.store.save_plan(plan("tea", Once(at=after(60))))
        house.clock.jump(5 * 86400)
        async with port(tmp_path, joined=house) as place:
            await place.passes(3)
            assert sorted(place.said()) == ["digest: 27 20:00", "tea: 23 18:01"]
            assert all(run.late > timedelta(days=1) for run in place.reminders.runs if run.plan.id == "tea")
            await place.passes(2 * 3600)
            await place.passes(3)
            assert place.said()[2:] == ["digest: 28 20:00"]
            assert house.counters.get("plan_runs_late_total", kind=KIND) == 2


async def test_a_process_that_died_between_any_two_steps_leaves_one_reminder(tmp_path: Path) -> None:
    """Claimed and not carried out; carried out and not written down; written down and not shown."""
    async with rig(tmp_path) as house:
        for name in ("claimed", "carried out", "written down"):
            await house.store.save_plan(plan(name, Once(at=START)))
        claimed = await house.store.claim_runs(KIND, now=START, holder="all", lease=900, limit=9)
        handler = Reminders()
        for run in claimed.runs:
            left = await handler.run(run) if run.plan.id != "claimed" else ()
            if run.plan.id == "written down":
                assert await house.store.finish_run(run, outcome=RunOutcome.DONE, deliveries=left, at=START)
    async with rig(tmp_path) as house, port(tmp_path, joined=house) as place:
        await place.passes(3)
        assert sorted(place.said()) == ["carried out: 23 18:00", "claimed: 23 18:00", "written down: 23 18:00"]
        assert sorted(run.attempt for run in place.reminders.runs) == [2, 2]


async def test_what_a_stop_interrupts_is_done_at_the_next_start_and_counts_as_no_attempt(tmp_path: Path) -> None:
    stuck = Reminders(gate=asyncio.Event())
    async with port(tmp_path, reminders=stuck) as place:
        await place.plans.save(plan("tea", Once(at=START)))
        await place.passes(2)
        assert len(stuck.runs) == 1
    async with port(tmp_path) as place:
        await place.passes(2)
        assert place.said() == ["tea: 23 18:00"]
        assert [run.attempt for run in place.reminders.runs] == [1]


async def test_a_handler_that_fails_is_tried_again_after_growing_pauses_and_then_has_failed(tmp_path: Path) -> None:
    failures: list[Exception] = [EngineUnreachable("nobody there"), RuntimeError("a bug")] * ATTEMPTS
    async with port(tmp_path, reminders=Reminders(failures=failures[:ATTEMPTS])) as place:
        await place.plans.save(plan("digest", EVENING))
        await place.passes(7200)
        await place.passes(3)
        assert len(place.reminders.runs) == 1
        for attempt, pause in enumerate((10, 40, 160, 640, 2560), start=2):
            await place.passes(pause / 2)
            assert len(place.reminders.runs) == attempt - 1
            await place.passes(pause * 0.6 + 9)
            await place.passes(3)
            assert [run.attempt for run in place.reminders.runs][-1] == attempt
        (record,) = await place.house.store.run_records("digest", limit=9)
        assert (record.outcome, record.attempts) == (RunOutcome.FAILED, ATTEMPTS)
        assert place.said() == []
        await place.passes(86400)
        await place.passes(3)
        assert place.said() == ["digest: 24 20:00"]


async def test_a_run_that_says_it_has_to_wait_is_called_again_as_often_as_it_takes(tmp_path: Path) -> None:
    waits: list[Exception] = [NotYet(1)] * (ATTEMPTS + 1)
    async with port(tmp_path, reminders=Reminders(failures=waits)) as place:
        await place.plans.save(plan("tea", Once(at=START)))
        while len(place.reminders.runs) <= ATTEMPTS:
            await place.passes(1)
            assert place.said() == [] or len(place.reminders.runs) > ATTEMPTS
        await place.passes(4)
        assert place.said() == ["tea: 23 18:00"]
        assert {run.attempt for run in place.reminders.runs} == {1}
        assert place.house.counters.get("plan_runs_total", kind=KIND, outcome="waits") == ATTEMPTS + 1


async def test_a_handler_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.plans.plans.RUN_SECONDS", 0.01)
    stuck = Reminders(gate=asyncio.Event())
    async with port(tmp_path, reminders=stuck) as place:
        await place.plans.save(plan("tea", Once(at=START)))
        while not place.house.counters.get("plan_runs_total", kind=KIND, outcome="postponed"):
            await place.passes(1)  # the time of the run is the loop's
        assert stuck.at_once == 0


@pytest.mark.parametrize("verb", ["claim_runs", "finish_run", "release_runs"])
async def test_a_database_that_is_away_while_something_is_due_is_asked_again(tmp_path: Path, verb: str) -> None:
    broken = Broken(verb)
    broken.on = True
    async with port(tmp_path, around=broken.around) as place:
        await place.house.store.save_plan(plan("tea", Once(at=after(1))))
        await place.passes(5)
        assert place.said() == []
        broken.on = False
        await place.passes(70)
        assert place.said() == ["tea: 23 18:00"]


async def test_an_end_that_cannot_be_written_down_for_long_is_done_again_after_the_lease(tmp_path: Path) -> None:
    broken = Broken("finish_run")
    broken.on = True
    async with port(tmp_path, around=broken.around) as place:
        await place.plans.save(plan("tea", Once(at=START)))
        await place.passes(60)
        assert place.house.counters.get("plan_runs_total", kind=KIND, outcome="broken") == 1
        broken.on = False
        await place.passes(1000)
        assert place.said() == ["tea: 23 18:00"]
        assert len(place.reminders.runs) == 2


async def test_a_handler_slower_than_its_period_runs_once_at_a_time_and_for_the_latest_moment(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with port(tmp_path, reminders=Reminders(gate=gate)) as place:
        await place.plans.save(plan("pulse", Every(minutes=1, since=after(60))))
        await place.passes(230)
        assert len(place.reminders.runs) == 1
        gate.set()
        await place.passes(2)
        assert [run.at for run in place.reminders.runs] == [after(60), after(180)]
        assert place.reminders.most_at_once == 1


async def test_a_plan_that_is_removed_while_it_is_carried_out_says_nothing(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with port(tmp_path, reminders=Reminders(gate=gate)) as place:
        await place.plans.save(plan("tea", Once(at=START)))
        await place.passes(2)
        assert await place.plans.remove("tea")
        gate.set()
        await place.passes(2)
        assert len(place.reminders.runs) == 1
        assert place.said() == []
        assert place.house.counters.get("plan_runs_total", kind=KIND, outcome="void") == 1


async def test_a_reminder_that_is_moved_comes_at_its_new_moment_only(tmp_path: Path) -> None:
    async with port(tmp_path) as place:
        tea = plan("tea", Once(at=after(30)))
        await place.plans.save(tea)
        await place.passes(5)
        await place.plans.save(replace(tea, recurrence=Once(at=after(300)), due=after(300)))
        await place.passes(200)
        assert place.said() == []
        await place.passes(100)
        assert place.said() == ["tea: 23 18:05"]


async def test_a_slow_kind_holds_up_no_other(tmp_path: Path) -> None:
    digests = Reminders(gate=asyncio.Event())
    async with port(tmp_path, others={"digest": digests.run}) as place:
        for number in range(AT_ONCE + 9):
            await place.plans.save(plan(f"d{number}", Once(at=START), kind="digest"))
        await place.plans.save(plan("tea", Once(at=after(1))))
        await place.passes(4)
        assert place.said() == ["tea: 23 18:00"]
        assert AT_ONCE // 2 < len(digests.runs) == digests.most_at_once <= AT_ONCE


async def test_clocks_that_are_set_are_noticed_within_a_minute(tmp_path: Path) -> None:
    async with port(tmp_path) as place:
        await place.plans.save(plan("digest", EVENING))
        await place.passes(5)
        place.house.clock.jump(3 * 3600)  # wrong by three hours …
        await place.passes(LOOK_SECONDS + 1)
        assert place.said() == ["digest: 23 20:00"]
        place.house.clock.jump(-3 * 3600)  # … and right again
        await place.passes(4 * 3600)
        assert place.said() == ["digest: 23 20:00"]
        await place.passes(86400)
        assert place.said() == ["digest: 23 20:00", "digest: 24 20:00"]


@pytest.mark.parametrize("count", [300, pytest.param(2000, marks=pytest.mark.thorough)])
async def test_however_many_reminders_are_due_at_start_they_come_once_each_and_the_oldest_first(
    sqlite_home: Home, count: int
) -> None:
    quay, reminders = Quay(count), Reminders()
    async with sqlite_home.open() as store:
        await plan_all(sqlite_home, [plan(f"r{number:05}", Once(at=after(number - count))) for number in range(count)])
        running = asyncio.create_task(
            Plans(store, quay, handlers={KIND: reminders.run}, clock=sqlite_home.clock, counters=FakeCounters()).run()
        )
        async with asyncio.timeout(100):
            await quay.full.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert await store.plans(limit=9) == ()
    assert [run.plan.id for run in reminders.runs] == sorted(run.plan.id for run in reminders.runs)
    assert len(reminders.runs) == len({each.id for each in quay.came}) == len(quay.came) == count
    assert reminders.most_at_once <= AT_ONCE


async def test_a_kind_that_nobody_here_carries_out_is_left_alone(tmp_path: Path) -> None:
    async with port(tmp_path) as place:
        await place.plans.save(plan("strange", Once(at=START), kind="strange"))
        await place.passes(500)
        assert [each.id for each in await place.house.store.plans(limit=9)] == ["strange"]


async def test_two_processes_beside_each_other_say_each_thing_once(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        for number in range(40):
            await house.store.save_plan(plan(f"r{number}", Once(at=START)))
        async with port(tmp_path, joined=house) as one, port(tmp_path, joined=house):
            await one.passes(100)
            assert len(set(one.said())) == len(one.said()) == 40
