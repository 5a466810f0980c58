"""Threads that were archived while we were away: of these Discord tells nobody."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from discord.http import Route

from bot.platforms.discord.read import public_thread
from bot.platforms.discord.sending import sent
from bot.platforms.discord.wire import Wire
from bot.talk.message import Place

PAGE = 100
"""Threads that Discord lists at once, at most."""
PAGES = 5
"""Of one channel, the latest ones, that are looked through."""

_log = logging.getLogger(__name__)


async def archived_since(wire: Wire, channel: Place, since: datetime) -> Mapping[Place, Any]:
    """What Discord's API says of the channel's public threads that were archived since. Raises PlaceGone,
    PlatformUnavailable."""
    found: dict[Place, Any] = {}
    query = {"limit": str(PAGE)}
    for _ in range(PAGES):
        route = Route("GET", "/channels/{channel_id}/threads/archived/public", channel_id=channel.id)
        page = await sent(wire.request(route, params=query), "looking for archived threads")
        new = [each for each in page["threads"] if _archived_at(each) >= since]
        found.update((public_thread(channel, str(each["id"]), str(each.get("name") or "")), each) for each in new)
        if len(new) < len(page["threads"]) or not (new and page.get("has_more")):
            return found
        query["before"] = new[-1]["thread_metadata"]["archive_timestamp"]
    _log.warning("more threads of channel %s were archived than are looked through (%d)", channel.id, PAGE * PAGES)
    return found


def _archived_at(thread: Any) -> datetime:
    return datetime.fromisoformat(thread["thread_metadata"]["archive_timestamp"])
