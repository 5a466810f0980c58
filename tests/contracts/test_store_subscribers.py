"""What scheduled digests need of a store: plans of a server, who is sent what they leave, and runs that wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.storage.store import SqlStore
from bot.talk.plan import Plan, RunOutcome
from tests.contracts.plotting import EVENING, claims, finishes, plan
from tests.contracts.scene import after
from tests.fakes import ANA, BEN, START
from tests.storage.homes import Home

PORT = "local:port"
DUE = after(7200)


def of_port(name: str = "p") -> Plan:
    return replace(plan(name, talk=None, owner=ANA.key), scope=PORT)


async def test_plans_of_a_server_are_listed_by_it_and_go_with_it(store: SqlStore) -> None:
    await store.save_plan(of_port())
    await store.save_plan(plan("other", talk=None))
    assert await store.plans(scope=PORT, limit=9) == (of_port(),)
    await store.forget_guild("local", "island")
    assert len(await store.plans(limit=9)) == 2
    await store.forget_guild("local", "port")
    assert [each.id for each in await store.plans(limit=9)] == ["other"]


async def test_a_plan_that_is_not_due_at_all_waits_and_is_never_claimed(store: SqlStore) -> None:
    await store.save_plan(replace(of_port(), due=None))
    assert await claims(store, after(10**8)) == ()
    assert [each.due for each in await store.plans(limit=9)] == [None]
    await store.save_plan(of_port())
    (run,) = await claims(store, DUE)
    # A run that has its plan wait, under a clock that is set back then.
    assert await store.finish_run(run, outcome=RunOutcome.DONE, plans=[replace(run.plan, due=None)], at=DUE)
    assert await claims(store, START) == ()
    assert [each.due for each in await store.plans(limit=9)] == [None]


async def test_who_wants_it_is_known_in_the_order_in_which_they_came_and_goes_with_either(
    store: SqlStore, home: Home
) -> None:
    await store.save_plan(of_port())
    await store.save_plan(of_port("q"))
    for person, seconds in ((BEN, 1), (ANA, 2), (BEN, 3)):
        assert await store.subscribe("p", person.key, at=after(seconds), most=9)
    await store.subscribe("q", BEN.key, at=START, most=9)
    assert await store.subscribers("p", limit=9) == (BEN.key, ANA.key)
    assert await store.subscribers("p", limit=1) == (BEN.key,)
    assert await store.subscriptions(BEN.key, limit=9) == ("p", "q")
    await store.save_plan(replace(of_port(), due=None))
    assert await store.subscribers("p", limit=9) == (BEN.key, ANA.key), "who pauses a plan takes nobody away"
    assert await store.unsubscribe("p", BEN.key)
    assert not await store.unsubscribe("p", BEN.key)
    await store.remove_plan("q")
    assert await store.subscriptions(BEN.key, limit=9) == ()
    await store.forget(ANA.key)
    assert ANA.key not in await home.everything()


async def test_no_more_subscribe_than_may_and_nobody_to_what_is_not_there(store: SqlStore) -> None:
    await store.save_plan(of_port())
    assert await store.subscribe("p", ANA.key, at=START, most=1)
    assert not await store.subscribe("p", BEN.key, at=START, most=1)
    assert await store.subscribe("p", ANA.key, at=START, most=1), "who was there already is"
    assert not await store.subscribe("nothing", BEN.key, at=START, most=9)
    await store.end_plan("p", at=START)
    assert not await store.subscribe("p", BEN.key, at=START, most=9)


async def test_a_run_that_has_to_wait_counts_as_no_attempt(store: SqlStore) -> None:
    await store.save_plan(plan("p", EVENING))
    (run,) = await claims(store, DUE)
    later = DUE + timedelta(seconds=60)
    assert await store.postpone_run(run, until=later, at=DUE, counted=False)
    assert await claims(store, DUE) == ()
    (again,) = await claims(store, later)
    assert again.attempt == 1
    assert await store.postpone_run(again, until=later, at=later)
    (last,) = await claims(store, later)
    assert last.attempt == 2


async def test_a_run_that_moved_its_plan_by_a_clock_that_was_ahead_is_reckoned_anew(store: SqlStore) -> None:
    await store.save_plan(of_port())
    ahead = DUE + timedelta(days=30)
    (run,) = await claims(store, ahead)
    moved = replace(run.plan, due=run.plan.next_after(run.at), payload={"since": "then"})
    assert await store.finish_run(run, outcome=RunOutcome.DONE, plans=[moved], at=ahead)
    assert await claims(store, START) == ()
    (run,) = await claims(store, DUE)
    assert run.at == DUE
    assert await finishes(store, run, DUE)
