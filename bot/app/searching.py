"""History search, joined: what the desk hands to tools, and what keeps the index."""

from __future__ import annotations

from collections.abc import Mapping

from bot.ports.history import MessageSearch
from bot.ports.rights import Rights
from bot.services.history import HistorySearch
from bot.talk.message import Message


def history_for(store: MessageSearch, rights: Mapping[str, Rights], message: Message) -> HistorySearch | None:
    """None on a platform of which nobody knows who may read what."""
    known = rights.get(message.place.platform)
    return None if known is None else HistorySearch(store, known, message)
