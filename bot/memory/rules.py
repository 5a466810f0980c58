"""The rules of a place as they count there: a thread follows its channel where it has none of its own."""

from __future__ import annotations

from collections.abc import Mapping

from bot.ports import Store
from bot.talk.message import Place
from bot.talk.policy import Policy


async def rules(store: Store, place: Place) -> Policy:
    policy = await store.policy(place)
    return policy if place.channel is None else policy.within(await store.policy(place.channel))


def rules_among(policies: Mapping[str, Policy], place: Place) -> Policy:
    """The same, from policies by `Place.key` that are read already."""
    policy = policies[place.key]
    return policy if place.channel is None else policy.within(policies[place.channel.key])
