"""Builds the parts that depend on the settings: engines and platforms.

What most programs do without is imported where it is built: together it would cost half a second at every start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import consent
from bot.app import digesting, mirroring, overseeing
from bot.app.shelving import staff_commands
from bot.approvals.commands import commands as tool_commands
from bot.errors import SettingsError
from bot.inference.ollama import OllamaInference
from bot.inference.tekken import Tekken
from bot.lanes.engines import Engines
from bot.lanes.lanes import Bounds
from bot.languages.phrases import Phrases
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.ports import ImageBytes, Platform
from bot.ports.knowledge import Pins
from bot.ports.oversight import Oversees
from bot.ports.rights import Rights
from bot.ports.shapes import Shapes
from bot.ports.threads import Threads
from bot.services import language_commands, reminder_commands
from bot.settings import EngineKind, Settings, Switch
from bot.storage.store import SqlStore
from bot.support.commands import commands as support_commands
from bot.talk.command import Command

if TYPE_CHECKING:
    from bot.inference.embedded import EmbeddedInference
    from bot.inference.openai_compatible import OpenAIInference
    from bot.platforms.discord.platform import DiscordPlatform
    from bot.platforms.local.platform import LocalPlatform


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What nearly everything is built with."""

    settings: Settings
    phrases: Phrases
    clock: SystemClock = field(default_factory=SystemClock)
    counters: MemoryCounters = field(default_factory=MemoryCounters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Platforms:
    by_name: Mapping[str, Platform]
    ready: Mapping[str, asyncio.Event]
    discord: DiscordPlatform | None = None
    rights: Mapping[str, Rights] = field(default_factory=dict[str, Rights])
    page: LocalPlatform | None = None

    def oversees(self, reviewing: Oversees) -> None:
        """The page lets staff do what they can do."""
        if self.page is not None:
            self.page.oversee(reviewing)

    @property
    def pins(self) -> Mapping[str, Pins]:
        return {} if self.discord is None else {self.discord.name: self.discord}

    @property
    def shapes(self) -> Mapping[str, Shapes]:
        return {} if self.discord is None else {self.discord.name: self.discord.shapes}

    threads: Mapping[str, Threads] = field(default_factory=dict[str, Threads])


def new_engine(
    shared: Shared, kind: EngineKind, images: ImageBytes
) -> OllamaInference | OpenAIInference | EmbeddedInference:
    settings, clock, counters = shared.settings.engine, shared.clock, shared.counters
    match kind:
        case EngineKind.AUTO | EngineKind.OLLAMA:
            return OllamaInference(settings, images=images, counters=counters, clock=clock, tekken=Tekken())
        case EngineKind.OPENAI:
            from bot.inference.openai_compatible import OpenAIInference  # noqa: PLC0415 - see the module's docstring

            return OpenAIInference(settings, images=images, counters=counters, clock=clock)
        case EngineKind.EMBEDDED:
            from bot.inference.embedded import EmbeddedInference  # noqa: PLC0415 - likewise

            return EmbeddedInference(settings, images=images, counters=counters, clock=clock)


def bounds(settings: Settings) -> Bounds:
    limits = settings.limits
    return Bounds(
        slots=settings.engine.slots,
        queue=limits.queue,
        queue_per_person=limits.queue_per_person,
        queue_per_channel=limits.queue_per_channel,
        seconds=limits.wait_seconds,
        away_seconds=limits.engine_away_minutes * 60,
        warm_wait=limits.warm_wait_seconds,
    )


def all_commands(settings: Settings, phrases: Phrases) -> tuple[Command, ...]:
    """As platforms show them, in the language of `phrases`."""
    return (
        *consent.commands(phrases),
        *tool_commands(phrases),
        *reminder_commands.commands(phrases),
        *digesting.commands(phrases),
        *language_commands.commands(phrases),
        *mirroring.commands(phrases),
        *support_commands(phrases),
        *overseeing.commands(phrases),
        *staff_commands(settings, phrases),
    )


def new_platforms(shared: Shared, store: SqlStore, engines: Engines) -> Platforms:
    settings, phrases, clock = shared.settings, shared.phrases, shared.clock
    by_name: dict[str, Platform] = {}
    ready: dict[str, asyncio.Event] = {}
    rights: dict[str, Rights] = {}
    on_discord: DiscordPlatform | None = None
    commands = all_commands(settings, phrases)

    def in_locale(locale: str) -> tuple[Command, ...]:
        return all_commands(settings, phrases.to(locale))

    page: LocalPlatform | None = None
    if settings.discord.token is not None:
        from bot.platforms.discord.platform import DiscordPlatform  # noqa: PLC0415 - likewise

        on_discord = DiscordPlatform(
            settings.discord,
            commands=commands,
            in_locale=in_locale,
            phrases=phrases,
            clock=clock,
            facts=store,
            counters=shared.counters,
            answer_after=timedelta(minutes=settings.limits.answer_after_minutes),
            forms=overseeing.forms,
        )
        by_name[on_discord.name], ready[on_discord.name] = on_discord, on_discord.ready
        rights[on_discord.name] = on_discord.rights
    if page_runs(settings):
        from bot.platforms.local.platform import LocalPlatform  # noqa: PLC0415 - likewise

        page = LocalPlatform(
            settings.page,
            views=store,
            store=store,
            commands=commands,
            in_locale=in_locale,
            phrases=phrases,
            clock=clock,
            limits=settings.limits,
            bot_name=settings.community.bot_name,
            status=lambda: _status(engines, shared),
            forms=overseeing.forms,
        )
        by_name[page.name], ready[page.name] = page, page.started
        rights[page.name] = page.rights
    threads = {} if on_discord is None else {on_discord.name: on_discord.threads}
    return Platforms(by_name=by_name, ready=ready, discord=on_discord, rights=rights, threads=threads, page=page)


def page_runs(settings: Settings) -> bool:
    if settings.page.enabled is Switch.AUTO:
        return settings.discord.token is None
    return settings.page.enabled is Switch.ON


def require_sense(settings: Settings) -> None:
    if settings.engine.kind is EngineKind.EMBEDDED and settings.discord.token is not None:
        raise SettingsError(
            "ENGINE_KIND=embedded is a demo for the local page only; on Discord use ollama or openai, "
            "or run without DISCORD_TOKEN"
        )


def _status(engines: Engines, shared: Shared) -> Mapping[str, object]:
    """What the page shows of the engine."""
    engine = engines.serving("local")
    if engine is None:
        return {"engine": "", "model": shared.settings.engine.model, "demo": False, "ready": False}
    shown: dict[str, object] = {"engine": engine.name, "model": engine.model, "demo": engine.demo, "ready": True}
    return shown | {"note": "demo-note"} if engine.demo else shown
