"""A small house around the page: a store in memory and a verb that streams scripted answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot import consent
from bot.languages.phrases import Phrases
from bot.oversight.commands import forms
from bot.platforms.local.platform import LocalPlatform
from bot.ports.oversight import Oversees
from bot.settings import Limits, Page
from bot.talk.command import Command, in_menu
from bot.talk.delivery import Action, Delivery, DeliveryState, Shown
from bot.talk.event import CaughtUp, Commanded, Deleted, Edited, Event, Pressed, Said
from bot.talk.message import Addressed, Attachment, Conversation, Message, Place
from bot.talk.record import Entry, Outgoing, Upload


def commands_in(locale: str) -> tuple[Command, ...]:
    return (*consent.commands(Phrases(locale)), in_menu("catch-up-from", "Catch me up from here"))


COMMANDS = commands_in("en")


class WallClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SteppedClock(WallClock):
    """The real time plus what a test adds; `wrong`: how far the clock on the wall was set forth."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.wrong = timedelta()

    def now(self) -> datetime:
        return super().now() + self.wrong

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


class MemoryStore:
    """Keeps places, entries and uploads, as `bot.ports.Views` and the page's `Keeping` ask for."""

    def __init__(self) -> None:
        self.kept_places: dict[str, Place] = {}
        self.kept: dict[str, Entry] = {}
        self.uploads: dict[str, Upload] = {}

    async def save_place(self, place: Place) -> None:
        self.kept_places[place.id] = place

    async def save_upload(self, upload: Upload, *, at: datetime) -> None:
        self.uploads[upload.id] = upload

    async def upload(self, upload_id: str) -> Upload | None:
        return self.uploads.get(upload_id)

    async def places(self, platform: str) -> tuple[Place, ...]:
        return tuple(place for place in self.kept_places.values() if place.platform == platform)

    async def entries(self, place: Place, *, before: datetime | None = None, limit: int) -> tuple[Entry, ...]:
        found = [entry for entry in self.kept.values() if _place_of(entry).id == place.id]
        earlier = [entry for entry in found if before is None or entry.at < before]
        return tuple(sorted(earlier, key=lambda entry: entry.at)[-limit:])

    def keep_message(self, message: Message) -> None:
        self.kept_places[message.place.id] = message.place
        self.kept[message.id] = Entry(at=message.sent_at, message=message)

    def keep_delivery(self, delivery: Delivery, *, at: datetime) -> None:
        known = self.kept.get(delivery.id)
        state = DeliveryState.SENT if delivery.final else DeliveryState.OPEN
        row = Outgoing(delivery=delivery, state=state, shown=Shown(), created_at=known.at if known else at)
        self.kept[delivery.id] = Entry(at=row.created_at, outgoing=row)


def _place_of(entry: Entry) -> Place:
    if entry.message is not None:
        return entry.message.place
    assert entry.outgoing is not None
    return entry.outgoing.delivery.conversation.place


Script = Callable[[Message], AsyncGenerator[str]]


async def say_in_words(message: Message) -> AsyncGenerator[str]:
    """Echoes, a word at a time."""
    text = ""
    for word in f"You said: **{message.text}**".split(" "):
        text += word + " "
        yield text
        await asyncio.sleep(0)


@dataclass
class Verbs:
    """Hears like the real house: records, answers what is addressed, stops on request, answers commands privately."""

    store: MemoryStore
    script: Script = say_in_words
    platform: LocalPlatform | None = None
    heard: list[Event] = field(default_factory=list[Event])
    refuse: Exception | None = None
    lead: str = ""
    pressed: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict[str, "asyncio.Task[None]"])
    _stopped: set[str] = field(default_factory=set[str])

    async def hear(self, event: Event) -> None:
        if self.refuse is not None:
            raise self.refuse
        if isinstance(event, CaughtUp):  # every start tells so; nobody did anything
            return
        self.heard.append(event)
        match event:
            case Said(message=message):
                self.store.keep_message(message)
                if message.addressed is not Addressed.NO:
                    self._tasks[message.id] = asyncio.create_task(self._answer(message))
            case Edited(message=message):
                self.store.keep_message(message)
            case Deleted(message_ids=ids):
                for one in ids:
                    self.store.kept.pop(one, None)
            case Pressed(action=action):
                self._stopped.add(action.removeprefix("stop:"))
                self.pressed.set()
            case Commanded():
                await self._whisper(event)
            case _:
                pass

    async def settle(self) -> None:
        """Wait until every answer is given."""
        await asyncio.gather(*self._tasks.values())

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _answer(self, message: Message) -> None:
        assert self.platform is not None
        ident = f"answer-{message.id}"
        delivery = Delivery(
            id=ident,
            conversation=message.conversation,
            text="",
            reply_to=message.id,
            final=False,
            actions=(Action(id=f"stop:{ident}", label="Stop"),),
            lead=self.lead,
        )
        self.store.keep_delivery(delivery, at=datetime.now(UTC))
        shown = await self.platform.deliver(delivery, Shown())
        async for text in self.script(message):
            delivery = replace(delivery, text=text)
            shown = await self.platform.deliver(delivery, shown)
            if ident in self._stopped:
                delivery = replace(delivery, text=f"{text} …")
                break
        delivery = replace(delivery, final=True, actions=())
        self.store.keep_delivery(delivery, at=datetime.now(UTC))
        await self.platform.deliver(delivery, shown)

    async def _whisper(self, event: Commanded) -> None:
        assert self.platform is not None
        if event.name == "forget-me":
            for ident, entry in list(self.store.kept.items()):
                if entry.message is not None and entry.message.author.key == event.person.key:
                    del self.store.kept[ident]
        words = ", ".join(f"{name}={value}" for name, value in event.arguments.items())
        delivery = Delivery(
            id=f"command-{len(self.heard)}",
            conversation=Conversation(place=event.place, only=event.person.key),
            text=f"Done: {event.name} {words}".strip(),
        )
        self.store.keep_delivery(delivery, at=datetime.now(UTC))
        await self.platform.deliver(delivery, Shown())


@dataclass
class House:
    """The page with everything around it."""

    platform: LocalPlatform
    store: MemoryStore
    verbs: Verbs
    clock: SteppedClock

    @property
    def url(self) -> str:
        return self.platform.url


def build(
    settings: Page | None = None,
    *,
    store: MemoryStore | None = None,
    limits: Limits | None = None,
    status: Callable[[], Mapping[str, object]] | None = None,
    commands: Sequence[Command] = COMMANDS,
    oversees: Oversees | None = None,
) -> House:
    store = store or MemoryStore()
    clock = SteppedClock()
    platform = LocalPlatform(
        settings or Page(port=0),
        views=store,
        store=store,
        commands=commands,
        phrases=Phrases(),
        clock=clock,
        limits=limits or Limits(),
        status=status,
        in_locale=commands_in if commands is COMMANDS else None,
        forms=forms,
    )
    if oversees is not None:
        platform.oversee(oversees)
    return House(platform=platform, store=store, verbs=Verbs(store=store, platform=platform), clock=clock)


@asynccontextmanager
async def serving(house: House) -> AsyncGenerator[House]:
    """The page on a real socket, until the block ends."""
    running = asyncio.create_task(house.platform.run(house.verbs.hear))
    started = asyncio.create_task(house.platform.started.wait())
    try:
        await asyncio.wait((running, started), return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        yield house
    finally:
        started.cancel()
        await house.verbs.close()
        running.cancel()
        await asyncio.gather(running, started, return_exceptions=True)


def attachment_of(upload: Upload) -> Attachment:
    return Attachment(
        id=upload.id, name=upload.name, media_type=upload.media_type, size=len(upload.data), source=upload.id
    )
