"""Reminders that are due while the program is away, or soon after it is there: each is told once, whenever it dies."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic

from benchmarks.torture.journal import Journal
from benchmarks.torture.records import Records
from benchmarks.torture.town import SLOTS, Town
from bot.services.reminders import REMINDER
from bot.talk.message import Conversation, Place, PlaceKind
from bot.talk.plan import Plan, PlanState, RunOutcome
from bot.talk.recurrence import Every, Once, Recurrence
from tests.discord_server import Channel, DiscordServer, Message, User
from tests.discord_server.world import Event
from tests.end_to_end.harness import MODEL
from tests.failpoints.scene import Scene, at_rest, left_over, stored
from tests.ollama_server import OllamaServer, Reply

STEP_SECONDS = 40.0  # until all is told, deaths and starts included
LIVE_SECONDS = 1.5  # on Discord without a word, before nothing more is expected
SOON = timedelta(seconds=4)  # when the program has begun, or is about to
WORDS = ("overdue-word", "direct-word", "hourly-word", "soon-word")


@dataclass(slots=True, kw_only=True)
class Reminders:
    """Implements `Scene`. `made`: how often a message with this word came to be, whether it still stands or not."""

    town: Town
    made: Counter[str] = field(default_factory=Counter[str])
    moved: float = 0.0

    def heard(self, event: Event) -> None:
        message = event.message
        if message is None or message.author is not self.town.discord.bot:
            return
        self.moved = monotonic()
        if event.name == "MESSAGE_CREATE":
            self.made.update(word for word in WORDS if word in message.content)

    @property
    def waiting(self) -> Sequence[str]:
        return [word for word in WORDS if not self.made[word]]

    async def prepare(self, records: Records) -> None:
        async with stored(records) as store:
            for plan in self._plans():
                assert plan.conversation is not None
                await store.save_place(plan.conversation.place)
                assert await store.save_plan(plan)

    def _plans(self) -> Iterator[Plan]:
        (room, direct), (ana, _) = self.town.rooms, self.town.people
        now = datetime.now(UTC)
        hour = timedelta(hours=1)
        yield _reminder("overdue-word", room, ana, Once(at=now - hour), due=now - hour)
        yield _reminder("direct-word", direct, ana, Once(at=now - hour), due=now - hour)
        yield _reminder("hourly-word", room, ana, Every(minutes=60, since=now - 5 * hour), due=now - 3 * hour)
        yield _reminder("soon-word", room, ana, Once(at=now + SOON), due=now + SOON)

    async def passes(self) -> None:
        await self.town.discord.wait_for(lambda: not self.waiting, STEP_SECONDS)

    async def is_over(self) -> bool:
        return await at_rest(
            self.town.discord,
            lambda: None if self.waiting else self.moved,
            quiet=LIVE_SECONDS,
            within=STEP_SECONDS,
        )

    async def violations(self, records: Records) -> list[str]:
        found = [f"{word} was told {self.made[word]} times" for word in WORDS if self.made[word] != 1]
        standing = Counter(word for word in WORDS for each in self._standing() if word in each.content)
        found += [f"{word} stands there {standing[word]} times" for word in WORDS if standing[word] != 1]
        async with stored(records) as store:
            for word in WORDS:
                plan = await store.plan(word)
                repeats = word == "hourly-word"
                if plan is None or plan.state is not (PlanState.WAITING if repeats else PlanState.OVER):
                    found.append(f"the plan of {word} is left as {plan}")
                ended = await store.run_records(word, limit=9)
                if [each.outcome for each in ended] != [RunOutcome.DONE]:
                    found.append(f"the runs of {word} ended as {ended}")
        return found + await left_over(records)

    def _standing(self) -> list[Message]:
        return [each for room in self.town.rooms for each in room.bot_messages if not each.deleted]


def _reminder(word: str, room: Channel, by: User, recurrence: Recurrence, *, due: datetime) -> Plan:
    kind = PlaceKind.CHANNEL if room.guild_id is not None else PlaceKind.DIRECT
    guild = None if room.guild_id is None else str(room.guild_id)
    place = Place(platform="discord", id=str(room.id), kind=kind, guild=guild)
    return Plan(
        id=word,
        kind=REMINDER,
        recurrence=recurrence,
        due=due,
        conversation=Conversation(place=place),
        owner=f"discord:{by.id}",
        payload={"text": f"mind the {word}", "number": str(WORDS.index(word) + 1)},
    )


@asynccontextmanager
async def reminders(journal: Journal) -> AsyncGenerator[Scene]:
    """A guild with one channel, and direct messages with one of two people."""
    async with (
        DiscordServer(rate_limits=False) as discord,
        OllamaServer(model=MODEL, answer=lambda _: Reply(text="A calm day."), slots=SLOTS) as engine,
    ):
        guild = discord.add_guild()
        people = [discord.add_user("ana"), discord.add_user("ben")]
        for person in people:
            guild.add_member(person)
        rooms = [guild.add_text_channel("general"), discord.dm(people[0])]
        scene = Reminders(town=Town(discord=discord, engine=engine, rooms=rooms, people=people))
        discord.world.listeners.append(scene.heard)
        journal.note("reminders wait")
        yield scene
