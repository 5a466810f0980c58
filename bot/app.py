"""The only place that builds concrete things and joins them; one exit stack takes them down in reverse order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from datetime import time

from bot import consent
from bot.agent.persona import load_persona
from bot.agent.toolbox import Toolbox
from bot.answer.answers import STOP_PRESS, Answers
from bot.answer.turn import Materials
from bot.consent import Keeper
from bot.deliver import Deliver
from bot.documents.reader import DocumentReader
from bot.errors import BackendError, OperatorError, SettingsError
from bot.hear import RETENTION_TICK, Hearing
from bot.inference.embedded import EmbeddedInference
from bot.inference.ollama import OllamaInference
from bot.inference.ollama_pull import pull as pull_through_ollama
from bot.inference.openai_compatible import OpenAIInference
from bot.inference.tekken import Tekken
from bot.lanes.engines import Engines
from bot.lanes.lanes import Bounds, Lanes
from bot.languages.phrases import Phrases
from bot.operate import doctor
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.operate.schedule import Schedule, daily
from bot.operate.shutdown import asked_to_stop
from bot.platforms.local.platform import LocalPlatform
from bot.ports import Examined, ImageBytes, Inference, Platform
from bot.read import Reader
from bot.settings import EngineKind, Settings, Switch
from bot.storage.address import find
from bot.storage.examine import DatabaseExam
from bot.storage.hold import hold
from bot.storage.migrate import migrate as bring_up_to_date
from bot.storage.store import SqlStore, open_store
from bot.talk.finding import Finding
from bot.talk.message import Message, Place
from bot.talk.prompt import PullProgress
from tools import TOOLS

log = logging.getLogger(__name__)

ALL_SHARDS = "all"
PACE = {"discord": 1.0, "local": 0.1}
"""Seconds between two edits of a streamed answer: Discord allows about one a second in a channel."""

RETENTION_AT = time(4, 30)
READY_SECONDS = 60.0
"""How long questions left by an earlier process wait for their platform, at most."""

_Engine = OllamaInference | OpenAIInference | EmbeddedInference


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What nearly everything is built with."""

    settings: Settings
    phrases: Phrases
    clock: SystemClock = field(default_factory=SystemClock)
    counters: MemoryCounters = field(default_factory=MemoryCounters)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Platforms:
    by_name: Mapping[str, Platform]
    ready: Mapping[str, asyncio.Event]


async def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises OperatorError for what keeps the program from running."""
    with asked_to_stop() as stop:
        await serve(settings, stop)


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Run until `stop` is set. Raises OperatorError."""
    _require_sense(settings)
    async with AsyncExitStack() as stack:
        await _serve(settings, stack, stop)


async def _serve(settings: Settings, stack: AsyncExitStack, stop: asyncio.Event) -> None:
    shared = _Shared(settings=settings, phrases=Phrases(settings.community.language))
    clock, counters, phrases = shared.clock, shared.counters, shared.phrases
    persona = load_persona(settings.community.persona_file, bot_name=settings.community.bot_name)
    await stack.enter_async_context(hold(find(settings.database, settings.data.dir), ALL_SHARDS))
    store = await stack.enter_async_context(open_store(settings.database, settings.data.dir, clock=clock))
    documents = await stack.enter_async_context(DocumentReader(settings.limits, clock=clock))
    main = await stack.enter_async_context(_engine(shared, settings.engine.kind, store))
    demo: Inference | None = None
    if settings.engine.kind is EngineKind.AUTO and _page_runs(settings):
        demo = await stack.enter_async_context(_engine(shared, EngineKind.EMBEDDED, store))
    engines = Engines(
        Lanes(main, _bounds(settings)),
        None if demo is None else Lanes(demo, _bounds(settings)),
        demo_platforms={"local"},
        clock=clock,
        counters=counters,
    )
    platforms = _platforms(shared, store, engines)
    deliver = Deliver(store, platforms.by_name, pace=PACE, clock=clock, counters=counters)
    materials = Materials(
        store=store,
        engines=engines,
        reader=Reader(
            store,
            platforms.by_name,
            documents,
            attachments=settings.limits.attachments,
            mebibytes=settings.limits.attachment_mib,
            phrases=phrases,
        ),
        toolbox=Toolbox(
            TOOLS,
            seconds=settings.agent.tool_seconds,
            chars=settings.agent.tool_chars,
            calls=settings.agent.calls_per_step,
        ),
        persona=persona,
        settings=settings,
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
    answers = Answers(materials, deliver)
    days = settings.memory.retention_days
    keeper = Keeper(store, bot_name=settings.community.bot_name, retention_days=days, phrases=phrases, clock=clock)
    hearing = Hearing(
        store,
        answers,
        deliver,
        commands=keeper.commands,
        presses={**keeper.presses, STOP_PRESS: answers.stop},
        retention_days=days,
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
    retention = daily(RETENTION_TICK, at=RETENTION_AT, timezone=settings.community.timezone, at_start=True)
    schedule = Schedule(plans=(retention,), hear=hearing.hear, clock=clock)

    await deliver.load()
    unanswered = await answers.unanswered()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(platform.run(hearing.hear)) for platform in platforms.by_name.values()]
        tasks += [group.create_task(deliver.run()), group.create_task(schedule.run())]
        tasks += [group.create_task(_look_at(engines, platforms))]
        async with answers:
            for name, ready in platforms.ready.items():
                waiting = [message for message in unanswered if message.place.platform == name]
                tasks.append(group.create_task(_take_up(answers, waiting, ready)))
            await stop.wait()
        for task in tasks:
            task.cancel()


async def examine(settings: Settings) -> tuple[Finding, ...]:
    """What the doctor finds, in the order in which it should be mended."""
    shared = _Shared(settings=settings, phrases=Phrases(settings.community.language))
    async with AsyncExitStack() as stack:
        looks: dict[str, Examined] = {"python": doctor.Machine(), "disk": doctor.Disk(folder=settings.data.dir)}
        looks["database"] = DatabaseExam(settings.database, settings.data.dir)
        if settings.discord.token is not None:
            from bot.platforms.discord import examine as discord  # noqa: PLC0415 - discord.py takes a while to load

            looks["discord"] = _Look(lambda: discord.examine(settings.discord))
        looks["engine"] = await stack.enter_async_context(_engine(shared, settings.engine.kind, _NoImages()))
        return await doctor.examine(looks)


async def pull(settings: Settings, model: str) -> AsyncGenerator[PullProgress]:
    """Fetch a model through Ollama. Raises EngineUnreachable, EngineRefused, or SettingsError for other engines."""
    if settings.engine.kind not in {EngineKind.AUTO, EngineKind.OLLAMA}:
        raise SettingsError("only Ollama fetches models: set ENGINE_KIND=ollama, or load the model in your server")
    async with aclosing(pull_through_ollama(settings.engine, model)) as progress:
        async for step in progress:
            yield step


async def migrate(settings: Settings) -> str:
    """Bring the database up to date; returns what was done, in a sentence."""
    done = await bring_up_to_date(settings.database, settings.data.dir)
    if not done.changed:
        return f"{done.database} is up to date (revision {done.after})"
    copy = f"; a copy from before is {done.backup}" if done.backup is not None else ""
    return f"{done.database} went from {done.before or 'nothing'} to revision {done.after}{copy}"


@dataclass(frozen=True, slots=True)
class _Look:
    """A function as something that the doctor can look at."""

    function: Callable[[], Awaitable[Sequence[Finding]]]

    async def examine(self) -> Sequence[Finding]:
        return await self.function()


class _NoImages:
    async def images(self, digests: Collection[str]) -> Mapping[str, bytes]:
        return {}


def _engine(shared: _Shared, kind: EngineKind, images: ImageBytes) -> _Engine:
    settings, clock, counters = shared.settings.engine, shared.clock, shared.counters
    match kind:
        case EngineKind.AUTO | EngineKind.OLLAMA:
            return OllamaInference(settings, images=images, counters=counters, clock=clock, tekken=Tekken())
        case EngineKind.OPENAI:
            return OpenAIInference(settings, images=images, counters=counters, clock=clock)
        case EngineKind.EMBEDDED:
            return EmbeddedInference(settings, images=images, counters=counters, clock=clock)


def _bounds(settings: Settings) -> Bounds:
    limits = settings.limits
    return Bounds(
        slots=settings.engine.slots,
        queue=limits.queue,
        queue_per_person=limits.queue_per_person,
        seconds=limits.wait_seconds,
    )


def _platforms(shared: _Shared, store: SqlStore, engines: Engines) -> _Platforms:
    settings, phrases, clock = shared.settings, shared.phrases, shared.clock
    by_name: dict[str, Platform] = {}
    ready: dict[str, asyncio.Event] = {}
    commands = consent.commands(phrases)
    if settings.discord.token is not None:
        from bot.platforms.discord.platform import DiscordPlatform  # noqa: PLC0415 - discord.py takes a while to load

        on_discord = DiscordPlatform(
            settings.discord, commands=commands, phrases=phrases, clock=clock, facts=store, counters=shared.counters
        )
        by_name[on_discord.name], ready[on_discord.name] = on_discord, on_discord.ready
    if _page_runs(settings):
        page = LocalPlatform(
            settings.page,
            views=store,
            store=store,
            commands=commands,
            phrases=phrases,
            clock=clock,
            limits=settings.limits,
            bot_name=settings.community.bot_name,
            status=lambda: _status(engines, settings),
        )
        by_name[page.name], ready[page.name] = page, page.started
    return _Platforms(by_name=by_name, ready=ready)


def _page_runs(settings: Settings) -> bool:
    if settings.page.enabled is Switch.AUTO:
        return settings.discord.token is None
    return settings.page.enabled is Switch.ON


def _require_sense(settings: Settings) -> None:
    if settings.engine.kind is EngineKind.EMBEDDED and settings.discord.token is not None:
        raise SettingsError(
            "ENGINE_KIND=embedded is a demo for the local page only; on Discord use ollama or openai, "
            "or run without DISCORD_TOKEN"
        )


def _status(engines: Engines, settings: Settings) -> Mapping[str, object]:
    """What the page shows of the engine."""
    engine = engines.serving("local")
    if engine is None:
        return {"engine": "", "model": settings.engine.model, "demo": False, "ready": False}
    return {"engine": engine.name, "model": engine.model, "demo": engine.demo, "ready": True}


async def _look_at(engines: Engines, platforms: _Platforms) -> None:
    """Find out at start whether there is an engine, so that the first question finds it loaded and the log says so."""
    for name in platforms.by_name:
        try:
            seat = await engines.seat(Place(platform=name, id="start"))
        except (BackendError, OperatorError) as error:
            log.warning("%s: no engine yet (%s). `calanque doctor` says what to do; I keep trying.", name, error)
        else:
            engine = seat.engine
            log.info("%s: %s runs %s with a window of %d tokens", name, engine.name, engine.model, engine.window)


async def _take_up(answers: Answers, waiting: list[Message], ready: asyncio.Event) -> None:
    """Answer what an earlier process left, once the platform can show it."""
    if not waiting:
        return
    try:
        async with asyncio.timeout(READY_SECONDS):
            await ready.wait()
    except TimeoutError:
        log.warning("a platform was not ready in time; unanswered questions are tried all the same")
    for message in waiting:
        answers.begin(message)
