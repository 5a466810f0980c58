"""Joins the verbs: around a store, platforms and engines of any kind, for the program and for whoever tries it out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.agent.persona import DEMO
from bot.agent.toolbox import Toolbox
from bot.answer.again import AGAIN_PRESS, Again
from bot.answer.answers import STOP_PRESS, Answers
from bot.answer.late import Late
from bot.answer.materials import Materials, ReadsAttachments
from bot.app.desk import Desk
from bot.consent import Keeper
from bot.deliver import Deliver
from bot.hear import Hearing
from bot.lanes.engines import Engines
from bot.languages.phrases import Phrases
from bot.memory.preparations import Preparations
from bot.operate.attended import Timed
from bot.plans import RETENTION, Plans, Retention, retention_plan
from bot.ports import Clock, Counters, Platform, Store
from bot.ports.gate import Gate, Reading
from bot.ports.rights import Rights
from bot.ports.servers import NoServers, ToolServers
from bot.settings import Settings, Streaming
from bot.talk.message import Conversation
from bot.talk.prompt import Engine
from bot.talk.turn import Instructions
from bot.tend.tend import Tend


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the house stands on.

    `toolbox` is made with the gate that decides on calls and the names of the services that there are. `pace`: seconds
    between two edits of a growing answer, by platform. `holder`: what this process is called where several share the
    store. `rights`: who may read what, by platform. `servers`: the tool servers of others.
    """

    store: Store
    platforms: Mapping[str, Platform]
    engines: Engines
    reader: ReadsAttachments
    toolbox: Callable[[Gate, Collection[str]], Toolbox]
    persona: str
    settings: Settings
    phrases: Phrases
    clock: Clock
    counters: Counters
    pace: Mapping[str, float]
    holder: str = "all"
    rights: Mapping[str, Rights] = field(default_factory=dict[str, Rights])
    servers: ToolServers = field(default_factory=NoServers)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The verbs, joined. What has a `run` or is a context manager has to be run by whoever built it."""

    hearing: Hearing
    answers: Answers
    deliver: Deliver
    tend: Tend
    late: Late
    plans: Plans


def build(ground: Ground) -> House:
    """Nothing is started."""
    store, settings, phrases = ground.store, ground.settings, ground.phrases
    clock, counters = ground.clock, ground.counters

    gate = Reading()
    desk = Desk(rights=ground.rights)
    toolbox = ground.toolbox(gate, desk.names)

    def instructions(engine: Engine, conversation: Conversation) -> Instructions:
        """How a conversation begins on an engine."""
        persona = DEMO if engine.demo else ground.persona
        return Instructions(persona=persona, tools=toolbox.offered(conversation) if engine.tools else ())

    preparations = Preparations()
    tend = Tend(
        store,
        ground.engines,
        instructions=instructions,
        preparations=preparations,
        settings=settings,
        clock=clock,
        counters=counters,
    )
    silent = {"discord"} if settings.discord.streaming is Streaming.FINAL_ONLY else ()
    deliver = Deliver(store, ground.platforms, pace=ground.pace, clock=clock, counters=counters, silent=silent)
    materials = Materials(
        store=store,
        engines=ground.engines,
        reader=ground.reader,
        toolbox=toolbox,
        instructions=instructions,
        settings=settings,
        phrases=phrases,
        clock=clock,
        counters=counters,
        preparations=preparations,
        touched=tend.touched,
        services=desk.services,
    )
    answers = Answers(materials, Timed(deliver, clock=clock, counters=counters))
    again = Again(store, answers, deliver, phrases=phrases, clock=clock)
    answer_after = timedelta(minutes=settings.limits.answer_after_minutes)
    late = Late(store, deliver, answer_after=answer_after, phrases=phrases, clock=clock, counters=counters)
    bot_name = settings.community.bot_name
    policies = asyncio.Lock()
    keeper = Keeper(
        store, policies=policies, bot_name=bot_name, memory=settings.memory, phrases=phrases, counters=counters
    )
    retention = Retention(store, days=settings.memory.retention_days, clock=clock, counters=counters)
    plans = Plans(
        store,
        deliver,
        handlers={RETENTION: retention.run},
        standing=(retention_plan(settings.community.timezone, now=clock.now()),),
        holder=ground.holder,
        clock=clock,
        counters=counters,
    )
    hearing = Hearing(
        store,
        answers,
        deliver,
        late=late,
        policies=policies,
        commands=keeper.commands,
        presses={**keeper.presses, STOP_PRESS: answers.stop, AGAIN_PRESS: again.pressed},
        reconsider=again.offer,
        changed=tend.changed,
        look=plans.look,
        retention_days=settings.memory.retention_days,
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
    return House(hearing=hearing, answers=answers, deliver=deliver, tend=tend, late=late, plans=plans)
