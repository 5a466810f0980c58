"""The program itself: everything joined, one exit stack takes it down in reverse order."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from bot.agent.persona import load_persona
from bot.agent.toolbox import Toolbox
from bot.app.checks import Watched
from bot.app.ground import Ground
from bot.app.health import attended
from bot.app.house import House, build
from bot.app.overseeing import Siblings
from bot.app.parts import Platforms, Shared, bounds, new_engine, new_platforms, page_runs, require_sense
from bot.app.servers import tool_servers
from bot.app.shelf import knowledge_limits
from bot.app.shelving import beside_answers, new_embeds
from bot.app.speaking import speaker
from bot.app.web import opened_web
from bot.documents.reader import DocumentReader
from bot.errors import BackendError, OperatorError
from bot.lanes.engines import Engines
from bot.lanes.lanes import Lanes
from bot.languages.model import Lazy
from bot.languages.phrases import Phrases
from bot.languages.speaking import Speaking
from bot.operate.attended import Attended
from bot.operate.metrics import MemoryCounters
from bot.operate.schedule import Schedule, every_minute
from bot.operate.shutdown import asked_to_stop
from bot.plans import Plans
from bot.ports import Inference, Store
from bot.read import Reader
from bot.settings import EngineKind, Settings, Supervisor, supervisor
from bot.storage.address import find
from bot.storage.hold import hold
from bot.storage.store import open_store
from bot.support.channels import Channels
from bot.talk.finding import Finding, Level
from bot.talk.message import Message, Place
from tools import TOOLS

log = logging.getLogger(__name__)

ALL_SHARDS = "all"
LAST_START = "last-start"
PLANS_TICK = "plans"
PACE = {"discord": 1.0, "local": 0.1}
"""Seconds between two edits of a streamed answer: Discord allows about one a second in a channel."""

READY_SECONDS = 60.0
"""How long questions left by an earlier process, and what is planned, wait for a platform, at most."""


async def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT, as the only thing that this process does.

    Raises OperatorError for what keeps the program from running.
    """
    with asked_to_stop() as stop:
        await serve(settings, stop, built=_settle, watching=supervisor())


def _settle() -> None:
    """What is loaded by now stays to the end: a full collection that went through it would hold everything up 0.1 s."""
    gc.freeze()
    gc.enable()


async def serve(
    settings: Settings,
    stop: asyncio.Event,
    *,
    built: Callable[[], None] = lambda: None,
    watching: Supervisor | None = None,
) -> None:
    """Run until `stop` is set; `built` is called when everything is there, before anything is heard. `watching` is told
    how it goes.

    Raises OperatorError.
    """
    require_sense(settings)
    async with AsyncExitStack() as stack:
        await _serve(settings, stack, stop, built, watching)


async def _serve(
    settings: Settings,
    stack: AsyncExitStack,
    stop: asyncio.Event,
    built: Callable[[], None],
    watching: Supervisor | None,
) -> None:
    shared = Shared(settings=settings, phrases=Phrases(settings.community.language))
    clock, counters = shared.clock, shared.counters
    stack.callback(_tell_counts, counters)
    persona = load_persona(settings.community.persona_file, bot_name=settings.community.bot_name)
    await stack.enter_async_context(hold(find(settings.database, settings.data.dir), ALL_SHARDS, clock=clock))
    store = await stack.enter_async_context(open_store(settings.database, settings.data.dir, clock=clock))
    await store.save_fact(LAST_START, clock.now().isoformat())  # a database that cannot be written says so now
    shared, tells, channels, decides = _spoken(shared, store)
    documents = await stack.enter_async_context(DocumentReader(settings.limits, clock=clock))
    own_documents = await stack.enter_async_context(DocumentReader(knowledge_limits(settings), clock=clock))
    listed = settings.knowledge.pages is not None or settings.knowledge.by_staff
    outside = await stack.enter_async_context(
        opened_web(settings.web, documents=documents, shared=shared, pages=listed)
    )
    servers = await stack.enter_async_context(tool_servers(shared, store, documents, outside.clients))
    embeds = new_embeds(settings, clock=clock)
    store.hold_vectors(settings.embedding.cache_mib * 2**20)
    main = await stack.enter_async_context(new_engine(shared, settings.engine.kind, store))
    demo = await _demo(shared, store, stack)
    requests = Attended(
        main, first=settings.engine.first_token_seconds, stall=settings.engine.stall_seconds, clock=clock
    )
    engines = Engines(
        Lanes(requests, bounds(settings), clock=clock, counters=counters),
        None if demo is None else Lanes(demo, bounds(settings), clock=clock, counters=counters),
        demo_platforms={"local"},
        clock=clock,
        counters=counters,
    )
    platforms = new_platforms(shared, store, engines)
    watched = Watched(
        shared=shared,
        store=store,
        platforms=platforms,
        engines=engines,
        main=requests,
        present=main.present,
        servers=servers,
    )
    health = await stack.enter_async_context(attended(watched, watching))
    reader = Reader(
        store,
        platforms.by_name,
        documents,
        attachments=settings.limits.attachments,
        mebibytes=settings.limits.attachment_mib,
        phrases=shared.phrases,
    )
    house = build(
        Ground(
            store=store,
            platforms=platforms.by_name,
            engines=engines,
            reader=reader,
            opens=reader,
            toolbox=lambda gate, has, redact: Toolbox(
                TOOLS,
                seconds=settings.agent.tool_seconds,
                chars=settings.agent.tool_chars,
                calls=settings.agent.calls_per_step,
                same=settings.agent.same_calls,
                has=has,
                gate=gate,
                redact=redact,
                monotonic=clock.monotonic,
                foreign=servers.tools,
            ),
            persona=persona,
            settings=settings,
            phrases=shared.phrases,
            clock=clock,
            counters=counters,
            pace=PACE,
            holder=ALL_SHARDS,
            rights=platforms.rights,
            present=lambda name: platforms.ready[name].is_set(),
            threads=platforms.threads,
            documents=own_documents,
            pages=outside.pages,
            web=outside.pages if settings.web.read else None,
            web_search=outside.search,
            servers=servers,
            identifies=tells,
            channels=channels,
            decides=decides,
            oversight=Siblings(oversees=platforms.oversees),
            pins=platforms.pins,
            shapes=platforms.shapes,
            embeds=None
            if embeds is None
            else beside_answers(await stack.enter_async_context(embeds), settings, engines.main),
        )
    )
    hearing, answers, deliver = house.hearing, house.answers, house.deliver
    health.delivers(deliver)

    schedule = Schedule(rhythms=(every_minute(PLANS_TICK),), hear=hearing.hear, clock=clock)

    built()
    now = clock.now()  # the same for both: a question is one or the other
    unanswered = await answers.unanswered(now=now)
    await house.minute()
    await house.late.load(now=now)
    await deliver.load()
    async with hearing, asyncio.TaskGroup() as group:
        tasks = [group.create_task(platform.run(hearing.hear)) for platform in platforms.by_name.values()]
        tasks += [group.create_task(deliver.run()), group.create_task(house.tend.run())]
        tasks += [group.create_task(engines.run()), group.create_task(schedule.run())]
        tasks += [group.create_task(house.indexing.run()), group.create_task(house.mirrored.run())]
        tasks += [group.create_task(_carry_out(house.plans, platforms))]
        tasks += [group.create_task(house.knowledge.run())] if house.knowledge is not None else []
        tasks += [group.create_task(house.embedding.run())] if house.embedding is not None else []
        tasks += [group.create_task(_look_at(engines, platforms, main.glance))]
        async with answers, house.support.settling:
            for name, ready in platforms.ready.items():
                waiting = [message for message in unanswered if message.place.platform == name]
                tasks.append(group.create_task(_take_up(house, waiting, ready)))
            health.started()
            await stop.wait()
            health.stopping()
        for task in tasks:
            task.cancel()


def _spoken(shared: Shared, store: Store) -> tuple[Shared, Lazy, Channels, Speaking]:
    """What tells languages, and who is spoken to in which: also where a platform, or the reader, has words of ours."""
    tells, channels = Lazy(), Channels(store)
    decides = speaker(store, identifies=tells, channels=channels, settings=shared.settings, clock=shared.clock)
    return replace(shared, phrases=shared.phrases.told_by(decides)), tells, channels, decides


async def _demo(shared: Shared, store: Store, stack: AsyncExitStack) -> Inference | None:
    """The engine of the page until there is another."""
    if shared.settings.engine.kind is not EngineKind.AUTO or not page_runs(shared.settings):
        return None
    return await stack.enter_async_context(new_engine(shared, EngineKind.EMBEDDED, store))


async def _look_at(engines: Engines, platforms: Platforms, glance: Callable[[], Awaitable[Sequence[Finding]]]) -> None:
    """Find out at start whether there is an engine, so that the first question finds it loaded and the log says so.

    What the operator can do better is told, too, as far as it is seen without trying anything out (`glance`).
    """
    found = False
    for name in platforms.by_name:
        try:
            seat = await engines.seat(Place(platform=name, id="start"))
        except (BackendError, OperatorError) as error:
            log.warning("%s: no engine yet (%s). `calanque doctor` says what to do; I keep trying.", name, error)
        else:
            engine = seat.engine
            log.info("%s: %s runs %s with a window of %d tokens", name, engine.name, engine.model, engine.window)
            found = found or seat.lanes is engines.main
    for finding in await glance() if found else ():
        if finding.level is not Level.OK:
            log.warning("%s: %s (%s)", finding.topic, finding.found, finding.mend)


def _tell_counts(counters: MemoryCounters) -> None:
    """At the end, what was counted: how often prompts broke, tools failed, deliveries had to be tried again."""
    counts = [
        f"{series.name}{{{','.join(f'{name}={value}' for name, value in series.labels)}}}={series.value:g}"
        for series in counters.snapshot()
    ]
    if counts:  # a start that was refused has one thing to say
        log.info("counted: %s", " ".join(counts))


async def _carry_out(plans: Plans, platforms: Platforms) -> None:
    """What is due at start is carried out once there is somewhere to show it."""
    await _until_ready(platforms.ready.values(), "what is planned")
    await plans.run()


async def _until_ready(platforms: Iterable[asyncio.Event], what: str) -> None:
    try:
        async with asyncio.timeout(READY_SECONDS):
            for ready in platforms:
                await ready.wait()
    except TimeoutError:
        log.warning("a platform was not ready in time; %s is tried all the same", what)


async def _take_up(house: House, waiting: list[Message], ready: asyncio.Event) -> None:
    """Answer what an earlier process left, once the platform can show it."""
    if not waiting:
        return
    await _until_ready([ready], "what was not answered")
    for message in await house.support.speaking.take_up(waiting):
        house.answers.begin(message, patient=True)
