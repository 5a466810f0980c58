"""Plans, and what they said, go with the people and places that they belong to."""

from __future__ import annotations

import pytest

from bot.storage.store import SqlStore
from bot.talk.delivery import DeliveryState
from bot.talk.message import Conversation, Place
from tests.contracts.plotting import claims, finishes, once, plan, says
from tests.contracts.scene import ROOM
from tests.contracts.secret import SECRET
from tests.fakes import ANA, BEN, START
from tests.storage.acts import HARBOUR
from tests.storage.homes import Home


async def test_plans_go_with_whoever_made_them_and_with_their_place(store: SqlStore, home: Home) -> None:
    private = Conversation(place=ROOM, only=ANA.key)
    thread = Place(platform="local", id="t", parent=ROOM.id)
    await store.save_plan(plan("hers", owner=ANA.key, payload={"words": SECRET}))
    await store.save_plan(plan("only she reads it", talk=private, owner=BEN.key))
    await store.save_plan(plan("his", owner=BEN.key, talk=Conversation(place=thread)))
    await store.save_plan(plan("of the harbour", talk=Conversation(place=HARBOUR), payload={"words": SECRET}))
    await store.save_plan(plan("of the program", talk=None))
    await store.forget(ANA.key)
    assert {each.id for each in await store.plans(limit=9)} == {"his", "of the harbour", "of the program"}
    await store.forget_guild("local", "marseille")
    assert {each.id for each in await store.plans(limit=9)} == {"his", "of the program"}
    found = await home.everything()
    assert SECRET not in found
    assert ANA.key not in found


@pytest.mark.parametrize("shown", [True, False])
async def test_what_a_plan_said_in_somebodys_words_goes_with_them(store: SqlStore, home: Home, shown: bool) -> None:
    await store.save_plan(plan("p", once(START), owner=ANA.key, payload={"words": SECRET}))
    (run,) = await claims(store, START)
    await finishes(store, run, START, says(run, SECRET))
    if shown:
        (left,) = await store.undelivered()
        await store.save_shown(left.delivery.id, left.shown, DeliveryState.SENT)
    await store.forget(ANA.key)
    assert SECRET not in await home.everything()
    assert await store.undelivered() == ()
