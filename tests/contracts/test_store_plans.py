"""Planned moments: claimed by one, carried out once, and gone with whoever they belong to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import time, timedelta

import pytest
from sqlalchemy import update

from bot.storage.address import find
from bot.storage.connection import Connections
from bot.storage.store import SqlStore, open_store
from bot.storage.tables import plans
from bot.talk.delivery import DeliveryState
from bot.talk.plan import Plan, PlanState, RunOutcome
from bot.talk.recurrence import Cron, Every, EveryDays, Monthly, OnDays, Recurrence
from tests.contracts.plotting import EVENING, KIND, claims, finishes, once, plan, says
from tests.contracts.scene import ROOM, TALK, after
from tests.contracts.secret import SECRET
from tests.fakes import ANA, START
from tests.storage.homes import Home

DUE = after(7200)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "recurrence",
    [
        once(after(5)),
        EVENING,
        OnDays(at=time(7, 30, 15), days=frozenset({0, 6})),
        Monthly(at=time(0), day=31),
        Every(minutes=90, since=START),
        EveryDays(at=time(9), days=3, since=START.date()),
        Cron(times=(time(9), time(17, 30)), months=frozenset({2, 12}), days=frozenset({13}), either=True),
    ],
)
async def test_a_plan_is_read_as_it_was_saved(store: SqlStore, recurrence: Recurrence) -> None:
    saved = plan("p", recurrence, owner=ANA.key, payload={"words": "naïve 🐟"}, timezone="Australia/Lord_Howe")
    await store.save_plan(replace(saved, payload={}))
    await store.save_plan(saved)
    assert await store.plans(limit=9) == (saved,)
    assert await store.plans(kind="digest", limit=9) == ()
    assert await store.plans(owner=ANA.key, place=ROOM.key, limit=9) == (saved,)


async def test_what_is_due_is_claimed_oldest_first_and_by_nobody_else(store: SqlStore) -> None:
    for name, seconds in (("third", 30), ("first", 10), ("second", 20), ("later", 99)):
        await store.save_plan(plan(name, once(after(seconds))))
    await store.save_plan(plan("other kind", once(after(1)), kind="digest"))
    assert [run.plan.id for run in await claims(store, after(50), limit=2)] == ["first", "second"]
    claimed = await store.claim_runs(KIND, now=after(50), holder="two", lease=900, limit=9)
    assert [run.plan.id for run in claimed.runs] == ["third"]
    assert claimed.next == after(99)
    assert await claims(store, after(50)) == ()


async def test_a_run_that_ends_leaves_record_deliveries_and_the_next_moment_together(store: SqlStore) -> None:
    await store.save_plan(plan(payload={"about": "tides"}))
    (run,) = await claims(store, after(7300))
    assert (run.at, run.late, run.attempt, run.plan.payload) == (DUE, timedelta(seconds=100), 1, {"about": "tides"})
    assert await finishes(store, run, after(7301), says(run, "high tide"))
    (left,) = await store.undelivered()
    assert (left.delivery.text, left.state) == ("high tide", DeliveryState.READY)
    (next_one,) = await store.plans(limit=9)
    assert next_one.due == DUE + DAY
    (record,) = await store.run_records("p", limit=9)
    assert (record.at, record.outcome, record.late) == (DUE, RunOutcome.DONE, timedelta(seconds=101))
    assert await claims(store, after(7302)) == ()


async def test_a_run_ends_once(store: SqlStore) -> None:
    await store.save_plan(plan())
    (run,) = await claims(store, DUE)
    assert await finishes(store, run, DUE, says(run))
    assert not await finishes(store, run, DUE, replace(says(run), id="again"))
    assert len(await store.undelivered()) == 1


async def test_a_single_moment_is_over_afterwards_and_what_it_said_is_erased(store: SqlStore, home: Home) -> None:
    await store.save_plan(plan("p", once(after(-9000)), payload={"words": SECRET}))
    (run,) = await claims(store, START)
    assert (run.late, run.plan.payload) == (timedelta(seconds=9000), {"words": SECRET})
    await finishes(store, run, START)
    assert await store.plans(limit=9) == ()
    assert SECRET not in await home.everything()
    assert await claims(store, after(99999)) == ()
    await store.expire(now=after(31 * 86400), default_days=90)
    assert await home.rows("plans") == await home.rows("plan_runs") == 0


async def test_of_several_missed_moments_the_latest_is_carried_out_and_then_the_next(store: SqlStore) -> None:
    await store.save_plan(plan())
    now = DUE + 9 * DAY + timedelta(hours=3)
    (run,) = await claims(store, now)
    assert run.at == DUE + 9 * DAY
    await finishes(store, run, now)
    assert [each.due for each in await store.plans(limit=9)] == [DUE + 10 * DAY]


async def test_moments_that_passed_while_one_was_carried_out_are_carried_out_as_one(store: SqlStore) -> None:
    await store.save_plan(plan("p", Every(minutes=1, since=START)))
    (run,) = await claims(store, after(60))
    await finishes(store, run, after(60 + 200))
    (following,) = await claims(store, after(260))
    assert following.at == after(240)


async def test_two_processes_never_take_up_the_same_moment(home: Home) -> None:
    names = [f"p{n}" for n in range(60)]
    won: list[str] = []

    async def process(own: SqlStore, holder: str) -> None:
        while runs := await claims(own, DUE, holder=holder, limit=7):
            for run in runs:
                assert await finishes(own, run, DUE, says(run))
                won.append(run.plan.id)

    def opened() -> AbstractAsyncContextManager[SqlStore]:
        return open_store(home.settings, home.data_dir, clock=home.clock)

    async with opened() as first, opened() as second, opened() as third:
        for name in names:
            await first.save_plan(plan(name))
        await asyncio.gather(process(first, "one"), process(second, "two"), process(third, "three"))
        # Where one passed over what another had just locked, it is found by the next look.
        await process(first, "one")
        assert len(await first.undelivered()) == len(names)
    assert sorted(won) == sorted(names)


async def test_the_claim_of_a_process_that_died_is_free_after_its_lease_and_worth_nothing_then(store: SqlStore) -> None:
    await store.save_plan(plan())
    (dead,) = await claims(store, DUE, lease=900)
    assert await claims(store, DUE + timedelta(seconds=899), holder="two") == ()
    (alive,) = await claims(store, DUE + timedelta(seconds=900), holder="two")
    assert (alive.at, alive.attempt) == (dead.at, 2)
    assert not await finishes(store, dead, DUE, says(dead, "from the dead"))
    assert not await store.postpone_run(dead, until=DUE, at=DUE)
    assert await finishes(store, alive, DUE, says(alive, "from the living"))
    assert [each.delivery.text for each in await store.undelivered()] == ["from the living"]


@pytest.mark.parametrize(("counted", "attempt"), [(True, 2), (False, 1)])
async def test_a_process_gives_back_what_it_had_claimed(store: SqlStore, counted: bool, attempt: int) -> None:
    for name in ("a", "b"):
        await store.save_plan(plan(name))
    await claims(store, DUE, limit=1)
    await claims(store, DUE, limit=1, holder="two")
    assert await store.release_runs("one", counted=counted) == 1
    (again,) = await claims(store, DUE)
    assert (again.plan.id, again.attempt) == ("a", attempt)


async def test_a_run_that_is_postponed_comes_again_at_its_time_and_is_counted(store: SqlStore) -> None:
    await store.save_plan(plan())
    (run,) = await claims(store, DUE)
    assert await store.postpone_run(run, until=DUE + timedelta(seconds=40), at=DUE)
    assert await claims(store, DUE + timedelta(seconds=39)) == ()
    (again,) = await claims(store, DUE + timedelta(seconds=40))
    assert (again.at, again.attempt) == (DUE, 2)
    await finishes(store, again, DUE, outcome=RunOutcome.FAILED)
    (record,) = await store.run_records("p", limit=9)
    assert (record.outcome, record.attempts) == (RunOutcome.FAILED, 2)
    (fresh,) = await claims(store, DUE + DAY)
    assert fresh.attempt == 1


async def _removed(store: SqlStore, one: Plan) -> None:
    assert await store.remove_plan(one.id)
    assert not await store.remove_plan(one.id)


async def _changed(store: SqlStore, one: Plan) -> None:
    await store.save_plan(replace(one, payload={"other": "words"}))


async def _forgotten(store: SqlStore, one: Plan) -> None:
    await store.forget(ANA.key)


async def _place_gone(store: SqlStore, one: Plan) -> None:
    await store.forget_place(ROOM)


async def _place_emptied(store: SqlStore, one: Plan) -> None:
    await store.forget_place(ROOM, rules=True)


@pytest.mark.parametrize("act", [_removed, _changed, _forgotten, _place_gone, _place_emptied])
async def test_a_plan_that_changes_or_goes_while_it_is_carried_out_leaves_nothing(
    store: SqlStore, act: Callable[[SqlStore, Plan], Awaitable[None]]
) -> None:
    one = plan(owner=ANA.key)
    await store.save_plan(one)
    (run,) = await claims(store, DUE)
    await act(store, one)
    assert not await finishes(store, run, DUE, says(run, SECRET))
    assert not await store.postpone_run(run, until=DUE, at=DUE)
    assert await store.undelivered() == ()
    assert await store.run_records("p", limit=9) == ()


async def test_a_plan_is_changed_only_as_it_was_read(store: SqlStore) -> None:
    one = plan()
    await store.save_plan(one)
    read = await store.plan("p")
    assert read is not None
    (run,) = await claims(store, DUE)
    assert await finishes(store, run, DUE)
    assert not await store.change_plan(read, replace(read, payload={"say": "otherwise"}))
    now = await store.plan("p")
    assert now is not None
    assert now.due != read.due
    assert await store.change_plan(now, replace(now, payload={"say": "otherwise"}))
    assert (await store.plan("p")) == replace(now, payload={"say": "otherwise"})
    await store.remove_plan("p")
    assert not await store.change_plan(now, now)
    assert await store.plan("p") is None


# plans of the program itself


async def test_a_plan_of_the_program_stays_as_it_is_until_it_is_planned_otherwise(store: SqlStore) -> None:
    await store.keep_plan(plan(), now=START)
    (run,) = await claims(store, DUE)
    await finishes(store, run, DUE)
    await store.keep_plan(plan(), now=DUE)
    assert [each.due for each in await store.plans(limit=9)] == [DUE + DAY]
    paris = replace(plan(timezone="Europe/Paris"), due=DUE + DAY - timedelta(hours=1))
    await store.keep_plan(paris, now=DUE)
    assert await store.plans(limit=9) == (paris,)


async def test_a_plan_of_the_program_that_was_missed_is_caught_up_although_it_moves(store: SqlStore) -> None:
    await store.keep_plan(plan(), now=START)
    now = DUE + timedelta(hours=3)
    paris = replace(plan(timezone="Europe/Paris"), due=DUE + DAY - timedelta(hours=1))
    await store.keep_plan(paris, now=now)
    (run,) = await claims(store, now)
    assert run.at == DUE
    await finishes(store, run, now)
    assert await store.plans(limit=9) == (paris,)


async def test_a_row_that_nobody_can_read_holds_up_no_other(
    store: SqlStore, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("bad rule", "bad zone", "good"):
        await store.save_plan(plan(name))
    connections = Connections(find(home.settings, home.data_dir))
    try:
        for name, values in (("bad rule", {"recurrence": '{"moons":1}'}), ("bad zone", {"timezone": "Moon/Base"})):
            spoil = update(plans).where(plans.c.id == name).values(values)
            await connections.write(lambda c, spoil=spoil: c.execute(spoil) and None)
    finally:
        await connections.close()
    assert [run.plan.id for run in await claims(store, DUE)] == ["good"]
    assert "bad rule" in caplog.text
    assert "bad zone" in caplog.text
    assert await claims(store, DUE + timedelta(minutes=2)) == ()


def test_a_plan_says_which_moment_is_to_be_carried_out() -> None:
    assert plan().occurrence(START) is None
    assert replace(plan(), due=None, state=PlanState.OVER).occurrence(DUE) is None
    assert plan().occurrence(DUE) == DUE
    assert replace(plan(), due=DUE - timedelta(minutes=7)).occurrence(DUE - timedelta(minutes=1)) == DUE - timedelta(
        minutes=7
    )
    assert plan("p", talk=TALK).next_after(DUE) == DUE + DAY
