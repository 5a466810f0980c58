"""What people do in six linked channels, and the platform on which they do it: what was missed is told again."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from benchmarks.mirroring.shores import Shores
from bot.errors import EngineUnreachable, PlaceGone
from bot.ports.translation import Translated
from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, Shown
from bot.talk.event import Deleted, Edited, Event, Said
from bot.talk.message import Addressed, Conversation, Message, Person, Place, PlaceKind
from bot.talk.mirror import Link, Side
from tests.fakes import START, FakeClock
from tests.once.discord import FakeDiscord, Trouble
from tests.rights import FakeRights

LANGUAGES = ("en", "ja", "de", "fr", "ar", "pt")
CHANNELS = tuple(Place(platform="local", id=f"help-{tag}", name=f"help-{tag}", guild="g") for tag in LANGUAGES)
PEOPLE = tuple(Person(platform="local", id=f"p{number}", name=f"Person {number}") for number in range(12))
ROBOT = Person(platform="local", id="robot", name="Robot", bot=True)
LINK = Link(
    id="link",
    sides=tuple(Side(place=place, language=tag) for place, tag in zip(CHANNELS, LANGUAGES, strict=True)),
    by=PEOPLE[0].key,
    made_at=START - timedelta(seconds=1),
)
RIGHTS = FakeRights(
    readers={place.key: [person.key for person in PEOPLE] for place in CHANNELS},
    moderators=(PEOPLE[0].key,),
    places=CHANNELS,
)

EDITS, DELETIONS, ECHOES, RESHAPES, REPLIES, THREADS = 0.15, 0.1, 0.05, 0.05, 0.3, 0.2  # of all; of what is said
FAILS, REFUSED, LOST = 0.01, 0.01, 0.02  # of translations; of sends
RECENTLY = 60  # messages among which people edit, delete and answer
OVERLAP = 15  # messages that are told again after each start although they had been heard
SINCE = timedelta(hours=1)
INSTANT = timedelta(milliseconds=1)


@dataclass(slots=True, eq=False)
class Spoken:
    """A message of a person as it reads now. `heard`: whoever tells of it has been told that it is written down.
    `begins`: it was said in a thread that begins with this message or a copy of it. `history`: what happened to it."""

    message: Message
    deleted: bool = False
    heard: bool = False
    answers: Spoken | None = None
    begins: Spoken | None = None
    history: list[str] = field(default_factory=list[str])


class Harbour(FakeDiscord):
    """A thread is there once somebody has begun it, and begins only with a message that stands."""

    def __init__(self, clock: FakeClock, shores: Shores) -> None:
        super().__init__(clock)
        self.shores = shores
        self.threads: set[str] = set()
        self.said: set[str] = set()
        self.ever: dict[str, Delivery] = {}  # all that has ever stood there

    def _brought(self, delivery: Delivery, shown: Shown) -> Shown:
        place, blank = delivery.conversation.place, delivery.final and not (delivery.text or delivery.lead)
        known = bool(shown.messages) or self._made_before(delivery, shown) is not None
        if place.kind is PlaceKind.THREAD and not known and not blank:
            self._entered(place.id, begins=bool(delivery.opens))
            self.shores.begun(place, delivery.opens)
        if place.id in self.shores.now and not blank:
            self.shores.wakes(place.id)
        now = super()._brought(delivery, shown)
        self.ever.update({each.id: delivery for each in now.messages})
        return now

    def _entered(self, thread: str, *, begins: bool) -> None:
        if thread not in self.threads and not (begins and (thread in self.said or thread in self.standing)):
            raise PlaceGone("unknown channel or message")
        self.threads.add(thread)


@dataclass(slots=True)
class Talk:
    """Draws what happens, and remembers it."""

    draw: Random
    clock: FakeClock
    discord: Harbour
    said: list[Spoken] = field(default_factory=list[Spoken])
    by_id: dict[str, Spoken] = field(default_factory=dict[str, Spoken])
    edits: int = 0
    deletions: int = 0
    echoes: int = 0
    _threads: dict[str, list[Place]] = field(default_factory=dict[str, list[Place]])  # in which people have spoken
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def happens(self) -> tuple[Event, Spoken | None]:
        """The next thing, and the message that it is about."""
        kind, recent = self.draw.random(), [each for each in self.said[-RECENTLY:] if not each.deleted]
        if recent and kind < EDITS:
            return self._edited(self.draw.choice(recent))
        if recent and kind < EDITS + DELETIONS:
            return self._deleted(self.draw.choice(recent))
        if kind > 1 - ECHOES and self.discord.standing:
            return self._echoed(), None
        if ECHOES < 1 - kind <= ECHOES + RESHAPES and self.discord.shores.now:
            return self.discord.shores.drawn(), None
        return self._said(recent)

    def expected(self, spoken: Spoken, to: str) -> str:
        return f"**{spoken.message.author.name}**\n{translation(spoken.message.text, to)}"

    def _said(self, recent: list[Spoken]) -> tuple[Event, Spoken]:
        place, author = self.draw.choice(CHANNELS), self.draw.choice(PEOPLE)
        some = [each for each in recent if each.begins is None]
        roots = [each for each in self.said[-RECENTLY:] if each.begins is None and self._can_begin(each)]
        begins = self.draw.choice(roots) if roots and self.draw.random() < THREADS else None
        answers = self.draw.choice(some) if some and begins is None and self.draw.random() < REPLIES else None
        if begins is not None:
            place = self._thread(begins, place)
        number = next(self._numbers)
        message = Message(
            id=f"m{number}",
            place=place,
            author=author,
            text=f"w{number}w @everyone",
            sent_at=self.clock.now(),
            addressed=Addressed.NO,
            reply_to=None if answers is None else self._seen_in(answers, place),
        )
        spoken = Spoken(message, answers=answers if message.reply_to else None, begins=begins)
        self.said.append(spoken)
        self.by_id[message.id] = spoken
        self.discord.said.add(message.id)
        if begins is not None:
            self.discord.threads.add(place.id)
            self.discord.shores.begun(place, place.name, opener=author.key)
            self.discord.shores.wakes(place.id)
            self._threads.setdefault(begins.message.id, []).append(place)
        return Said(message=message), spoken

    def _can_begin(self, spoken: Spoken) -> bool:
        """Threads outlive the messages that they began with."""
        return not spoken.deleted or spoken.message.id in self._threads

    def _thread(self, begins: Spoken, place: Place) -> Place:
        """In this channel where people see the message there, else where it was said."""
        if begins.deleted:
            return self.draw.choice(self._threads[begins.message.id])
        seen = self._seen_in(begins, place)
        parent, ident = (begins.message.place, begins.message.id) if seen is None else (place, seen)
        return Place(
            platform="local",
            id=ident,
            kind=PlaceKind.THREAD,
            name=f"t{begins.message.id}",
            guild=parent.guild,
            parent=parent.id,
            open=True,
        )

    def _seen_in(self, answers: Spoken, place: Place) -> str | None:
        """The message that people see there: itself, or its copy, where it stands already."""
        if answers.message.place == place:
            return answers.message.id
        wanted = copy_id(answers.message, place)
        return next((id_ for id_, each in self.discord.standing.items() if each.id == wanted), None)

    def _edited(self, spoken: Spoken) -> tuple[Event, Spoken]:
        self.edits += 1
        text = f"{spoken.message.text.split()[0]} v{next(self._numbers)}"
        now, before = self.clock.now(), spoken.message.edited_at
        if before is not None:  # of two edits at one instant nobody could tell the later one, and Discord has none
            now = max(now, before + INSTANT)
        spoken.message = replace(spoken.message, text=text, edited_at=now)
        return Edited(message=spoken.message), spoken

    def _deleted(self, spoken: Spoken) -> tuple[Event, Spoken]:
        self.deletions += 1
        spoken.deleted = True
        self.discord.said.discard(spoken.message.id)
        return Deleted(place=spoken.message.place, message_ids=(spoken.message.id,)), spoken

    def _echoed(self) -> Event:
        """A message of ours is told as any bot's: as a bridge would, or another copy of this program."""
        self.echoes += 1
        id_ = self.draw.choice(list(itertools.islice(reversed(self.discord.standing), RECENTLY)))
        shown = self.discord.standing[id_]
        echo = Message(
            id=f"echo-{self.echoes}-{id_}",
            place=shown.conversation.place,
            author=ROBOT,
            text=shown.text,
            sent_at=self.clock.now(),
        )
        return Said(message=echo)


class Translator:
    """Puts the language before the words; the engine is away now and then."""

    def __init__(self, draw: Random) -> None:
        self._draw = draw
        self.calm = False

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
        if not self.calm and self._draw.random() < FAILS:
            raise EngineUnreachable("away")
        return Translated(text=translation(text, to), source="xx", to=to)


class Tongues:
    async def of(self, conversation: Conversation, *, person: str = "", locale: str | None = None) -> str:
        return "en"


def translation(text: str, to: str) -> str:
    return f"{to}: {text}".replace("@everyone", "@\u200beveryone")


def copy_id(message: Message, place: Place) -> str:
    return f"mirror-local-{message.id}-{place.id}"


def trouble(draw: Random) -> Trouble | None:
    kind = draw.random()
    return Trouble.REFUSED if kind < REFUSED else Trouble.LOST if kind < REFUSED + LOST else None


async def missed(talk: Talk, store: SqlStore) -> list[tuple[Event, Spoken]]:
    """What is told after a start: all from a mark on, and of what has copies what was edited or is gone."""
    unheard = next((at for at, each in enumerate(talk.said) if not each.heard), len(talk.said))
    found: list[tuple[Event, Spoken]] = []
    for spoken in talk.said[max(0, unheard - OVERLAP) :]:
        if not spoken.deleted:
            found.append((Said(message=spoken.message), spoken))
        spoken.heard = spoken.heard or spoken.deleted
    for each in await store.recent("local", since=talk.clock.now() - SINCE, limit=10_000):
        spoken = talk.by_id.get(each.message)
        if spoken is None:  # another bot's
            continue
        if spoken.deleted:
            found.append((Deleted(place=each.place, message_ids=(each.message,)), spoken))
        elif spoken.message.edited_at != each.edited_at:
            found.append((Edited(message=spoken.message), spoken))
    return found


def link_of(delivery: Delivery) -> str:
    """The id of the message of which it is a copy, as its small line says."""
    return delivery.lead.rpartition("/")[2].removesuffix(">)")
