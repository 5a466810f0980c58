"""Joins the verbs: around a store, platforms and engines of any kind, for the program and for whoever tries it out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.answer.again import AGAIN_PRESS, Again
from bot.answer.answers import STOP_PRESS, Answers
from bot.answer.late import Late
from bot.answer.materials import Materials
from bot.app.approving import approving, deciding
from bot.app.community import serving
from bot.app.desk import Desk
from bot.app.digesting import digesting
from bot.app.ground import Ground
from bot.app.heading import heading
from bot.app.joined import joined
from bot.app.mirroring import Mirrored
from bot.app.overseeing import standing
from bot.app.reminding import reminded
from bot.app.shelf import new_shelf
from bot.app.speaking import speaker
from bot.app.supporting import Supporting
from bot.consent import Keeper
from bot.deliver import Deliver
from bot.deliver.clean import Clean
from bot.deliver.covered import Covered
from bot.digest.making import Maker
from bot.hear import Hearing
from bot.memory.preparations import Preparations
from bot.operate.attended import Timed
from bot.plans import RETENTION, Plans, Retention, retention_plan
from bot.ports.support import Helps
from bot.settings import Streaming
from bot.settings.secret_values import secret_values
from bot.support.channels import Channels
from bot.talk.delivery import Delivery
from bot.talk.message import Message
from bot.talk.record import OpenTurn
from bot.talk.redaction import Redaction
from bot.tend.indexing import Indexing
from bot.tend.tend import Tend

if TYPE_CHECKING:
    from bot.knowledge.embedding import Embedding
    from bot.knowledge.keeping import Keeping


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The verbs, joined. What has a `run` or is a context manager has to be run by whoever built it.

    `minute`: what is done every minute, and once before anything is heard. `commands`: names of those that are carried
    out.
    """

    hearing: Hearing
    answers: Answers
    deliver: Deliver
    tend: Tend
    late: Late
    plans: Plans
    helps: Helps
    minute: Callable[[], Awaitable[None]]
    indexing: Indexing
    knowledge: Keeping | None
    mirrored: Mirrored
    embedding: Embedding | None
    support: Supporting
    commands: frozenset[str]


def build(ground: Ground) -> House:
    """Nothing is started."""
    store, settings, clock, counters = ground.store, ground.settings, ground.clock, ground.counters
    channels = ground.channels or Channels(store)
    decides = ground.decides or speaker(
        store, identifies=ground.identifies, channels=channels, settings=settings, clock=clock
    )
    ground = replace(ground, phrases=ground.phrases.told_by(ground.tongues or decides))
    phrases = ground.phrases

    made = deciding(store, settings, ground.rights, counters, servers=ground.servers)
    redact = Redaction(secret_values(settings))
    silent = {"discord"} if settings.discord.streaming is Streaming.FINAL_ONLY else ()
    clean = {name: Clean(platform, redact) for name, platform in ground.platforms.items()}
    platforms = {name: Covered(platform, ground.rights.get(name)) for name, platform in clean.items()}

    async def refused(delivery: Delivery) -> None:
        await digests.refused(delivery)

    deliver = Deliver(
        store, platforms, pace=ground.pace, clock=clock, counters=counters, silent=silent, refused=refused
    )
    store.on_edited(deliver.edited)

    def look() -> None:
        plans.look()

    reminding = reminded(
        store,
        deliver,
        rights=ground.rights,
        present=ground.present,
        look=look,
        settings=settings,
        phrases=phrases,
        clock=clock,
    )
    policies = asyncio.Lock()
    digests = digesting(
        store,
        deliver,
        makes=Maker(
            store, ground.engines, settings=settings.engine, opens=ground.opens, clock=clock, counters=counters
        ),
        rights=ground.rights,
        present=ground.present,
        shapes=ground.shapes,
        look=look,
        policies=policies,
        settings=settings,
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
    shelf = new_shelf(
        settings,
        store=store,
        engines=ground.engines,
        opens=ground.opens,
        documents=ground.documents,
        pages=ground.pages,
        clock=clock,
        counters=counters,
        phrases=phrases,
        rights=ground.rights,
        pins=ground.pins,
        embeds=ground.embeds,
    )
    community = serving(ground, deliver, shelf, channels=channels, decides=decides, rules=made.rules, look=look)
    desk = Desk(
        rights=ground.rights,
        messages=store,
        reminded=reminding,
        recap=digests.recap,
        shelf=shelf,
        human=community.handed.human,
        collections=channels.collections,
        web=ground.web,
        web_search=ground.web_search,
    )
    toolbox = ground.toolbox(made.gate, desk.names, redact)

    instructions = heading(ground.persona, toolbox, support=community.support, channels=channels, shelf=shelf)
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

    def begin(message: Message, opened: OpenTurn | None) -> None:
        # Somebody has pressed for it, once and for all: it is not refused because too many wait just now.
        answers.begin(message, opened=opened, patient=True)

    asking = approving(
        made,
        store,
        deliver,
        toolbox,
        begin=begin,
        rights=ground.rights,
        settings=settings,
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
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
        audience=desk.audience,
        reads=desk.reads,
        asks=asking.approvals.asks,
        privately=asking.privately.offers,
        overseen=community.overseen.overseen,
        redact=redact,
        speaks=community.spoken.speaks,
        helps=community.handed.helps,
    )
    answers = Answers(materials, Timed(deliver, clock=clock, counters=counters))
    community.support.join(answers)
    again = Again(store, answers, deliver, phrases=phrases, clock=clock)
    answer_after = timedelta(minutes=settings.limits.answer_after_minutes)

    async def minute() -> None:
        await shelf.minute()
        await community.minute()
        await asking.minute()

    late = Late(store, deliver, answer_after=answer_after, phrases=phrases, clock=clock, counters=counters)
    bot_name = settings.community.bot_name
    keeper = Keeper(
        store, policies=policies, bot_name=bot_name, memory=settings.memory, phrases=phrases, counters=counters
    )
    retention = Retention(store, days=settings.memory.retention_days, clock=clock, counters=counters)
    plans = Plans(
        store,
        deliver,
        handlers={
            RETENTION: retention.run,
            **joined(reminding.handlers, digests.handlers, community.handlers),
        },
        standing=tuple(plan(settings.community.timezone, now=clock.now()) for plan in (retention_plan, standing)),
        holder=ground.holder,
        clock=clock,
        counters=counters,
    )
    commands = joined(*(each.commands for each in (keeper, asking, reminding, digests, shelf, community)))
    hearing = Hearing(
        store,
        answers,
        deliver,
        late=late,
        mirrors=community.sides.mirrors,
        support=community.support.speaking,
        policies=policies,
        commands=commands,
        presses={
            **joined(*(each.presses for each in (keeper, asking, reminding, digests, community))),
            STOP_PRESS: answers.stop,
            AGAIN_PRESS: again.pressed,
        },
        reconsider=again.offer,
        relays=community.handed.relays,
        changed=tend.changed,
        look=plans.look,
        minute=minute,
        retention_days=settings.memory.retention_days,
        phrases=phrases,
        clock=clock,
        counters=counters,
    )
    return House(
        hearing=hearing,
        answers=answers,
        deliver=deliver,
        tend=tend,
        late=late,
        plans=plans,
        helps=community.handed.helps,
        minute=minute,
        indexing=Indexing(store, clock=clock, counters=counters),
        knowledge=shelf.keeping,
        mirrored=community.sides,
        embedding=shelf.embedding,
        support=community.support,
        commands=frozenset(commands),
    )
