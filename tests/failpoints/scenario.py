"""One small evening on Discord with everything in it that must be right afterwards, whenever the program died."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

from benchmarks.torture.journal import Journal
from benchmarks.torture.judge import judge
from benchmarks.torture.ledger import Entry, Ledger, grows
from benchmarks.torture.plan import Fate, Planned
from benchmarks.torture.records import Records
from benchmarks.torture.town import SLOTS, Town
from benchmarks.torture.words import answer, asked_in
from tests.discord_server import Channel, DiscordServer, Interaction, Message, User
from tests.end_to_end.harness import MODEL
from tests.failpoints.scene import Scene, left_over
from tests.ollama_server import Mishap, OllamaServer, Reply
from tests.ollama_server.script import Step

STEP_SECONDS = 40.0  # for one thing to happen, deaths and starts included
QUIET_SECONDS = 0.7  # without a change: it is over
LIVE_SECONDS = 2.5  # on Discord, before that may be said: so long it may look for what it missed
TOOL, SECOND, LONG, GONE, TAKEN = "q000001too", "q000002sec", "q000003lon", "q000004gon", "q000005tak"
CHANGED = "q500001too"
CALL = '[TOOL_CALLS][{"name":"clock","arguments":{}}]'


def says(prompt: str) -> Step:
    """The first question needs a tool; the one that will be deleted is never answered whole."""
    word = asked_in(prompt)
    if word is None:
        return Reply(text="A calm day.")
    if word == TOOL and "[TOOL_RESULTS]" not in prompt[prompt.rfind("[INST]") :]:
        return Reply(text=CALL)
    return Reply(text=answer(word, long=word == LONG), mishap=Mishap.STALL if word == GONE else None, after=8)


@dataclass(slots=True, kw_only=True)
class Evening:
    """Implements `Scene`. `commanded`: what became of a private command; it is owed nothing where the program did not
    live. `live_since`: how long the program has been on Discord, in seconds of the monotonic clock."""

    town: Town
    ledger: Ledger
    commanded: Interaction | None = None
    live_since: float = 0.0

    @property
    def waiting(self) -> Sequence[str]:
        return [self.ledger.entries[each].planned.word for each in sorted(self.ledger.waiting)]

    async def prepare(self, records: Records) -> None:
        """The program finds nothing, and lays its database."""

    async def passes(self) -> None:
        general, quay = self.town.rooms
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._at(general))
            tasks.create_task(self._by(quay))

    async def _at(self, general: Channel) -> None:
        ana, ben = self.town.people
        first = await self._ask(general, ana, TOOL, other=CHANGED, fate=Fate.EDITED)
        second = await self._ask(general, ben, SECOND)
        await self._until(lambda: first.settled)
        await self._say(general, ben, "c000006cha")
        first.edited = True
        await self.town.discord.edit(first.message, first.message.content.replace(TOOL, CHANGED))
        await self._until(lambda: second.settled)
        await self._ask(general, ana, TAKEN, fate=Fate.ANSWER_DELETED)

    async def _by(self, quay: Channel) -> None:
        ana, ben = self.town.people
        long = await self._ask(quay, ana, LONG)
        await self._until(lambda: long.settled)
        self.commanded = await self.town.discord.use_command("privacy", user=ben, channel=quay)
        await self._say(quay, ana, "c000007cha")
        gone = await self._ask(quay, ben, GONE, fate=Fate.DELETED)
        await self._until(lambda: gone.settled or any(self._half(each, gone) for each in quay.bot_messages))
        self.ledger.deleted(gone)
        await self.town.discord.delete(gone.message)

    def _half(self, message: Message, asked: Entry) -> bool:
        return message.referenced is asked.message and grows(message)

    async def _ask(self, room: Channel, by: User, word: str, *, other: str = "", fate: Fate = Fate.NONE) -> Entry:
        message = await self.town.discord.say(room, by, f"<@BOT> what of {word}?")
        return self.ledger.said(_planned(word, other or f"{word}x", fate), message)

    async def _say(self, room: Channel, by: User, word: str) -> None:
        message = await self.town.discord.say(room, by, f"nothing new about {word}")
        self.ledger.said(_planned(word, f"{word}x", Fate.NONE), message)

    async def _until(self, condition: Callable[[], object]) -> None:
        await self.town.discord.wait_for(condition, STEP_SECONDS)

    async def is_over(self) -> bool:
        def over() -> bool:
            if not self.town.discord.gateway.live:
                self.live_since = monotonic()
            thinking = self.commanded is not None and self.commanded.thinking and self.commanded.seen == []
            now = monotonic()
            quiet = now - self.ledger.moved > QUIET_SECONDS and now - self.live_since > LIVE_SECONDS
            return quiet and not (self.ledger.waiting or thinking)

        try:
            await self._until(over)
        except TimeoutError:
            return False
        return True

    async def violations(self, records: Records) -> list[str]:
        rows = await records.messages()
        verdict = judge(self.town, self.ledger, rows, kept_from=5)
        found = [
            f"{name}: {finding.what}"
            for name in ("lost", "duplicated", "mixed", "apologised", *TRANSCRIPT)
            for finding in getattr(verdict, name)
        ]
        found += await left_over(records)
        found += [f"message {row.id} is left pending" for row in rows if row.pending]
        if self.commanded is not None and len(self.commanded.seen) > 1:
            found.append(f"the command was answered {len(self.commanded.seen)} times")
        return found


TRANSCRIPT = ("transcript_lost", "transcript_stale", "transcript_undeleted")


def _planned(word: str, other: str, fate: Fate) -> Planned:
    return Planned(
        index=int(word[1:7]),
        word=word,
        other=other,
        question=word[0] == "q",
        room=0,
        author=0,
        long=word == LONG,
        fate=fate,
        gap=0,
        fate_after=0,
    )


@asynccontextmanager
async def evening(journal: Journal) -> AsyncGenerator[Scene]:
    """A guild with two channels and two people; nothing has happened yet."""
    async with (
        DiscordServer(rate_limits=False) as discord,
        OllamaServer(model=MODEL, answer=says, slots=SLOTS, token_seconds=0.001) as engine,
        asyncio.TaskGroup() as tasks,
    ):
        guild = discord.add_guild()
        rooms = [guild.add_text_channel("general"), guild.add_text_channel("quay")]
        people = [discord.add_user("ana"), discord.add_user("ben")]
        for person in people:
            guild.add_member(person)
        town = Town(discord=discord, engine=engine, rooms=rooms, people=people)

        def take_away(entry: Entry, shown: Message) -> None:
            ledger.deleted(entry)
            deletion: Coroutine[None, None, None] = discord.delete(shown)
            tasks.create_task(deletion)

        ledger = Ledger(discord, journal, take_away)
        yield Evening(town=town, ledger=ledger)
