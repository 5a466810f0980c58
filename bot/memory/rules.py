"""The rules of a place as they count there: a thread follows its channel where it has none of its own."""

from __future__ import annotations

from bot.ports import Store
from bot.talk.message import Place
from bot.talk.policy import Policy


async def rules(store: Store, place: Place) -> Policy:
    policy = await store.policy(place)
    return policy if place.channel is None else policy.within(await store.policy(place.channel))
