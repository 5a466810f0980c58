"""A support forum with its thread, a room of staff, and a house that serves them over a real store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.app.handing import Calling
from bot.app.overseeing import Siblings
from bot.errors import TranslationFailed
from bot.ports.tool import AnyTool, CallContext, Effect, tool
from bot.ports.translation import Translated, Translates
from bot.settings import Settings
from bot.talk.delivery import Delivery
from bot.talk.found import Found, Source
from bot.talk.message import Addressed, Conversation, Message, Person, Place, PlaceKind
from bot.talk.support import Case, Silence, SupportChannel
from bot.talk.turn import Call
from tests.fakes import ANA, BEN, START, FakeClock, FakeEngine, FakePlatform, said
from tests.outfit import Around
from tests.rig import Rig, as_it_is, rig
from tests.rights import FakeRights
from tests.settling import settle
from tools.needs_human import needs_human

HELP = Place(platform="local", id="help", name="help", guild="marseille")
THREAD = Place(
    platform="local",
    id="thread",
    kind=PlaceKind.THREAD,
    name="It is broken",
    guild="marseille",
    parent="help",
    open=True,
)
STAFF_ROOM = Place(platform="local", id="staff", name="staff", guild="marseille")
MOD = Person(platform="local", id="mod", name="Mod")
ZOE = Person(platform="local", id="zoe", name="Zoe")
"""Staff by her role."""
ADA = Person(platform="local", id="ada", name="Ada")

STEPS = 4
"""In which time passes."""

MANUAL = Source(title="The manual", url="https://docs.example/manual")


@dataclass(slots=True)
class FakeChannels:
    """How channels are set up, in memory."""

    channels: dict[str, SupportChannel] = field(default_factory=dict[str, SupportChannel])

    async def support_channel(self, place: Place) -> SupportChannel | None:
        channel = place.channel
        return self.channels.get(place.key) or (None if channel is None else self.channels.get(channel.key))

    async def support_channels(self, platform: str | None = None, guild: str | None = None) -> Sequence[SupportChannel]:
        return tuple(self.channels.values())

    async def save_support_channel(self, channel: SupportChannel) -> None:
        self.channels[channel.place.key] = channel

    async def drop_support_channel(self, place: Place) -> bool:
        return self.channels.pop(place.key, None) is not None


@dataclass(slots=True)
class FakeTranslates:
    """Says of each text in which language it is now; `fails` at those that hold one of these words."""

    fails: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list[str])

    async def translated(
        self,
        text: str,
        *,
        to: str,
        source: str = "",
        conversation: Conversation,
        waits: bool = True,
        names: Collection[str] = (),
    ) -> Translated:
        self.asked.append(text)
        if any(word in text for word in self.fails):
            raise TranslationFailed("a test wants it so")
        same = text.startswith(f"<{to}>")
        return Translated(text=text if same else f"<{to}> {text}", source="en", to=to, same=same)


@dataclass(slots=True)
class FakeTongues:
    """Everybody speaks the language of their locale, else Esperanto, in which we have no words of our own."""

    async def of(self, conversation: Conversation, *, person: str = "", locale: str | None = None) -> str:
        return locale or "eo"


@tool(Effect.READS, across=True, outside=True)
async def search_knowledge(_context: CallContext) -> Found:
    """Search the manual."""
    return Found(text="[1] The manual\nTurn it off and on again.", sources=(MANUAL,))


TOOLS: tuple[AnyTool, ...] = (needs_human, search_knowledge)

FORUM = SupportChannel(
    place=HELP,
    languages=("eo", "en"),
    staff=frozenset({"helpers"}),
    notes=STAFF_ROOM,
    staff_language="en",
    escalate_minutes=30,
)


def everybody() -> FakeRights:
    people = [each.key for each in (ANA, BEN, MOD, ZOE, ADA)]
    return FakeRights(
        readers={HELP.room: people, STAFF_ROOM.room: [MOD.key, ZOE.key]},
        moderators=[MOD.key],
        of_role={"helpers": [ZOE.key]},
    )


@dataclass(slots=True, kw_only=True)
class Desk:
    rig: Rig
    channels: FakeChannels
    rights: FakeRights
    silenced: list[str]

    @property
    def platform(self) -> FakePlatform:
        return self.rig.platform

    async def asks(
        self, text: str = "Why does it not start?", *, by: Person = ANA, message: Message | None = None
    ) -> Message:
        message = message or asked(text, by=by, at=self)
        await self.rig.says(message)
        await self.rig.idle()
        await settle()
        return message

    def answer(self, to: Message) -> Delivery:
        """What stands under the question in the end."""
        found = [each for each in self.platform.revisions if each.reply_to == to.id and each.final]
        return found[-1]

    def seen(self, to: Message) -> list[str]:
        """All texts that ever stood there."""
        return [each.text for each in self.platform.revisions if each.reply_to == to.id]

    @property
    def standing(self) -> list[tuple[str, Delivery]]:
        """Messages of ours in the room of staff, with their ids."""
        there = self.platform.standing.items()
        return [(at, one) for at, one in there if (one.conversation.place.id, one.conversation.only) == ("staff", None)]

    @property
    def note(self) -> Delivery:
        ((_, note),) = self.standing
        return note

    @property
    def in_thread(self) -> list[Delivery]:
        """What stands in the thread beside answers."""
        alone = (each for each in self.platform.standing.values() if each.conversation.only is None)
        return [each for each in alone if each.conversation.place.id == "thread" and each.reply_to is None]

    async def presses(self, kind: str, *, by: Person, place: Place = STAFF_ROOM, on: Delivery | None = None) -> str:
        """The answer that the person alone gets."""
        if on is None:
            await self.platform.until(lambda each: each.conversation.place == STAFF_ROOM and bool(each.actions))
        actions = (on or self.note).actions
        (action,) = [each.id for each in actions if each.id.startswith(kind)]
        told = await self.rig.presses(action, by=by, place=place)
        await settle()
        return told

    async def replies(self, text: str, *, by: Person, message_id: str | None = None) -> Message:
        """Somebody answers the note, in the room of staff."""
        at, _ = self.standing[0]
        message = said(
            text,
            by=by,
            place=STAFF_ROOM,
            addressed=Addressed.REPLY,
            reply_to=at,
            at=self.rig.clock.now(),
            message_id=message_id,
        )
        await self.rig.says(message)
        await self.rig.idle()
        await settle()
        return message

    async def minutes(self, minutes: float) -> None:
        for _ in range(STEPS):
            await self.rig.clock.advance(minutes * 60 / STEPS)


def asked(text: str, *, by: Person = ANA, at: Desk | None = None) -> Message:
    when = START if at is None else at.rig.clock.now()
    return said(text, by=replace(by, locale="eo"), place=THREAD, addressed=Addressed.MENTION, at=when)


def call(name: str, /, *, of: str = "c1", **arguments: str) -> Call:
    return Call(id=of, name=name, arguments=json.dumps(arguments))


@asynccontextmanager
async def desk(
    folder: Path,
    *scripts: tuple[object, ...],
    channel: SupportChannel = FORUM,
    rights: FakeRights | None = None,
    translates: Translates | None = None,
    platform: FakePlatform | None = None,
    clock: FakeClock | None = None,
    engine: FakeEngine | None = None,
    tools: Sequence[AnyTool] = TOOLS,
    around: Around[object] | None = None,
    settings: Settings | None = None,
    overseen: bool = False,
) -> AsyncGenerator[Desk]:
    """`scripts` are what the engine plays: an answer, then, where a person is called, the summary. `around`: as in
    `Outfit`. `overseen`: answers there can be voted on and reviewed."""
    channels, silenced, rights = FakeChannels(), list[str](), rights or everybody()
    await channels.save_support_channel(channel)

    async def silence(case: Case, _why: Silence) -> None:
        silenced.append(case.place.id)

    calls = Calling(
        channels=channels, tongues=FakeTongues(), translates=translates or FakeTranslates(), silenced=silence
    )
    async with rig(
        folder,
        *scripts,
        engine=engine,
        platform=platform,
        clock=clock,
        tools=tools,
        rights=rights,
        calls=calls,
        settings=settings,
        oversight=Siblings(channels=channels if overseen else None),
        around=around or as_it_is,
    ) as house:
        plans = asyncio.create_task(house.plans.run())
        try:
            yield Desk(rig=house, channels=channels, rights=rights, silenced=silenced)
        finally:
            plans.cancel()
            await asyncio.gather(plans, return_exceptions=True)
