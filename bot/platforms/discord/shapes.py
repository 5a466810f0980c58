"""Titles and tags of threads, and whether they are archived or locked: as the cache has it, and how it is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import discord
from discord.http import Route

from bot.errors import PlaceGone, PlatformUnavailable
from bot.platforms.discord.archived import archived_since
from bot.platforms.discord.failures import ARCHIVED, code_of
from bot.platforms.discord.files import unavailable
from bot.platforms.discord.read import NAME, place_of
from bot.platforms.discord.sending import sent
from bot.platforms.discord.servers import Servers
from bot.platforms.discord.tags import lacks_tag, requires_tag, tags_of
from bot.platforms.discord.wire import Wire
from bot.talk.message import Place
from bot.talk.shape import Change, Part, Shape, Tag, fitting

_OURS = (Part.TITLE, Part.ARCHIVED, Part.TAGS)
"""What the owner of a thread may change; for the rest it takes the right Manage Threads."""
_NAMES = {Part.TITLE: "name", Part.ARCHIVED: "archived", Part.LOCKED: "locked", Part.TAGS: "applied_tags"}


class DiscordShapes:
    """Implements `bot.ports.shapes.Shapes`. The arguments are those of `DiscordThreads`."""

    def __init__(
        self,
        client: Callable[[], discord.Client | None],
        wire: Callable[[], Wire | None],
        *,
        hears: Callable[[int], bool],
    ) -> None:
        self._wire = wire
        self._servers = Servers(client, hears)

    def shape(self, thread: Place) -> Shape | None:
        guild = self._servers.known(thread)
        found = None if guild is None else guild.get_thread(int(thread.id))
        return None if found is None else _shape(found, me=self._servers.me)

    def active(self, channel: Place) -> Mapping[Place, Shape]:
        found = self._servers.channel(channel)
        if not isinstance(found, discord.TextChannel | discord.ForumChannel):
            return {}
        open_to_all = [each for each in found.threads if not each.is_private()]
        return {place_of(each): _shape(each, me=self._servers.me) for each in open_to_all}

    async def archived(self, channel: Place, *, since: datetime) -> Mapping[Place, Shape]:
        wire, found = self._wire(), self._servers.channel(channel)
        if wire is None or self._servers.at(channel) is None:
            raise unavailable()
        if found is None:
            return {}
        allowed = found.permissions_for(found.guild.me)
        if not (allowed.view_channel and allowed.read_message_history):
            return {}
        some = await archived_since(wire, channel, since)
        return {place: shape_told(each, me=self._servers.me) for place, each in some.items()}

    def tags(self, forum: Place) -> Sequence[Tag]:
        return tags_of(self._servers.channel(forum))

    def fitting(self, forum: Place, tags: Sequence[str]) -> Sequence[str]:
        return fitting(tags, self.tags(forum), required=self.requires_tag(forum), manages=self.may_shape(forum) is True)

    def of_post(self, forum: Place, wanted: Sequence[str] | None) -> Sequence[str]:
        """See `Delivery.tags`."""
        if wanted is None:
            return self.fitting(forum, ())
        there = {each.id for each in self.tags(forum)}
        return [each for each in wanted if each in there]

    def requires_tag(self, forum: Place) -> bool:
        return requires_tag(self._servers.channel(forum))

    def lacks_tag(self, forum: Place) -> bool:
        return lacks_tag(self._servers.channel(forum))

    def may_shape(self, channel: Place) -> bool | None:
        found = self._servers.channel(channel)
        if found is None or self._servers.at(channel) is None:
            return None
        allowed = found.permissions_for(found.guild.me)
        return allowed.view_channel and allowed.manage_threads

    async def reshape(self, thread: Place, change: Change) -> Change:
        wire = self._wire()
        if wire is None:
            raise unavailable()
        made = self._keeps_one(thread.channel, self._allowed(thread, change))
        body = {_NAMES[part]: sorted(value) if isinstance(value, frozenset) else value for part, value in made.items()}
        if body:
            route = Route("PATCH", "/channels/{channel_id}", channel_id=thread.id)
            try:
                await sent(wire.request(route, json=body), "changing a thread")
            except PlaceGone as error:
                if code_of(error) != ARCHIVED:
                    raise
                if made == {Part.ARCHIVED: True}:
                    return made
                raise PlatformUnavailable("the thread was archived meanwhile, of which we are told soon") from error
        return made

    def _allowed(self, thread: Place, change: Change) -> Change:
        """What we may, or may be able to: whoever is refused one part is refused the whole."""
        channel = thread.channel
        if channel is None or self.may_shape(channel):
            return change
        made = {part: value for part, value in change.items() if part in _OURS}
        tags = made.get(Part.TAGS)
        if isinstance(tags, frozenset):
            known = self.shape(thread)
            before = frozenset[str]() if known is None else known.tags
            moderated = {each.id for each in self.tags(channel) if each.moderated}
            made[Part.TAGS] = (tags - moderated) | (before & moderated)
        return made

    def _keeps_one(self, channel: Place | None, change: Change) -> Change:
        """Where posts need a tag, the last one stays."""
        if change.get(Part.TAGS) or channel is None or not self.requires_tag(channel):
            return change
        return {part: value for part, value in change.items() if part is not Part.TAGS}


def shape_told(data: Any, *, me: int) -> Shape:
    """From what Discord's API says of a thread."""
    about: Any = data.get("thread_metadata") or {}
    owner = int(data.get("owner_id") or 0)
    return Shape(
        title=str(data.get("name") or ""),
        archived=bool(about.get("archived")),
        locked=bool(about.get("locked")),
        tags=frozenset(map(str, data.get("applied_tags") or ())),
        ours=owner == me,
        opener=_opener(owner, me),
    )


def _shape(thread: discord.Thread, *, me: int) -> Shape:
    applied: Any = thread
    return Shape(
        title=thread.name,
        archived=thread.archived,
        locked=thread.locked,
        # The library leaves out tags that it does not know yet.
        tags=frozenset(str(each) for each in applied._applied_tags),
        ours=thread.owner_id == me,
        opener=_opener(thread.owner_id, me),
    )


def _opener(owner: int, me: int) -> str:
    return "" if owner in (0, me) else f"{NAME}:{owner}"
