"""A question that gets its thread, a person who is called, claims it, answers in the asker's language and is thanked:
each once, whenever the program dies."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

from benchmarks.torture.journal import Journal
from benchmarks.torture.records import Records
from benchmarks.torture.town import SLOTS, Town
from bot.talk.message import Place, PlaceKind
from bot.talk.support import SupportChannel
from tests.discord_server import Channel, DiscordServer, Message, User
from tests.discord_server.permissions import Overwrite, Permission
from tests.discord_server.things import ChannelType, Role
from tests.discord_server.world import Event
from tests.end_to_end.harness import MODEL
from tests.failpoints.scene import Scene, at_rest, left_over, stored
from tests.ollama_server import OllamaServer, Reply

STEP_SECONDS = 40.0  # for one thing to happen, deaths and starts included
AGAIN_SECONDS = 3.0  # after which somebody presses a button once more
LIVE_SECONDS = 6.0  # on Discord without a word, before nothing more is expected: a note waits until rights are known

ASKED, ASKS_MORE = "錨はどう上げますか", "返金は土曜日にもできますか"
ANSWER, SUMMARY = "青いハンドルを三回まわしてください。", "A refund is asked for."
REPLY, RELAYED = "Yes, on Saturday, too.", "土曜日にも返金できます。"
CALLED, SOLVED, SILENT = "チームに伝えました", "解決済みになりました", "発言を控えています"
NOTE, CLAIMED, DONE = "**ana needs a person**", "Claimed by cara.", "Solved by ana."
CALL = '[TOOL_CALLS][{"name":"needs_human","arguments":{"reason":"A refund is asked for."}}]'
_LABELS = {"case-claim": "Claim", "case-done": "解決しました"}


def says(prompt: str) -> Reply:
    """As a good model would."""
    last = prompt[prompt.rfind("[INST]") :]
    if "You sum up a question" in prompt:
        return Reply(text=SUMMARY)
    if "You translate what" in prompt:
        return Reply(text=RELAYED)
    if f"ana: {ASKS_MORE}" in last:
        return Reply(text="担当者を呼びました。" if "[TOOL_RESULTS]" in last else CALL)
    return Reply(text=ANSWER)


@dataclass(slots=True, kw_only=True)
class Support:
    """Implements `Scene`. `made`: how often a message with these words came to be, whether it still stands or not, and
    `moved`: when one was last changed."""

    town: Town
    helpers: Role
    made: Counter[str] = field(default_factory=Counter[str])
    moved: float = 0.0
    left: str = ASKED

    def heard(self, event: Event) -> None:
        if event.message is not None:
            self.moved = monotonic()
        if event.name == "MESSAGE_CREATE" and event.message is not None and event.message.author is self._us:
            self.made.update(word for word in (NOTE, RELAYED, SOLVED, SILENT) if word in event.message.content)

    @property
    def waiting(self) -> Sequence[str]:
        return [self.left] if self.left else []

    @property
    def _us(self) -> User:
        return self.town.discord.bot

    @property
    def _threads(self) -> list[Channel]:
        guild = self.town.rooms[0].guild
        assert guild is not None
        return [each for each in guild.channels.values() if each.type is ChannelType.PUBLIC_THREAD]

    async def prepare(self, records: Records) -> None:
        desk, office = map(_place, self.town.rooms)
        async with stored(records) as store:
            await store.save_support_channel(
                SupportChannel(
                    place=desk,
                    languages=("en", "ja"),
                    staff=frozenset({str(self.helpers.id)}),
                    notes=office,
                    grounded=False,
                    in_threads=True,
                )
            )

    async def passes(self) -> None:
        (desk, office), (ana, cara) = self.town.rooms, self.town.people
        await self.town.discord.say(desk, ana, ASKED)
        await self._until(ANSWER, lambda: self._threads and _standing(self._threads[0], ANSWER))
        thread = self._threads[0]
        await self.town.discord.say(thread, ana, ASKS_MORE)
        await self._until(CALLED, lambda: _standing(thread, CALLED))
        await self._until(NOTE, lambda: _standing(office, NOTE))
        await self._presses("case-claim", cara, lambda: _standing(office, NOTE)[0], lambda: _standing(office, CLAIMED))
        note = _standing(office, NOTE)[0]
        await self.town.discord.say(office, cara, f"<@{self._us.id}> {REPLY}", reply_to=note)
        await self._until(RELAYED, lambda: _standing(thread, RELAYED))
        await self._presses("case-done", ana, lambda: _standing(thread, CALLED)[0], lambda: _standing(thread, SOLVED))
        await self._until(DONE, lambda: _standing(office, DONE))
        self.left = ""

    async def _until(self, what: str, condition: Callable[[], object]) -> None:
        self.left = what
        await self.town.discord.wait_for(condition, STEP_SECONDS)

    async def _presses(self, kind: str, by: User, on: Callable[[], Message], done: Callable[[], object]) -> None:
        """A press that nobody lived to hear is gone: then they press again."""
        self.left, tries = kind, int(STEP_SECONDS / AGAIN_SECONDS)
        for left in range(tries, 0, -1):
            buttons = [each["custom_id"] for each in on().buttons if each["custom_id"].startswith(kind)]
            if buttons and self.town.discord.gateway.live:
                await self.town.discord.press(on(), buttons[0], by)
            try:
                await self.town.discord.wait_for(done, AGAIN_SECONDS)
            except TimeoutError:
                if left == 1:
                    raise
            else:
                return

    async def is_over(self) -> bool:
        return await at_rest(
            self.town.discord,
            lambda: None if self.left else self.moved,
            quiet=LIVE_SECONDS,
            within=STEP_SECONDS,
        )

    async def violations(self, records: Records) -> list[str]:
        desk, office = self.town.rooms
        found = [f"{word!r} was sent {count} times" for word, count in self.made.items() if count > 1]
        if len(self._threads) != 1:
            found.append(f"there are {len(self._threads)} threads")
        for thread in self._threads[:1]:
            for words in (ANSWER, CALLED, RELAYED, SOLVED):
                count = len(_standing(thread, words))
                found += [] if count == 1 else [f"{words!r} stands {count} times in the thread"]
            found += [f"left in the thread: {each.content!r}" for each in _standing(thread, "") if not _known(each)]
        found += [f"left in the channel: {each.content!r}" for each in _standing(desk, "") if not _announces(each)]
        notes = [each.content for each in _standing(office, "")]
        if len(notes) != 1 or DONE not in notes[0] or SUMMARY not in notes[0]:
            found.append(f"staff read {notes}")
        found += await left_over(records)
        found += [f"message {row.id} is left pending" for row in await records.messages() if row.pending]
        return found


def _known(message: Message) -> bool:
    return any(words in message.content for words in (ANSWER, CALLED, RELAYED, SOLVED, SILENT)) or not message.content


def _announces(message: Message) -> bool:
    return "transcript" in message.content


def _standing(room: Channel, words: str) -> list[Message]:
    return [each for each in room.bot_messages if words in each.content and not each.deleted]


def _place(channel: Channel) -> Place:
    return Place(
        platform="discord", id=str(channel.id), kind=PlaceKind.CHANNEL, name=channel.name, guild=str(channel.guild_id)
    )


@asynccontextmanager
async def support(journal: Journal) -> AsyncGenerator[Scene]:
    """A guild with a channel for questions, one for staff, somebody who asks and somebody who helps."""
    async with (
        DiscordServer(rate_limits=False) as discord,
        OllamaServer(model=MODEL, answer=says, slots=SLOTS) as engine,
    ):
        guild = discord.add_guild()
        ana, cara = discord.add_user("ana"), discord.add_user("cara")
        helpers, ours = guild.add_role("helpers"), Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES
        guild.add_member(ana)
        guild.add_member(cara, helpers)
        office = {
            guild.id: Overwrite(deny=Permission.VIEW_CHANNEL),
            helpers.id: Overwrite(allow=Permission.VIEW_CHANNEL),
            discord.bot.id: Overwrite(allow=ours),
        }
        rooms = [guild.add_text_channel("help"), guild.add_text_channel("office", overwrites=office)]
        scene = Support(town=Town(discord=discord, engine=engine, rooms=rooms, people=[ana, cara]), helpers=helpers)
        discord.world.listeners.append(scene.heard)
        journal.note("somebody asks")
        yield scene
