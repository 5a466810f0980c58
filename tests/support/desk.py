"""A house with a support channel, a forum and staff, over a fake platform with threads and a real store."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.errors import PlatformUnavailable
from bot.languages.model import Identifies
from bot.ports.threads import MessageGone
from bot.support.settling import SETTLE_SECONDS
from bot.talk.delivery import Delivery
from bot.talk.event import Commanded, ThreadChanged
from bot.talk.message import Addressed, Message, Person, Place, PlaceKind, Quote, QuoteKind
from bot.talk.support import SupportChannel, ThreadNow
from tests.fakes import ANA, BEN, START, FakeEngine, said
from tests.outfit import Around
from tests.rig import Rig, as_it_is, rig
from tests.rights import FakeRights
from tests.settling import settle

CARA = Person(platform="local", id="cara", name="Cara")
DAN = Person(platform="local", id="dan", name="Dan")
"""Ana asks, Ben helps, Cara is staff, Dan moderates."""
HELPERS = "7"

HELP = Place(platform="local", id="help", name="help", guild="port")
FORUM = Place(platform="local", id="forum", name="forum", guild="port")
NOTES = Place(platform="local", id="notes", name="notes", guild="port")
SOLVED, WAITS = "s", "w"


def post(ident: str = "t1", name: str = "It crashes", *, of: Place = FORUM) -> Place:
    return Place(platform="local", id=ident, kind=PlaceKind.THREAD, name=name, guild="port", parent=of.id, open=True)


POST = post()


@dataclass(slots=True)
class FakeThreads:
    """`now`: by id; what is not there is not known. `names`: of the threads that were opened, by id; `asked`: for which
    it was asked to; `away`: how often it is away then; `gone`: ids of messages that are not there any more."""

    now: dict[str, ThreadNow] = field(default_factory=dict[str, ThreadNow])
    forum_tags: Mapping[str, str] = field(default_factory=lambda: {SOLVED: "Solved", WAITS: "Needs a person"})
    role_names: Mapping[str, str] = field(default_factory=lambda: {HELPERS: "Helpers", "8": "Guests"})
    hears: bool = True
    answerable: bool | None = True
    threads_writable: bool | None = True
    leaks: bool | None = False
    openable: bool | None = True
    refuses: bool = False
    away: int = 0
    asked: list[str] = field(default_factory=list[str])
    names: dict[str, str] = field(default_factory=dict[str, str])
    gone: set[str] = field(default_factory=set[str])

    def thread(self, place: Place) -> ThreadNow | None:
        return self.now.get(place.id)

    async def tags_of(self, place: Place) -> Collection[str] | None:
        now = self.thread(place)
        return None if now is None else now.tags

    def is_forum(self, place: Place) -> bool:
        return place.id == FORUM.id

    def tags(self, place: Place) -> Mapping[str, str]:
        return self.forum_tags if self.is_forum(place) else {}

    def roles(self, place: Place) -> Mapping[str, str]:
        return self.role_names

    def can_answer(self, place: Place) -> bool | None:
        return self.answerable

    def can_write_in_threads(self, place: Place) -> bool | None:
        return self.threads_writable

    def can_open(self, place: Place) -> bool | None:
        return self.openable

    async def open(self, message: Message, *, name: str) -> Place | None:
        """As Discord does: a message has one thread, with its id."""
        self.asked.append(message.id)
        if message.id in self.gone:
            raise MessageGone
        if self.away:
            self.away -= 1
            raise PlatformUnavailable("a test wants it so")
        if self.refuses:
            return None
        self.names.setdefault(message.id, name)
        return post(message.id, self.names[message.id], of=message.place)

    def others_read(self, place: Place, channel: Place, staff: Collection[str]) -> bool | None:
        return self.leaks


def rights() -> FakeRights:
    everyone = {ANA.key, BEN.key, CARA.key, DAN.key}
    return FakeRights(
        readers={HELP.room: everyone, FORUM.room: everyone, NOTES.room: {CARA.key, DAN.key}},
        moderators=[DAN.key],
        of_role={HELPERS: [CARA.key]},
        places=(HELP, FORUM, NOTES),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    rig: Rig
    rights: FakeRights
    threads: FakeThreads

    async def sets_up(self, channel: SupportChannel) -> None:
        await self.rig.store.save_support_channel(channel)
        await self.rig.support.channels.refresh()

    async def opens(self, place: Place, by: Person = ANA, *, tags: Collection[str] = ()) -> None:
        forum = place.parent == FORUM.id
        self.threads.now[place.id] = ThreadNow(
            opener=by.key, opened_at=self.rig.clock.now(), tags=frozenset(tags), forum=forum
        )

    async def says(
        self,
        text: str,
        by: Person = ANA,
        place: Place = POST,
        *,
        addressed: Addressed = Addressed.NO,
        to: Message | None = None,
        message_id: str | None = None,
        named: Collection[str] = (),
    ) -> Message:
        """As the platform tells it, which knows nothing of support."""
        quotes = ()
        if to is not None:
            quotes = (Quote(kind=QuoteKind.REPLIED, text=to.text, author_key=to.author.key, message=to.id),)
        message = said(
            text,
            by=by,
            place=place,
            addressed=addressed,
            at=self.rig.clock.now(),
            message_id=message_id,
            quotes=quotes,
            reply_to=None if to is None else to.id,
        )
        await self.rig.says(replace(message, named=frozenset(named)))
        await settle()
        return message

    async def asks(self, text: str, by: Person = ANA, place: Place = POST, **more: Any) -> Message:
        """And says no more for a while."""
        message = await self.says(text, by, place, **more)
        await self.settles()
        return message

    async def settles(self, seconds: float = SETTLE_SECONDS) -> None:
        await self.rig.passes(seconds)
        await self.rig.idle()
        await settle()

    async def tags(self, place: Place, *tags: str, closed: bool = False) -> None:
        before = self.threads.now[place.id]
        now = self.threads.now[place.id] = replace(before, tags=frozenset(tags), closed=closed)
        await self.rig.hearing.hear(ThreadChanged(place=place, now=now))
        await settle()

    @property
    def questions(self) -> list[str]:
        """What the engine was last asked, prompt by prompt."""
        return [prompt.pieces[-1].text for prompt in self.rig.engine.prompts]

    @property
    def standing(self) -> list[Delivery]:
        """What everybody sees of ours, but for what is said about keeping."""
        shown = self.rig.platform.standing.values()
        return [each for each in shown if "transcript" not in each.text and each.conversation.only is None]

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.standing]


@asynccontextmanager
async def desk(
    folder: Path,
    *scripts: tuple[object, ...],
    channel: SupportChannel | None = None,
    engine: FakeEngine | None = None,
    threaded: bool = True,
    identifies: Identifies | None = None,
    around: Around[object] | None = None,
) -> AsyncGenerator[Desk]:
    """`threaded` False: a platform without threads and roles. `around`: as in `Outfit`."""
    known, threads = rights(), FakeThreads()
    async with rig(
        folder,
        *scripts,
        rights=known,
        threads={"local": threads} if threaded else {},
        engine=engine,
        identifies=identifies,
        around=around or as_it_is,
    ) as house:
        made = Desk(rig=house, rights=known, threads=threads)
        usual = SupportChannel(
            place=FORUM,
            staff=frozenset({HELPERS}),
            solved_tags=frozenset({SOLVED}),
            person_tags=frozenset({WAITS}),
            grounded=False,
            since=START - timedelta(days=1),
        )
        await made.sets_up(channel or usual)
        yield made


MADE = SupportChannel(
    place=FORUM,
    staff=frozenset({HELPERS}),
    notes=NOTES,
    languages=("eo", "ja"),
    tone="calm and <@1> `short`",
    grounded=False,
    solved_tags=frozenset({SOLVED}),
    person_tags=frozenset({WAITS}),
    staff_language="fr",
    per_thread=5,
    per_person=9,
    escalate_minutes=30,
    since=START,
)
"""As a moderator has set the forum up."""


async def shown(
    at: Desk, said: Mapping[str, str] | None = None, *, by: Person = DAN, place: Place = HELP, **more: str
) -> Delivery:
    """What is said to `/support`."""
    event = Commanded(
        name="support", person=by, place=place, at=START, moderator=True, arguments={**(said or {}), **more}
    )
    await at.rig.hearing.hear(event)
    return at.rig.platform.revisions[-1]
