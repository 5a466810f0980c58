"""Whatever the clock on the machine shows, a planned moment is carried out once."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.storage.store import SqlStore
from tests.contracts.plotting import claims, finishes, plan, says
from tests.contracts.scene import after
from tests.fakes import START
from tests.storage.homes import Home

DUE, DAY = after(7200), timedelta(days=1)


async def test_a_clock_that_was_ahead_makes_nothing_come_twice_and_nothing_stay_away(store: SqlStore) -> None:
    await store.save_plan(plan())
    hour = timedelta(hours=1)
    (early,) = await claims(store, DUE + timedelta(minutes=5))  # it is an hour earlier really
    await finishes(store, early, DUE + timedelta(minutes=5))
    assert await claims(store, DUE - hour) == ()  # somebody sets it
    assert await claims(store, DUE) == ()
    assert [each.due for each in await store.plans(limit=9)] == [DUE + DAY]
    (tomorrow,) = await claims(store, DUE + DAY)
    assert tomorrow.at == DUE + DAY
    assert len(await store.run_records("p", limit=9)) == 1


async def test_a_clock_that_was_months_ahead_keeps_nothing_away_when_it_is_right_again(store: SqlStore) -> None:
    await store.save_plan(plan())
    (strange,) = await claims(store, DUE + 100 * DAY)
    await finishes(store, strange, DUE + 100 * DAY)
    assert await claims(store, START) == ()
    (today,) = await claims(store, DUE)
    assert today.at == DUE


async def test_a_lease_that_was_given_by_a_clock_ahead_does_not_outlast_it(store: SqlStore) -> None:
    await store.save_plan(plan())
    (lost,) = await claims(store, DUE + 9 * DAY)
    (run,) = await claims(store, DUE, holder="two")
    assert (run.at, lost.at) == (DUE, DUE + 9 * DAY)
    assert not await finishes(store, lost, DUE, says(lost))


async def test_two_machines_whose_clocks_differ_by_seconds_leave_each_others_claims_alone(store: SqlStore) -> None:
    await store.save_plan(plan())
    (run,) = await claims(store, DUE + timedelta(seconds=20))
    assert await claims(store, DUE, holder="two") == ()
    assert await finishes(store, run, DUE)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hops=st.lists(st.integers(-40, 90), min_size=5, max_size=40))
async def test_whatever_the_clock_does_no_moment_is_carried_out_twice(sqlite_home: Home, hops: list[int]) -> None:
    """Hours forward and back; at the end the clock is right for three days, and each of them has had its run."""
    async with sqlite_home.open() as store:
        await store.save_plan(plan())
        now, seen = START, list[datetime]()
        rest = [4] * 24
        for hop in [*hops, *rest]:
            now = max(START, now + timedelta(hours=hop))
            for run in await claims(store, now):
                assert await finishes(store, run, now)
                seen.append(run.at)
        assert len(set(seen)) == len(seen)
        ended = now.replace(hour=20, minute=0)
        days = [ended - DAY * n for n in range(1, 4)]
        assert set(days) <= set(seen)
        await store.remove_plan("p")
