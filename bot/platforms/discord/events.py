"""What Discord tells, made into events for `hear`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import discord

from bot.errors import BackendError, CalanqueError
from bot.languages.phrases import Phrases
from bot.platforms.discord.absent import left_meanwhile
from bot.platforms.discord.catchup import CatchUp, Kept
from bot.platforms.discord.client import Client, Take
from bot.platforms.discord.doors import acknowledge
from bot.platforms.discord.failures import TRANSIENT
from bot.platforms.discord.files import Files
from bot.platforms.discord.forms import Forms, asked_for, show
from bot.platforms.discord.held import Held
from bot.platforms.discord.inbox import CALM, Inbox, told
from bot.platforms.discord.pressed import COMMAND, PRESS, WISHES, made_of_command, made_of_press
from bot.platforms.discord.private import Private
from bot.platforms.discord.read import NAME, lacks_reference, place_of, read, spoken
from bot.platforms.discord.reading import Past
from bot.platforms.discord.threads import thread_changed, typing
from bot.platforms.discord.watermark import Watermark
from bot.ports import Clock, Counters
from bot.talk.command import Command
from bot.talk.event import Deleted, Edited, Event, Left, Said

REFERENCE_SECONDS = 5.0
"""Longest wait for a message that somebody replied to and that Discord did not send along."""

_log = logging.getLogger(__name__)


class Events:
    """Takes discord.py's events for one connection; `takes` names what it takes."""

    client: Client

    def __init__(
        self,
        inbox: Inbox,
        *,
        commands: Sequence[Command],
        forms: Forms,
        phrases: Phrases,
        files: Files,
        private: Private,
        kept: Kept,
        mark: Watermark,
        within: timedelta,
        content: bool,
        clock: Clock,
        counters: Counters,
        tasks: asyncio.TaskGroup,
        ready: asyncio.Event,
    ) -> None:
        self._inbox = inbox
        self._commands = commands
        self._asked_for = partial(asked_for, commands=commands, forms=forms, phrases=phrases)
        self._mark = mark
        self._held = Held(inbox)
        self.past = Past(
            inbox,
            mark.time,
            said=self._missed,
            edited=self._changed,
            within=within,
            content=content,
            clock=clock,
            counters=counters,
        )
        self.catch_up = CatchUp(
            inbox,
            self._held,
            mark,
            self.past,
            kept=kept,
            within=within,
            begin=self._begin_reading,
            clock=clock,
            counters=counters,
        )
        self._files = files
        self._private = private
        self._tasks = tasks
        self._ready = ready
        self._kept = kept
        self._reading: set[asyncio.Task[None]] = set()
        self._compared = False
        self._shards: set[int] = set()
        self.takes: dict[str, Take] = {
            "message": self._message,
            "raw_message_edit": self._edit,
            "raw_message_delete": self._delete,
            "raw_bulk_message_delete": self._delete,
            "interaction": self._interaction,
            "guild_remove": self._guild_remove,
            "guild_channel_delete": self._channel_delete,
            "raw_thread_delete": self._thread_delete,
            "raw_thread_update": self._thread_update,
            "raw_typing": self._typing,
            "guild_available": self.catch_up.available,
            "guild_join": self.catch_up.available,
            "guild_unavailable": self.catch_up.unavailable,
            "shard_connect": self.catch_up.arrives,
            "shard_ready": self._arrived,
            "shard_resumed": self._resumed,
            "shard_disconnect": self._down,
        }

    @property
    def up(self) -> int:
        """Shards that are connected."""
        return len(self._shards)

    def hears(self, shard: int) -> bool:
        """Whether it is connected."""
        return shard in self._shards

    def stop(self) -> None:
        """The connection is over: nothing more is read, and what is held back is heard now."""
        for task in self._reading:
            task.cancel()
        self._held.let_go_all()

    # messages
    def _message(self, message: discord.Message) -> None:
        self._mark.time.tells(message.created_at)
        self.catch_up.live(message)
        if self._concerns(message):
            self._held.put(message.channel.id, _guild_of(message), partial(self._said, message))

    def _missed(self, message: discord.Message) -> None:
        if self._concerns(message):
            self._inbox.put(message.channel.id, partial(self._said, message, missed=True))

    def _changed(self, message: discord.Message) -> None:
        if self._concerns(message):
            self._inbox.put(message.channel.id, partial(self._edited, message))

    def _edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        message = payload.message
        # Without a time of editing Discord added a preview, a pin or a thread: nobody changed their words.
        if message.edited_at is not None and self._concerns(message):
            self._held.put(message.channel.id, _guild_of(message), partial(self._edited, message))

    def _concerns(self, message: discord.Message) -> bool:
        if message.author.id == self._me or not spoken(message):
            return False
        self._files.remember(message)
        target = message.reference.resolved if message.reference else None
        if isinstance(target, discord.Message):
            self._files.remember(target)
        return True

    async def _said(self, message: discord.Message, *, missed: bool = False) -> Event | None:
        made = read(message, self._me, referenced=await self._reference(message))
        if made is None:
            return None
        return Said(message=made, age=self._mark.time.since(message.created_at) if missed else timedelta())

    async def _edited(self, message: discord.Message) -> Event | None:
        made = read(message, self._me, referenced=await self._reference(message))
        return None if made is None else Edited(message=made)

    async def _reference(self, message: discord.Message) -> discord.Message | None:
        reference = message.reference
        if not lacks_reference(message) or reference is None or reference.message_id is None:
            return None
        try:
            async with asyncio.timeout(REFERENCE_SECONDS):
                found = await message.channel.fetch_message(reference.message_id)
        except (discord.HTTPException, *TRANSIENT):
            return None
        self._files.remember(found)
        return found

    def _delete(self, payload: discord.RawMessageDeleteEvent | discord.RawBulkMessageDeleteEvent) -> None:
        if isinstance(payload, discord.RawBulkMessageDeleteEvent):
            ids = tuple(sorted(str(each) for each in payload.message_ids))
        else:
            ids = (str(payload.message_id),)
        guild = self.client.get_guild(payload.guild_id) if payload.guild_id else None
        channel = guild.get_channel_or_thread(payload.channel_id) if guild else None
        place = place_of(channel, guild=payload.guild_id, channel_id=payload.channel_id)
        self._held.put(payload.channel_id, payload.guild_id, told(Deleted(place=place, message_ids=ids)))

    # presses and commands
    def _interaction(self, interaction: discord.Interaction) -> None:
        if interaction.type in WISHES:
            self._begin(self._answer(interaction))

    async def _answer(self, interaction: discord.Interaction) -> None:
        """Acknowledge first: Discord waits three seconds. Where that fails, the event is heard all the same."""
        if (form := self._asked_for(interaction)) is not None:
            await show(self.client.wire, interaction, form)
            return
        thinking = interaction.type is not PRESS
        handle = None
        try:
            await acknowledge(self.client.wire, interaction, thinking=thinking)
        except BackendError as error:
            _log.warning("A press or command could not be acknowledged in time: %s", error)
        else:
            handle = self._private.remember(
                interaction.id,
                application_id=interaction.application_id,
                token=interaction.token,
                thinking=thinking,
            )
        key = interaction.channel_id or interaction.id
        if interaction.type is COMMAND:
            self._put(key, made_of_command(interaction, handle, self._commands))
        else:
            self._put(key, made_of_press(interaction, handle))

    # places that end
    def _guild_remove(self, guild: discord.Guild) -> None:
        self.catch_up.left(guild)
        self._put(guild.id, Left(platform=NAME, guild=str(guild.id)))

    def _channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        self._put(channel.id, Left(platform=NAME, place=place_of(channel)))

    def _thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        place = place_of(payload.thread, guild=payload.guild_id, channel_id=payload.thread_id)
        self._put(payload.thread_id, Left(platform=NAME, place=place))

    def _thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        event = thread_changed(payload, me=self._me)
        self._held.put(payload.thread_id, payload.guild_id, told(event))  # not before what was said there

    def _typing(self, payload: discord.RawTypingEvent) -> None:
        """Of no use later: where much waits to be heard, it is not told."""
        if payload.guild_id is not None and payload.user_id != self._me and self._inbox.waiting < CALM:
            self._put(payload.channel_id, typing(payload, self.client.get_guild(payload.guild_id)))

    # the connection
    def _arrived(self, shard: int) -> None:
        self.catch_up.arrived(shard)
        self._up(shard)

    def _resumed(self, shard: int) -> None:
        self.catch_up.resumed(shard)
        self._up(shard)

    def _up(self, shard: int) -> None:
        self._shards.add(shard)
        if len(self._shards) == self.client.shard_count:
            self._ready.set()
            if not self._compared:
                self._compared = True
                self._begin(self._compare())

    async def _compare(self) -> None:
        try:
            for event in await left_meanwhile(self.client, self._kept):
                self._put(int(event.guild or 0), event)
        except (discord.HTTPException, CalanqueError, *TRANSIENT) as error:
            self._compared = False
            _log.warning("Which servers we are still in could not be compared: %s", type(error).__name__)

    def _down(self, shard: int) -> None:
        self.catch_up.leaves(shard)
        self._shards.discard(shard)
        self._ready.clear()

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
        try:
            return self._tasks.create_task(work)
        except RuntimeError:  # the connection is being left, but the library still tells of it
            work.close()
            return None

    def _begin_reading(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._begin(work)
        if task is not None:
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    @property
    def _me(self) -> int:
        return self.client.user.id if self.client.user else 0

    def _put(self, key: int, event: Event) -> None:
        self._inbox.put(key, told(event))


def _guild_of(message: discord.Message) -> int | None:
    return None if message.guild is None else message.guild.id
