"""What may be kept, read for all messages that arrive together."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from bot.storage.places import known_policies, opted_out, save_places
from bot.talk.message import Place
from bot.talk.policy import Permissions


def known(connection: Connection, places: Collection[Place], people: Collection[str]) -> Permissions | None:
    """None where a place is unknown or has changed, and is to be saved first."""
    distinct = {place.key: place for place in places}
    policies = known_policies(connection, distinct.values())
    if len(policies) < len(distinct):
        return None
    return Permissions(policies=policies, silent=frozenset(opted_out(connection, dict.fromkeys(people))))


def saved(connection: Connection, places: Collection[Place], people: Collection[str]) -> Permissions:
    distinct = {place.key: place for place in places}
    save_places(connection, distinct.values())
    policies = known_policies(connection, distinct.values())
    return Permissions(policies=policies, silent=frozenset(opted_out(connection, dict.fromkeys(people))))
