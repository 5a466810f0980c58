"""Discord as a platform: its events go up as ours, our deliveries come down as its messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Protocol

import aiohttp
import discord
import yarl

from bot.errors import CalanqueError, PlatformUnavailable
from bot.languages.phrases import Phrases
from bot.platforms.discord import examine
from bot.platforms.discord.catchup import Kept
from bot.platforms.discord.client import Client, heeded
from bot.platforms.discord.commands import register
from bot.platforms.discord.events import Events
from bot.platforms.discord.failures import TRANSIENT, fatal, translated, usable_token
from bot.platforms.discord.files import Files, unavailable
from bot.platforms.discord.forms import Forms
from bot.platforms.discord.inbox import Inbox
from bot.platforms.discord.insist import Insistence
from bot.platforms.discord.localised import InLocale
from bot.platforms.discord.openings import door_of
from bot.platforms.discord.pins import pinned
from bot.platforms.discord.private import Private
from bot.platforms.discord.progress import Progress
from bot.platforms.discord.quiet import quiet_library
from bot.platforms.discord.read import NAME
from bot.platforms.discord.readback import Claims
from bot.platforms.discord.render import render
from bot.platforms.discord.rights import DiscordRights
from bot.platforms.discord.shapes import DiscordShapes
from bot.platforms.discord.starts import Starts
from bot.platforms.discord.threads import DiscordThreads
from bot.platforms.discord.watermark import Watermark
from bot.platforms.discord.wire import Wire
from bot.ports import Clock, Counters, Hear
from bot.settings import Discord, Streaming
from bot.talk.command import Command
from bot.talk.delivery import Delivery, Shown
from bot.talk.finding import Finding
from bot.talk.form import NONE
from bot.talk.message import Attachment, Message, Place

TYPING_SECONDS = 5.0
"""Longest time for showing that an answer is being written; later it is of no use."""

DRAIN_SECONDS = 2.0
"""At the end: time for what has arrived to be written down."""

BACKOFF_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Waits between attempts to connect, while Discord or the network is away; the last one repeats."""

ANSWER_AFTER = timedelta(minutes=30)
"""How old a missed question may be that is still answered, where nothing else is set."""

STEADY_SECONDS = 120.0
"""A connection that held so long ends a row of failed attempts."""

_log = logging.getLogger(__name__)


class Remembers(Kept, Claims, Protocol):
    """The part of the store that the platform needs."""


class DiscordPlatform:
    """Implements `Platform` and `Examined`. `ready` is set while the connection stands and everything is known."""

    def __init__(
        self,
        settings: Discord,
        *,
        commands: Sequence[Command],
        phrases: Phrases,
        clock: Clock,
        facts: Remembers,
        counters: Counters,
        answer_after: timedelta = ANSWER_AFTER,
        in_locale: InLocale | None = None,
        forms: Forms = lambda _: NONE,
    ) -> None:
        self._forms = forms
        self._settings = settings
        self._commands = tuple(commands)
        self._phrases = phrases
        self._in_locale = in_locale
        self._clock = clock
        self._facts = facts
        self._counters = counters
        own = yarl.URL(settings.api_url).host if settings.api_url else None
        self._files = Files(clock, extra_hosts=(own,) if own else ())
        self._progress = Progress(clock)
        self._insistence = Insistence(clock, counters)
        self._answer_after = answer_after
        self._mark = Watermark(facts, clock)
        self._starts = Starts(clock, counters)
        self._private = Private(clock, self._progress, facts)
        self._client: Client | None = None
        self._inbox: Inbox | None = None
        self._events: Events | None = None
        self._session: aiohttp.ClientSession | None = None
        self.ready = asyncio.Event()
        self.rights = DiscordRights(
            lambda: self._client,
            lambda: None if self._client is None else self._client.wire,
            clock,
            hears=lambda shard: self._events is not None and self._events.hears(shard),
            complete=lambda: self._events is not None and self._events.catch_up.complete,
        )
        self.shapes = DiscordShapes(
            lambda: self._client,
            lambda: None if self._client is None else self._client.wire,
            hears=lambda shard: self._events is not None and self._events.hears(shard),
        )
        self.threads = DiscordThreads(
            lambda: self._client,
            lambda: None if self._client is None else self._client.wire,
            hears=lambda shard: self._events is not None and self._events.hears(shard),
            content=settings.message_content,
        )

    @property
    def name(self) -> str:
        return NAME

    async def pinned(self, place: Place) -> Sequence[Message]:
        return await pinned(self._client if self.ready.is_set() else None, place)

    @property
    def latency(self) -> float:
        """Seconds between a heartbeat and its answer, the mean over the shards; infinite while not connected."""
        return self._client.latency if self._client and self.ready.is_set() else float("inf")

    @property
    def shards(self) -> tuple[int, int]:
        """How many shards are connected, and how many there are; none while Discord is away."""
        if self._client is None or self._events is None:
            return 0, 0
        return self._events.up, self._client.shard_count or 0

    @property
    def unheard(self) -> int:
        """Events that have arrived and wait to be written down."""
        return 0 if self._inbox is None else self._inbox.waiting

    async def run(self, hear: Hear) -> None:
        """Serve until cancelled. Raises TokenRefused, IntentRefused or SettingsError for what an operator must mend."""
        token = usable_token(self._settings)
        if not self._settings.message_content:
            _log.info(
                "Without the Message Content intent the bot sees mentions, replies that ping it and direct messages"
            )
        failures = 0
        with quiet_library():
            while True:
                started = self._clock.monotonic()
                problem = await self._connected(hear, token)
                mend = fatal(problem)
                if mend is not None:
                    raise mend from problem
                failures = 1 if self._clock.monotonic() - started > STEADY_SECONDS else failures + 1
                wait = BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS)) - 1]
                self._counters.add("discord_connections_lost_total")
                bug = None if isinstance(problem, (discord.DiscordException, CalanqueError, *TRANSIENT)) else problem
                _log.warning("Discord is away (%s); trying again in %.0f s", type(problem).__name__, wait, exc_info=bug)
                await self._clock.sleep(wait)

    async def _connected(self, hear: Hear, token: str) -> Exception:
        """One connection with everything that belongs to it; returns why it ended."""
        inbox = Inbox(hear, self._counters, self._insistence)
        async with (
            aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()) as session,
            asyncio.TaskGroup() as tasks,
        ):
            hearing = tasks.create_task(inbox.run())
            marking: asyncio.Task[None] | None = None
            events = Events(
                inbox,
                commands=self._commands,
                forms=self._forms,
                phrases=self._phrases,
                files=self._files,
                private=self._private,
                kept=self._facts,
                mark=self._mark,
                within=self._answer_after,
                content=self._settings.message_content,
                clock=self._clock,
                counters=self._counters,
                tasks=tasks,
                ready=self.ready,
            )
            client = Client(
                self._settings,
                takes=events.takes,
                room=inbox.room,
                starts=self._starts,
                clock=self._clock,
                time=self._mark.time,
            )
            events.client = events.past.client = events.catch_up.client = client
            self._inbox, self._events = inbox, events
            try:
                async with client:
                    await heeded(client.login(token))
                    await self._mark.load(client.application_id or 0)
                    marking = tasks.create_task(self._mark.run(inbox, lambda: events.catch_up.complete))
                    self._client, self._session = client, session
                    registering = tasks.create_task(self._register(client))
                    try:
                        await heeded(client.connect())
                    finally:
                        registering.cancel()
                    problem: Exception = ConnectionError("the connection was closed")
            except Exception as error:
                problem = error
            finally:
                self._client = self._session = self._inbox = self._events = None
                self.ready.clear()
                if marking is not None:
                    marking.cancel()
                events.stop()
                if not await inbox.drained(DRAIN_SECONDS):
                    _log.warning("%d events of Discord were not written down", inbox.waiting)
                hearing.cancel()
        return problem

    async def _register(self, client: Client) -> None:
        """Tell Discord the commands if they changed. A failure is logged; the bot serves without them."""
        if client.application_id is None:
            return
        try:
            await register(
                self._commands,
                application_id=client.application_id,
                registry=client.wire,
                facts=self._facts,
                phrases=self._phrases,
                in_locale=self._in_locale,
            )
        except (discord.HTTPException, CalanqueError, *TRANSIENT) as error:  # ours: what was registered is remembered
            _log.warning("The commands could not be registered with Discord: %s", type(error).__name__)

    def _wire(self) -> Wire:
        if self._client is None:
            raise unavailable()
        return self._client.wire

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        """See `Platform.deliver`. With `final-only` an open delivery shows typing and nothing else."""
        try:
            wire = self._wire()
        except PlatformUnavailable as error:
            error.shown = shown  # for certain: nothing could be sent
            raise
        if not delivery.final and self._settings.streaming is Streaming.FINAL_ONLY:
            if delivery.conversation.only is None:
                await self.typing(delivery.conversation.place)
            return shown
        # Only where there is no text yet is anything of ours said here.
        phrases = self._phrases if delivery.text else await self._phrases.heard(delivery.conversation)
        wanted = render(delivery, waiting=phrases.say("thinking"))
        if delivery.conversation.only is not None:
            return await self._private.deliver(wire, wanted, delivery, shown)
        place = delivery.conversation.place
        forum = self.threads.is_forum(place)
        tags = self.shapes.of_post(place, delivery.tags) if forum else ()
        door = door_of(wire, delivery, shown, self._facts, forum=forum, tags=tags)
        return await self._progress.bring(door, wanted, delivery, shown)

    async def typing(self, place: Place) -> None:
        """Shown for ten seconds, or until a message arrives."""
        try:
            with translated("a sign of typing"):
                async with asyncio.timeout(TYPING_SECONDS):
                    await self._wire().send_typing(int(place.id))
        except CalanqueError as error:
            _log.debug("Typing was not shown: %s", error)

    async def fetch(self, attachment: Attachment) -> AsyncGenerator[bytes]:
        """See `Platform.fetch`; also raises AttachmentUnreadable for a file that is larger than it claims."""
        wire, session = self._wire(), self._session
        if session is None:
            raise unavailable()
        async with aclosing(self._files.stream(wire, session, attachment)) as blocks:
            async for block in blocks:
                yield block

    async def examine(self) -> Sequence[Finding]:
        """Token, intents, sessions and the invite link."""
        return await examine.examine(self._settings)
