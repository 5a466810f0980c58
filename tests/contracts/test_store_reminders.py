"""What reminders and polls need of a store: zones of people, plans that end or follow, polls to be sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.plan import PlanState, RunOutcome
from bot.talk.policy import Consent
from bot.talk.poll import Poll
from tests.contracts.plotting import EVENING, claims, finishes, once, plan
from tests.contracts.scene import TALK, after
from tests.contracts.secret import SECRET
from tests.fakes import ANA, BEN, START
from tests.storage.homes import Home

POLL = Poll(question="Où ? 🐟", answers=("ici", "là"), hours=48, several=True)


async def test_a_zone_is_a_persons_own_and_goes_with_forget_me_while_an_opt_out_stays(
    store: SqlStore, home: Home
) -> None:
    await store.save_timezone(ANA.key, "Asia/Tokyo")
    await store.save_timezone(BEN.key, "Europe/Paris")
    await store.save_consent(BEN.key, Consent(opted_out=True))
    assert await store.timezone(ANA.key) == "Asia/Tokyo"
    assert (await store.consent(BEN.key)).opted_out
    assert not (await store.consent(ANA.key)).opted_out
    for person in (ANA, BEN):
        await store.forget(person.key)
        assert await store.timezone(person.key) is None
    assert (await store.consent(BEN.key)).opted_out
    assert ANA.key not in await home.everything()


async def test_a_zone_may_be_taken_back(store: SqlStore) -> None:
    await store.save_timezone(ANA.key, "Asia/Tokyo")
    await store.save_timezone(ANA.key, None)
    assert await store.timezone(ANA.key) is None


async def test_a_plan_that_was_ended_is_known_by_its_id_for_thirty_days_without_its_words(
    store: SqlStore, home: Home
) -> None:
    await store.save_plan(plan("p", EVENING, owner=ANA.key, payload={"words": SECRET}))
    assert await store.end_plan("p", at=START)
    assert not await store.end_plan("p", at=START)
    ended = await store.plan("p")
    assert ended is not None
    assert (ended.state, ended.due, dict(ended.payload)) == (PlanState.OVER, None, {})
    assert SECRET not in await home.everything()
    assert await claims(store, after(9 * 86400)) == ()
    await store.expire(now=START + timedelta(days=29), default_days=30)
    assert await store.plan("p") is not None
    await store.expire(now=START + timedelta(days=31), default_days=30)
    assert await store.plan("p") is None


async def test_a_run_of_a_plan_that_was_ended_meanwhile_leaves_nothing(store: SqlStore) -> None:
    await store.save_plan(plan("p", once(START)))
    (run,) = await claims(store, START)
    await store.end_plan("p", at=START)
    left = Delivery(id="d", conversation=TALK, text="late")
    more = plan("more", EVENING)
    assert not await store.finish_run(run, outcome=RunOutcome.DONE, deliveries=(left,), plans=(more,), at=START)
    assert await store.undelivered() == ()
    assert await store.plan("more") is None


async def test_plans_that_follow_from_a_run_are_saved_with_its_end_also_in_the_place_of_its_own(
    store: SqlStore,
) -> None:
    await store.save_plan(plan("p", once(START), owner=ANA.key, payload={"words": "tea"}))
    (run,) = await claims(store, START)
    later = replace(run.plan, recurrence=once(after(60)), due=after(60))
    more = plan("more", once(after(90)), owner=ANA.key)
    assert await store.finish_run(run, outcome=RunOutcome.DONE, plans=(later, more), at=START)
    assert await store.plans(limit=9) == (later, more)
    (again,) = await claims(store, after(60))
    assert again.plan == later
    await finishes(store, again, after(60))
    over = await store.plan("p")
    assert over is not None
    assert over.state is PlanState.OVER


async def test_a_plan_that_follows_from_another_is_saved_only_while_that_one_waits(store: SqlStore) -> None:
    await store.save_plan(plan("kept", EVENING, owner=ANA.key, payload={"words": SECRET}))
    assert await store.save_plan(plan("copy", EVENING, owner=ANA.key), of="kept")
    await store.forget(ANA.key)
    assert not await store.save_plan(plan("copy", EVENING, owner=ANA.key), of="kept")
    assert await store.plans(limit=9) == ()


async def test_a_poll_is_read_from_the_outbox_as_it_was_saved_and_goes_with_its_words(
    store: SqlStore, home: Home
) -> None:
    asked = Delivery(id="d", conversation=TALK, text="poll", poll=replace(POLL, question=SECRET))
    assert await store.delivery_state("d") is None
    await store.save_delivery(asked, DeliveryState.READY, at=START)
    assert await store.delivery_state("d") is DeliveryState.READY
    (left,) = await store.undelivered()
    assert left.delivery == asked
    await store.save_shown("d", left.shown, DeliveryState.SENT)
    assert await store.delivery_state("d") is DeliveryState.SENT
    await store.forget_place(TALK.place)
    assert SECRET not in await home.everything()
