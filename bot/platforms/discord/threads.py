"""Threads, forums and their tags as discord.py's cache has them now, and who reads what of a support channel."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

import discord

from bot.errors import CalanqueError
from bot.platforms.discord.failures import translated
from bot.platforms.discord.files import unavailable
from bot.platforms.discord.opening import opened
from bot.platforms.discord.permissions import (
    MANAGE_GUILD,
    MANAGE_MESSAGES,
    Member,
    can_read_history,
    permissions,
)
from bot.platforms.discord.read import NAME, place_of
from bot.platforms.discord.rooms import channel_at
from bot.platforms.discord.servers import Servers
from bot.platforms.discord.shapes import shape_told
from bot.platforms.discord.wire import Wire
from bot.talk.event import ThreadChanged, Typing
from bot.talk.message import Message, Place, PlaceKind
from bot.talk.support import ThreadNow

_FORUMS = (discord.ChannelType.forum, discord.ChannelType.media)
_log = logging.getLogger(__name__)
_NOBODY = 0
"""No member has this id."""


class DiscordThreads:
    """Implements `bot.ports.threads.Threads`. `client`, `wire`: of the connection of now, None while there is none;
    `hears`: as in `DiscordRights`; `content`: whether we are told what is not addressed to us."""

    def __init__(
        self,
        client: Callable[[], discord.Client | None],
        wire: Callable[[], Wire | None],
        *,
        hears: Callable[[int], bool],
        content: bool,
    ) -> None:
        self._wire = wire
        self._servers = Servers(client, hears)
        self._content = content

    @property
    def hears(self) -> bool:
        return self._content

    def thread(self, place: Place) -> ThreadNow | None:
        guild = self._servers.known(place)
        found = None if guild is None else guild.get_thread(int(place.id))
        return None if found is None else _now(found, me=self._servers.me)

    async def tags_of(self, place: Place) -> Collection[str] | None:
        if (now := self.thread(place)) is not None:
            return now.tags
        wire = self._wire()
        if wire is None:
            return None
        try:
            with translated("the look at a thread"):
                data: Any = await wire.get_channel(int(place.id))
        except CalanqueError as error:
            _log.info("thread %s cannot be looked at: %s", place.id, error)
            return None
        return _tags(data)

    def is_forum(self, place: Place) -> bool:
        return isinstance(self._servers.channel(place), discord.ForumChannel)

    def tags(self, place: Place) -> Mapping[str, str]:
        channel = self._servers.channel(place)
        if not isinstance(channel, discord.ForumChannel):
            return {}
        return {str(tag.id): tag.name for tag in channel.available_tags}

    def roles(self, place: Place) -> Mapping[str, str]:
        """Without @everyone."""
        guild = self._servers.known(place)
        if guild is None:
            return {}
        return {str(role.id): role.name for role in guild.roles if role.id != guild.id}

    def can_answer(self, place: Place) -> bool | None:
        channel = self._servers.channel(place)
        if channel is None:
            return None
        allowed = channel.permissions_for(channel.guild.me)
        reads = allowed.view_channel and allowed.read_message_history
        return reads and (self.is_forum(place) or allowed.send_messages)

    def can_write_in_threads(self, place: Place) -> bool | None:
        channel = self._servers.channel(place)
        return None if channel is None else channel.permissions_for(channel.guild.me).send_messages_in_threads

    def can_open(self, place: Place) -> bool | None:
        channel = self._servers.channel(place)
        if channel is None:
            return None
        allowed = channel.permissions_for(channel.guild.me)
        return isinstance(channel, discord.TextChannel) and allowed.view_channel and allowed.create_public_threads

    async def open(self, message: Message, *, name: str) -> Place | None:
        wire = self._wire()
        if wire is None:
            raise unavailable()
        return await opened(wire, message, name)

    def others_read(self, place: Place, channel: Place, staff: Collection[str]) -> bool | None:
        """By roles: each that is no role of staff, and gives no right to manage the channel, must not open the place. A
        person who is named there by themselves counts as somebody else."""
        guild = self._servers.at(place)
        room = None if guild is None else channel_at(place, guild)
        helped = None if guild is None else channel_at(channel, guild)
        if guild is None or room is None or helped is None:
            return None
        if any(each.member and each.id != guild.me and each.allow for each in room.overwrites):
            return True
        for role in guild.roles:
            if str(role) in staff or role == guild.my_role:
                continue
            somebody = Member(id=_NOBODY, roles=frozenset({role} - {guild.id}))
            manages = permissions(somebody, helped, guild) & (MANAGE_MESSAGES | MANAGE_GUILD)
            if not manages and can_read_history(somebody, room, guild):
                return True
        return False


def typing(payload: discord.RawTypingEvent, guild: discord.Guild | None) -> Typing:
    channel = guild.get_channel_or_thread(payload.channel_id) if guild else None
    place = place_of(channel, guild=payload.guild_id, channel_id=payload.channel_id)
    return Typing(place=place, person=f"{NAME}:{payload.user_id}")


def thread_changed(payload: discord.RawThreadUpdateEvent, *, me: int) -> ThreadChanged:
    """What was archived is in nobody's cache any more."""
    data: Any = payload.data
    about: Any = data.get("thread_metadata") or {}
    now = ThreadNow(
        tags=_tags(data),
        closed=bool(about.get("archived")) or bool(about.get("locked")),
    )
    place = place_of(payload.thread)
    if payload.thread is None:
        place = Place(
            platform=NAME,
            id=str(payload.thread_id),
            kind=PlaceKind.THREAD,
            name=str(data.get("name") or ""),
            guild=str(payload.guild_id),
            parent=str(payload.parent_id),
            open=payload.thread_type is not discord.ChannelType.private_thread,
        )
    return ThreadChanged(place=place, now=now, shape=shape_told(data, me=me))


def _tags(data: Any) -> frozenset[str]:
    """From what Discord's API says of a thread."""
    return frozenset(map(str, data.get("applied_tags") or ()))


def _now(thread: discord.Thread, *, me: int) -> ThreadNow:
    parent: Any = thread.parent
    applied: Any = thread
    return ThreadNow(
        opener="" if thread.owner_id in (0, me) else f"{NAME}:{thread.owner_id}",
        opened_at=thread.created_at,
        # The library leaves out tags that it does not know yet.
        tags=frozenset(str(each) for each in applied._applied_tags),
        closed=thread.archived or thread.locked,
        forum=parent is not None and parent.type in _FORUMS,
    )
