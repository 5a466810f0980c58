"""A house with scheduled digests: a fake maker that tells each message of its period, over a real store and outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.app.digest_plans import DigestPlans, digest_plans
from bot.digest.schedule import KIND
from bot.errors import CalanqueError
from bot.languages.phrases import Phrases
from bot.ports.digests import DigestStore, Kept
from bot.ports.shapes import Shapes
from bot.settings import Settings
from bot.settings.digests import Digests
from bot.talk.delivery import Delivery, Shown
from bot.talk.digest import Digest, Made, Order, Point, Progress, Section, Source, Told
from bot.talk.event import Commanded
from bot.talk.message import Conversation, Message, Person, Place, PlaceKind
from bot.talk.plan import NotYet, Plan, Run, RunOutcome
from bot.talk.policy import Keep, Policy
from tests.fakes import ANA, BEN, START, FakeClock
from tests.rig import Rig, rig
from tests.rights import FakeRights

CARA = Person(platform="local", id="cara", name="Cara")


def channel(name: str) -> Place:
    return Place(platform="local", id=name, name=name, guild="port")


QUAY, YARD, OFFICE, NEWS = map(channel, ("quay", "yard", "office", "news"))
BOATS = Place(platform="local", id="t1", kind=PlaceKind.THREAD, name="boats", guild="port", parent=QUAY.id, open=True)
ALL = (ANA.key, BEN.key, CARA.key)


def rights() -> FakeRights:
    """Ana reads everything; the office is for her and Ben."""
    readers: dict[str, Collection[str]] = {
        QUAY.room: set(ALL),
        YARD.room: set(ALL),
        NEWS.room: set(ALL),
        OFFICE.room: {ANA.key, BEN.key},
    }
    return FakeRights(
        readers=readers,
        moderators=ALL,
        places=(QUAY, YARD, OFFICE, NEWS, BOATS),
        categories={"Harbour": (QUAY, OFFICE)},
    )


@dataclass(slots=True)
class Maker:
    """Makes a digest with one point for each message of the order that the store has; raises `failures` first, waits at
    `gate`, and from its second digest on at `lasting`. `said`: what is still to be written down there, too."""

    store: DigestStore | None = None
    said: list[Message] = field(default_factory=list[Message])
    orders: list[Order] = field(default_factory=list[Order])
    waited_for: list[Person | None] = field(default_factory=list[Person | None])
    gathered: list[Order] = field(default_factory=list[Order])
    failures: list[Exception] = field(default_factory=list[Exception])
    gate: asyncio.Event | None = None
    lasting: asyncio.Event | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def make(
        self, order: Order, *, waited_for: Person | None, progress: Callable[[Progress], None] = lambda _: None
    ) -> Digest:
        self.orders.append(order)
        self.waited_for.append(waited_for)
        self.asked.set()
        if self.failures:
            raise self.failures.pop(0)
        if self.gate is not None:
            await self.gate.wait()
        if self.lasting is not None and len(self.orders) > 1:
            await self.lasting.wait()
        return await self._made(order, Made.MODEL)

    async def gather(self, order: Order) -> Digest:
        self.gathered.append(order)
        return await self._made(order, Made.EXTRACTS)

    async def _made(self, order: Order, made: Made) -> Digest:
        assert self.store is not None
        found: list[Kept] = []
        for spoken in await self.store.spoken(order):
            kept = await self.store.said(spoken.place, order.period, after=None, limit=500)
            found += kept
        some = [each.message for each in sorted(found, key=lambda each: each.seq)]
        return Digest(
            points=tuple(Point(section=Section.DECIDED, text=each.text, sources=(_source(each),)) for each in some),
            period=order.period,
            messages=len(some),
            people=len({each.author.key for each in some}),
            made=made,
            language=order.language,
            first=min((each.sent_at for each in some), default=None),
        )


def _source(message: Message) -> Source:
    return Source(message=message.id, place=message.place, author_key=message.author.key, sent_at=message.sent_at)


def tell(
    digest: Digest,
    *,
    link: Callable[[Place, str], str],
    phrases: Phrases,
    heading: str = "",
    rooms: Collection[str] = (),
) -> tuple[Told, ...]:
    covers = (
        f"{digest.messages} from {digest.period.since:%d %H:%M} to {digest.period.until:%d %H:%M} {digest.language}"
    )
    lines = [Told(text=heading, heading=True), Told(text=covers.strip(), rooms=frozenset(rooms))]
    for point in digest.points:
        messages = frozenset(each.message for each in point.sources)
        shown = frozenset(each.place.room for each in point.sources)
        lines.append(Told(text=f"- {point.text}", messages=messages, rooms=shown))
    return tuple(lines)


@dataclass(slots=True)
class Newsroom:
    house: Rig
    made: DigestPlans
    maker: Maker
    rights: FakeRights

    async def uses(
        self, name: str, *, by: Person = ANA, place: Place = QUAY, moderator: bool = True, **arguments: str
    ) -> str:
        """What the person is told."""
        event = Commanded(
            name=f"digest-{name}",
            person=by,
            place=place,
            at=self.house.clock.now(),
            arguments=arguments,
            moderator=moderator,
        )
        response = await self.made.commands[event.name](event)
        assert response is not None
        return response.text

    async def creates(self, what: str, when: str, *, by: Person = ANA, **arguments: str) -> str:
        """The number of the new digest."""
        told = await self.uses("create", by=by, what=what, when=when, place=QUAY, moderator=True, **arguments)
        assert told.startswith("Digest "), told
        return told.split()[1]

    def says(self, text: str, *, place: Place = QUAY, at: datetime | None = None) -> None:
        """Somebody says something now."""
        number = len(self.maker.said)
        self.maker.said.append(
            Message(id=f"s{number}", place=place, author=BEN, text=text, sent_at=at or self.house.clock.now())
        )

    def posted(self, place: Place = QUAY) -> list[str]:
        talk = Conversation(place=place).key
        return [each.text for each in self._standing() if each.conversation.key == talk]

    def told(self, person: Person) -> list[str]:
        """In private, except what commands answer."""
        return [each.text for each in self._standing() if each.conversation.only == person.key]

    def _standing(self) -> Sequence[Delivery]:
        return [each for each in self.house.platform.standing.values() if each.text]

    async def until(self, hour: float, *, days: int = 0) -> None:
        """A minute after that hour (UTC) of the day on which the test began, or a later one: what is due is done."""
        moment = START.replace(hour=0) + timedelta(days=days, hours=hour, minutes=1)
        self.house.clock.jump((moment - self.house.clock.now()).total_seconds())
        await self.due()

    async def due(self) -> list[str]:
        """What is due is carried out, once each; how each ended. As `bot.plans` does it, without its waiting."""
        return [await self._ended(run) for kind in self.made.handlers for run in await self.claimed(kind)]

    async def claimed(self, kind: str = KIND) -> tuple[Run, ...]:
        now, store = self.house.clock.now(), self.house.store
        for message in self.maker.said:
            await store.record(message, keep=True)
        return (await store.claim_runs(kind, now=now, holder="all", lease=900, limit=99)).runs

    async def _ended(self, run: Run) -> str:
        now, store = self.house.clock.now(), self.house.store
        try:
            left = await self.made.handlers[run.plan.kind](run)
        except NotYet as wait:
            await store.postpone_run(run, until=now + timedelta(seconds=wait.seconds), at=now, counted=False)
            return "waits"
        except CalanqueError:
            await store.postpone_run(run, until=now, at=now)
            return "failed"
        deliveries = [each for each in left if isinstance(each, Delivery)]
        plans = [each for each in left if isinstance(each, Plan)]
        kept = await store.finish_run(run, outcome=RunOutcome.DONE, deliveries=deliveries, plans=plans, at=now)
        for delivery in deliveries if kept else ():
            await self.house.deliver.finish(delivery, Shown())
        return "done" if kept else "void"


@asynccontextmanager
async def newsroom(
    folder: Path,
    *,
    allowed: FakeRights | None = None,
    maker: Maker | None = None,
    clock: FakeClock | None = None,
    limits: Digests | None = None,
    timezone: str = "UTC",
    policies: asyncio.Lock | None = None,
    shapes: Shapes | None = None,
) -> AsyncGenerator[Newsroom]:
    allowed, maker = allowed or rights(), maker or Maker()
    settings = Settings(digests=limits or Digests())
    settings = settings.model_copy(update={"community": settings.community.model_copy(update={"timezone": timezone})})
    async with rig(folder, rights=allowed, settings=settings, clock=clock) as house:
        maker.store = house.store
        for place in (QUAY, YARD, OFFICE, NEWS):
            await house.store.save_policy(place, Policy(keep=Keep.ALWAYS, announced=True))

        made = digest_plans(
            house.store,
            makes=maker,
            tells=tell,
            rights={"local": allowed},
            present=lambda _: not allowed.away,
            shapes={} if shapes is None else {"local": shapes},
            look=lambda: None,
            policies=policies or asyncio.Lock(),
            settings=settings,
            phrases=Phrases(),
            clock=house.clock,
            counters=house.counters,
        )
        yield Newsroom(house, made, maker, allowed)
