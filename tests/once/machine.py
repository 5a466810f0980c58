"""What may happen, in any order, and what must be true when everything has calmed down."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from bot.errors import EngineUnreachable
from bot.storage.address import FILE_NAME
from bot.talk.delivery import DeliveryState
from bot.talk.event import Deleted, Edited, Said
from bot.talk.message import Addressed, Message, Place
from tests.fakes import ANA, BEN, GENERAL, FakeClock, said
from tests.once.discord import FakeDiscord, Spoken, Trouble
from tests.once.life import SETTINGS, Engine, Life, pause
from tests.once.template import template
from tests.settling import settle
from tests.stores import open_store

QUAY = Place(platform="local", id="quay", name="quay")
CALM_ROUNDS = 30  # pauses that double up to a minute, after which everything has to be right
LONG_AWAY = 100.0  # seconds without a process, after which a send in doubt may not be found any more
AWAITS = 80  # a killed process lives for so many more awaits, at most
FEW_AWAITS = 25  # or for so many after the next thing that somebody says

pick = st.integers(0, 99)


class Once(RuleBasedStateMachine):
    """One store, one Discord, and one process at most."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="calanque-once-"))
        shutil.copy(template(), self.folder / FILE_NAME)
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.clock = FakeClock()
        self.discord = FakeDiscord(self.clock)
        self.engine = Engine()
        self.life: Life | None = None
        self.words = 0
        self.taken_away: dict[str, list[str]] = {}
        self.excused: set[str] = set()
        self.done: Counter[str] = Counter()
        self.store = self.runner.run(
            self.stack.enter_async_context(open_store(SETTINGS.database, self.folder, clock=self.clock))
        )

    # people
    @rule(ambient=st.booleans(), quay=st.booleans(), ben=st.booleans(), rounds=st.integers(0, 4))
    def say(self, ambient: bool, quay: bool, ben: bool, rounds: int) -> None:
        self.words += 1
        self.done["questions"] += not ambient
        addressed = Addressed.NO if ambient else Addressed.MENTION
        place, author = QUAY if quay else GENERAL, BEN if ben else ANA
        message = said(f"what of w{self.words}w", by=author, place=place, addressed=addressed, at=self.clock.now())
        spoken = Spoken([message])
        self.discord.history.append(spoken)
        self.runner.run(self._told(Said(message=message), rounds, spoken))

    @precondition(lambda self: self.discord.history)
    @rule(which=pick, rounds=st.integers(0, 4))
    def edit(self, which: int, rounds: int) -> None:
        spoken = self._spoken(which)
        if not spoken.deleted:
            self.words += 1
            after = replace(spoken.now, text=f"rather w{self.words}w", edited_at=self.clock.now())
            spoken.versions.append(after)
            self.runner.run(self._told(Edited(message=after), rounds))

    @precondition(lambda self: self.discord.history)
    @rule(which=pick, rounds=st.integers(0, 4))
    def delete(self, which: int, rounds: int) -> None:
        spoken = self._spoken(which)
        if not spoken.deleted:
            spoken.deleted = True
            self.runner.run(self._told(_deletion(spoken.now), rounds))

    @rule(which=pick, rounds=st.integers(0, 2))
    def delete_ours(self, which: int, rounds: int) -> None:
        answers = [(id_, each) for id_, each in self.discord.standing.items() if each.reply_to is not None]
        if answers:
            id_, answer = answers[which % len(answers)]
            assert answer.reply_to is not None
            self.discord.take_away(id_)
            self.taken_away.setdefault(answer.reply_to, []).append(id_)
            event = Deleted(place=answer.conversation.place, message_ids=(id_,))
            self.runner.run(self._told(event, rounds))

    # Discord and the engine
    @precondition(lambda self: self.discord.history)
    @rule(which=pick, rounds=st.integers(0, 2))
    def replay(self, which: int, rounds: int) -> None:
        """A RESUME tells again what it told, in order."""
        self.runner.run(self._again(self._spoken(which), rounds))

    @rule(troubles=st.lists(st.sampled_from(Trouble), min_size=1, max_size=3))
    def trouble(self, troubles: list[Trouble]) -> None:
        self.discord.troubles.extend(troubles)

    @rule(away=st.booleans())
    def engine_comes_and_goes(self, away: bool) -> None:
        self.engine.away = EngineUnreachable("gone") if away else None

    @rule()
    def disconnect(self) -> None:
        self.discord.connected = False

    @rule()
    def reconnect(self) -> None:
        self.runner.run(self._reconnects())

    # the process
    @rule(rounds=st.integers(0, 4))
    def start(self, rounds: int) -> None:
        self.runner.run(self._starts(rounds))

    @rule(after=st.integers(0, AWAITS))
    def kill(self, after: int) -> None:
        if self.life is not None:
            self.life.ends_in = after

    @rule(after=st.integers(0, FEW_AWAITS), ambient=st.booleans(), quay=st.booleans())
    def dies_over(self, after: int, ambient: bool, quay: bool) -> None:
        """It is killed while, or soon after, it hears something."""
        self.start(0)
        self.kill(after)
        self.say(ambient=ambient, quay=quay, ben=False, rounds=4)

    @rule()
    def stop(self) -> None:
        self.runner.run(self._ends(killed=False))

    @rule(seconds=st.sampled_from((1.0, 5.0, 61.0, 400.0)))
    def time_passes(self, seconds: float) -> None:
        self.runner.run(self._passes(seconds))

    @rule()
    def calm(self) -> None:
        """Everything that is owed comes."""
        self.runner.run(self._calms())

    def teardown(self) -> None:
        try:
            self.runner.run(self._calms())
            self.done["answers"] = sum(each.reply_to is not None for each in self.discord.standing.values())
        finally:
            self.runner.run(self._ends(killed=True))
            self.runner.run(self.stack.aclose())
            self.runner.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    # how
    def _spoken(self, which: int) -> Spoken:
        return self.discord.history[which % len(self.discord.history)]

    async def _listens(self) -> Life | None:
        if self.life is not None and self.life.dead:
            await self._ends(killed=True)
        return self.life if self.discord.connected else None

    async def _told(self, event: Said | Edited | Deleted, rounds: int, spoken: Spoken | None = None) -> None:
        life = await self._listens()
        if life is not None:
            await life.does(life.rig.hearing.hear(event))
            if spoken is not None:
                spoken.told = True
            await pause(self.store, rounds)

    async def _again(self, spoken: Spoken, rounds: int) -> None:
        if not spoken.told:
            return
        await self._told(Said(message=spoken.versions[0]), rounds)
        for version in spoken.versions[1:]:
            await self._told(Edited(message=version), rounds)
        if spoken.deleted:
            await self._told(_deletion(spoken.now), rounds)

    async def _reconnects(self) -> None:
        """What was missed is read back: everything as it reads now."""
        self.discord.connected = self.life is not None
        for spoken in self.discord.history:
            if spoken.deleted:
                await self._told(_deletion(spoken.now), 0)
            else:
                await self._told(Said(message=spoken.now), 0, spoken)
                if spoken.now.edited_at is not None:
                    await self._told(Edited(message=spoken.now), 0)

    async def _starts(self, rounds: int) -> None:
        await self._listens()
        if self.life is not None:
            return
        self.done["processes"] += 1
        self.life = Life(self.store, self.discord, self.engine, self.clock)
        await self.life.begun()
        await self.life.does(self.life.rig.take_up())
        await self._reconnects()
        await pause(self.store, rounds)

    async def _ends(self, *, killed: bool) -> None:
        if self.life is not None:
            self.done["deaths"] += killed
            await self.life.ends(killed=killed)
            self.life, self.discord.connected = None, False

    async def _passes(self, seconds: float) -> None:
        await self._listens()
        if self.life is None and seconds > LONG_AWAY:
            self.excused |= set(self.taken_away)
        await self.clock.advance(seconds)
        await pause(self.store, 1)
        await self._listens()

    async def _calms(self) -> None:
        await self._listens()
        self.engine.away = None
        self.discord.troubles.clear()
        if self.life is not None:
            self.life.ends_in = None
        await self._starts(1)
        if not self.discord.connected:
            await self._reconnects()
        for number in range(CALM_ROUNDS):
            await settle()
            if not self._wrong() and not await self._left():
                return
            await self.clock.advance(min(60.0, 2.0**number))
        wrong = [*self._wrong(), *await self._left()]
        assert not wrong, wrong

    async def _left(self) -> list[str]:
        assert self.life is not None
        waiting = await self.life.rig.answers.unanswered()
        # A view without a turn that nobody sees is closed by the next start; one that is seen is found in the place.
        ready = [each for each in await self.store.undelivered() if each.state is DeliveryState.READY]
        return [f"{each.id} is unanswered" for each in waiting] + [f"{each.delivery} waits" for each in ready]

    def _wrong(self) -> list[str]:
        """What is not as it must be."""
        found: list[str] = []
        for spoken in self.discord.history:
            found += self._wrong_with(spoken)
        told = [(each.conversation.place.id, each.text) for each in self.discord.standing.values() if not each.reply_to]
        found += [f"told twice: {each}" for each in set(told) if told.count(each) > 1]
        return found + self._transcript()

    def _wrong_with(self, spoken: Spoken) -> list[str]:
        message = spoken.now
        replies = self.discord.replies(message.id)
        if any(not each.final or any(one.id.startswith("stop") for one in each.actions) for _, each in replies):
            return [f"{message.id} keeps half an answer"]
        if message.addressed is Addressed.NO or message.id in self.excused:
            return []
        if message.id in self.taken_away:
            return [f"{message.id} is answered although that was deleted"] if replies else []
        if spoken.deleted:
            return [f"{message.id} is deleted and answered"] if replies and not spoken.told else []
        return [] if len(replies) == 1 else [f"{message.id} has {len(replies)} answers: {replies}"]

    def _transcript(self) -> list[str]:
        with closing(sqlite3.connect(self.folder / FILE_NAME)) as database:
            kept = dict(database.execute("select id, body from messages").fetchall())
        found: list[str] = []
        for spoken in self.discord.history:
            message, body = spoken.now, kept.get(spoken.now.id)
            if spoken.deleted and body is not None:
                found.append(f"{message.id} is kept although it was deleted")
            elif not spoken.deleted and message.place == GENERAL and message.text not in (body or ""):
                found.append(f"{message.id} is kept as {body}")
        return found


def _deletion(message: Message) -> Deleted:
    return Deleted(place=message.place, message_ids=(message.id,))
