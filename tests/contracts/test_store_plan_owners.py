"""Plans, and what they said, go with the people and places that they belong to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.storage.store import SqlStore
from bot.talk.delivery import DeliveryState
from bot.talk.digest import Told, text_of
from bot.talk.message import Addressed, Conversation, Place
from tests.contracts.plotting import claims, finishes, once, plan, says
from tests.contracts.scene import ROOM
from tests.contracts.secret import SECRET
from tests.fakes import ANA, BEN, START, said
from tests.storage.acts import HARBOUR, shows
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


async def test_what_a_plan_told_of_others_is_still_withdrawn_when_its_maker_is_forgotten(store: SqlStore) -> None:
    message = said("ours", by=BEN, place=HARBOUR, addressed=Addressed.NO, at=START)
    await store.record(message, keep=True)
    await store.save_plan(plan("p", once(START), owner=ANA.key, talk=Conversation(place=ROOM)))
    (run,) = await claims(store, START)
    told = (Told(text="1 message"), Told(text="ours", messages=frozenset({message.id})))
    await finishes(store, run, START, replace(says(run, text_of(told)), told=told))
    (left,) = await store.undelivered()
    await store.save_shown(left.delivery.id, shows(left.delivery), DeliveryState.SENT)
    await store.forget(ANA.key)
    await store.delete_messages(HARBOUR, [message.id])
    (edited,) = await store.undelivered()
    assert edited.delivery.text == "1 message"
