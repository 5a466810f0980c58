"""A channel with a long past, written through the real store and rendered and counted by the real adapter.

What stands in the database afterwards is what the program itself would have written over months: messages, turns,
delivered answers, and the rendered pieces of the ledger.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.chatter import advice, line
from bot.inference.ollama import OllamaInference
from bot.inference.tekken import Tekken
from bot.memory.compose import Budget
from bot.memory.marks import budget_for
from bot.memory.transcribe import question
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.settings import Database, EngineSettings, Memory
from bot.storage.store import SqlStore, open_store
from bot.talk.delivery import Delivery, DeliveryState, Shown, ShownMessage
from bot.talk.message import Addressed, Message, Person, Place
from bot.talk.record import Usage
from bot.talk.turn import Part, Piece, Reply, TurnState
from tests.discord_server import Channel, User

BETWEEN_TURNS = timedelta(minutes=5)
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
ID = 10**17
"""Ids of invented messages count up from here: far older than what the loopback Discord gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was written for a channel: tokens of all pieces, without persona and tools."""

    turns: int
    pieces: int
    tokens: int


def budget(window: int) -> Budget:
    """As the program makes it of the default settings."""
    engine, memory = EngineSettings(window=window), Memory()
    reply = min(engine.reply_tokens, window // 4)
    return budget_for(window, reply, prefill=None, memory=memory)


async def write_past(
    folder: Path, channels: Sequence[Channel], people: Sequence[User], *, tokens: int, seed: int
) -> tuple[Past, ...]:
    """Fill each channel's conversation in the database of `folder` up to so many tokens, by whole turns.

    Thousands of durable transactions take minutes on a slow disk, so they are made in memory where the system has a
    place for that, and the finished files are moved.
    """
    with tempfile.TemporaryDirectory(prefix="calanque-past-", dir=MEMORY) as draft:
        pasts = await _written(Path(draft), channels, people, tokens=tokens, seed=seed)
        shutil.copytree(draft, folder)
    os.sync()  # else their first synchronisation would be paid for by what is measured
    return pasts


async def _written(
    folder: Path, channels: Sequence[Channel], people: Sequence[User], *, tokens: int, seed: int
) -> tuple[Past, ...]:
    clock = SystemClock()
    engine = OllamaInference(
        EngineSettings(), images=_NoImages(), counters=MemoryCounters(), clock=clock, tekken=Tekken()
    )
    async with engine, open_store(Database(), folder, clock=clock) as store:
        writer = _Writer(store, engine, people, Random(seed), clock.now())
        return tuple([await writer.fill(channel, tokens) for channel in channels])


class _NoImages:
    async def images(self, digests: Collection[str]) -> Mapping[str, bytes]:
        return {}


class _Writer:
    def __init__(
        self, store: SqlStore, engine: OllamaInference, people: Sequence[User], random: Random, now: datetime
    ) -> None:
        self._store = store
        self._engine = engine
        self._people = people
        self._random = random
        self._now = now
        self._id = ID

    async def fill(self, channel: Channel, tokens: int) -> Past:
        place = Place(
            platform="discord",
            id=str(channel.id),
            name=channel.name,
            guild=str(channel.guild_id) if channel.guild_id else None,
        )
        at = self._now - timedelta(days=60)
        total = turns = pieces = 0
        while True:
            parts = await self._turn(place, at)
            cost = sum(piece.tokens for _, piece in parts)
            if total + cost > tokens:
                return Past(turns=turns, pieces=pieces, tokens=total)
            await self._keep(place, parts, at)
            total, turns, pieces = total + cost, turns + 1, pieces + len(parts)
            at += BETWEEN_TURNS

    def _said(self, place: Place, at: datetime, addressed: Addressed) -> Message:
        self._id += 1
        user = self._random.choice(self._people)
        return Message(
            id=str(self._id),
            place=place,
            author=Person(platform=place.platform, id=str(user.id), name=user.name),
            text=line(self._random),
            sent_at=at,
            addressed=addressed,
        )

    async def _turn(self, place: Place, at: datetime) -> tuple[tuple[Part, Piece], ...]:
        self._asked = self._said(place, at, Addressed.MENTION)
        self._overheard = [self._said(place, at, Addressed.NO) for _ in range(self._random.randint(0, 2))]
        asked = question(
            self._asked,
            overheard=self._overheard,
            documents=(),
            notes=(),
            now=at,
            timezone="UTC",
        )
        reply = Reply(text=advice(self._random, self._random.randint(1, 4)))
        return tuple([(part, await self._engine.render(part)) for part in (asked, reply)])

    async def _keep(self, place: Place, parts: Sequence[tuple[Part, Piece]], at: datetime) -> None:
        store, asked = self._store, self._asked
        for message in (*self._overheard, asked):
            await store.record(message, keep=True)
        opened = await store.open_turn(asked, at=at)
        assert opened is not None
        reply = parts[-1][0]
        assert isinstance(reply, Reply)
        final = Delivery(id=opened.delivery_id, conversation=asked.conversation, text=reply.text, reply_to=asked.id)
        cost = sum(piece.tokens for _, piece in parts)
        await store.close_turn(
            opened.id, state=TurnState.DONE, delivery=final, parts=parts, usage=Usage(steps=1, predicted=cost), at=at
        )
        self._id += 1
        shown = Shown(messages=(ShownMessage(id=str(self._id), digest=""),))
        await store.save_shown(opened.delivery_id, shown, DeliveryState.SENT)
