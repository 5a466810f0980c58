"""Cuts that were prepared while nobody waited: made by `tend`, used by whoever cuts first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from bot.talk.message import Conversation
from bot.talk.record import StoredSummary

KEPT = 256
"""Conversations with a prepared cut, at most; one takes some kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """`summary` tells of all pieces with a seq below `before`, and was made when the ledger had this `revision`; None
    where nothing can be told in the room that there is."""

    before: int
    summary: StoredSummary | None
    revision: int


class Preparations:
    """By conversation; forgotten with the process, and useless as soon as words went that a summary may hold."""

    def __init__(self) -> None:
        self._by_key: OrderedDict[str, Preparation] = OrderedDict()

    def put(self, conversation: Conversation, preparation: Preparation) -> None:
        self._by_key[conversation.key] = preparation
        self._by_key.move_to_end(conversation.key)
        while len(self._by_key) > KEPT:
            self._by_key.popitem(last=False)

    def get(self, conversation: Conversation, *, revision: int) -> Preparation | None:
        """None as well where it was made of an older revision."""
        found = self._by_key.get(conversation.key)
        if found is None or found.revision != revision:
            self._by_key.pop(conversation.key, None)
            return None
        return found

    def drop(self, conversation: Conversation) -> None:
        self._by_key.pop(conversation.key, None)
