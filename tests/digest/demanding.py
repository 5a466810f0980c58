"""People who ask to be caught up: around a real store, outbox and plans, with a maker of digests that is told what to
make, and a platform on which some take no direct messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app.digesting import digesting
from bot.deliver import Deliver
from bot.errors import CalanqueError, PlaceGone
from bot.hear.wishes import Wishes
from bot.languages.phrases import Phrases
from bot.plans import Plans
from bot.settings import Settings
from bot.storage.address import FILE_NAME
from bot.storage.store import SqlStore, open_store
from bot.talk.delivery import Delivery, Shown
from bot.talk.digest import Digest, Made, Order, Point, Progress, Section, Source
from bot.talk.event import Commanded, Pressed
from bot.talk.message import Addressed, Message, Person, Place
from bot.talk.policy import Keep, Policy
from tests.fakes import ANA, BEN, GENERAL, FakeClock, FakeCounters, FakePlatform, said
from tests.rights import FakeRights

POINT = Point(
    section=Section.DECIDED,
    text="The anchor holds",
    sources=(Source(message="m1", place=GENERAL, author_key=BEN.key, sent_at=FakeClock().now()),),
)


class FakeMaker:
    """Counts what was said in the order's period, and makes the points that it is given of it.

    `steps`: how far it says it is, before it waits at `gate`; `fails`: what it raises first.
    """

    def __init__(self) -> None:
        self.messages = 3
        self.points: tuple[Point, ...] = (POINT,)
        self.made = Made.MODEL
        self.steps: Sequence[Progress] = ()
        self.gate: asyncio.Event | None = None
        self.fails: list[CalanqueError] = []
        self.orders: list[Order] = []
        self.waited_for: list[Person | None] = []

    async def make(
        self, order: Order, *, waited_for: Person | None, progress: Callable[[Progress], None] = lambda _: None
    ) -> Digest:
        self.orders.append(order)
        self.waited_for.append(waited_for)
        for step in self.steps:
            progress(step)
        if self.gate is not None:
            await self.gate.wait()
        if self.fails:
            raise self.fails.pop(0)
        return Digest(points=self.points, period=order.period, messages=self.messages, people=2, made=self.made)

    async def gather(self, order: Order) -> Digest:
        return await self.make(order, waited_for=None)


class Harbour(FakePlatform):
    """Answers commands while their handles live; who is in `shut` takes no direct messages. Redraws, as the page does:
    whatever shows a delivery is where its next view goes."""

    def __init__(self) -> None:
        super().__init__()
        self.dead: set[str] = set()
        self.shut: set[str] = set()

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        only = delivery.conversation.only
        if only in self.shut and (delivery.handle is None or delivery.handle in self.dead):
            raise PlaceGone("they take no direct messages")
        return await super().deliver(delivery, shown)

    def _read_back(self, delivery: Delivery, shown: Shown) -> str:
        return super()._read_back(delivery, replace(shown, since=FakeClock().now()))


@dataclass(slots=True, kw_only=True)
class Scene:
    store: SqlStore
    platform: Harbour
    clock: FakeClock
    counters: FakeCounters
    maker: FakeMaker
    rights: FakeRights
    wishes: Wishes
    numbers: list[int] = field(default_factory=lambda: [1])

    async def says(
        self, text: str = "words", *, by: Person = BEN, place: Place = GENERAL, ago: timedelta = timedelta()
    ) -> Message:
        self.numbers[0] += 1
        message = replace(
            said(text, by=by, place=place, message_id=f"m{self.numbers[0]}", addressed=Addressed.NO),
            sent_at=self.clock.now() - ago,
        )
        assert await self.store.record(message, keep=True)
        return message

    async def commands(
        self,
        name: str,
        *,
        by: Person = ANA,
        place: Place = GENERAL,
        handle: str | None = None,
        moderator: bool = False,
        **arguments: str,
    ) -> None:
        event = Commanded(
            name=name,
            person=by,
            place=place,
            at=self.clock.now(),
            arguments=arguments,
            handle=handle,
            moderator=moderator,
        )
        await self.wishes.carry_out(event)
        await self.passes(1)

    async def presses(self, action: str, *, by: Person = ANA, handle: str | None = None) -> None:
        event = Pressed(action=action, person=by, place=GENERAL, at=self.clock.now(), handle=handle)
        await self.wishes.carry_out(event)

    async def passes(self, seconds: float) -> None:
        """Time, with everything that it brings; the store's threads are waited for."""
        for _ in range(4):
            await self.clock.advance(seconds / 4)

    def told(self, person: Person = ANA) -> list[str]:
        """What stands there for this person alone."""
        return [each.text for each in self.platform.standing.values() if each.conversation.only == person.key]

    def public(self) -> list[Delivery]:
        return [each for each in self.platform.standing.values() if each.conversation.only is None]

    @property
    def order(self) -> Order:
        return self.maker.orders[-1]


@cache
def fresh_database() -> bytes:
    """Made once: migrating one for each test takes longer than most of them."""

    async def make(folder: Path) -> bytes:
        async with open_store(Settings().database, folder, clock=FakeClock()):
            pass
        return (folder / FILE_NAME).read_bytes()

    with TemporaryDirectory() as folder:
        return asyncio.run(make(Path(folder)))


@asynccontextmanager
async def scene(
    folder: Path,
    *,
    maker: FakeMaker | None = None,
    platform: Harbour | None = None,
    clock: FakeClock | None = None,
    present: Callable[[str], bool] = lambda _: True,
) -> AsyncGenerator[Scene]:
    """One process."""
    clock, counters, maker, platform = clock or FakeClock(), FakeCounters(), maker or FakeMaker(), platform or Harbour()
    if not (folder / FILE_NAME).exists():
        (folder / FILE_NAME).write_bytes(await asyncio.to_thread(fresh_database))
    rights = FakeRights(readers={GENERAL.key: [ANA.key, BEN.key]})
    async with open_store(Settings().database, folder, clock=clock) as store:
        await store.save_policy(GENERAL, Policy(keep=Keep.ALWAYS, announced=True))
        await store.record(said("The anchor holds", by=BEN, message_id="m1", addressed=Addressed.NO), keep=True)

        async def refused(delivery: Delivery) -> None:
            await made.refused(delivery)

        def look() -> None:
            plans.look()

        deliver = Deliver(store, {platform.name: platform}, pace={}, clock=clock, counters=counters, refused=refused)
        made = digesting(
            store,
            deliver,
            makes=maker,
            rights={platform.name: rights},
            present=present,
            shapes={},
            look=look,
            policies=asyncio.Lock(),
            settings=Settings(),
            phrases=Phrases(),
            clock=clock,
            counters=counters,
        )
        plans = Plans(store, deliver, handlers=made.handlers, clock=clock, counters=counters)
        await deliver.load()
        tasks = [asyncio.create_task(deliver.run()), asyncio.create_task(plans.run())]
        try:
            yield Scene(
                store=store,
                platform=platform,
                clock=clock,
                counters=counters,
                maker=maker,
                rights=rights,
                wishes=Wishes(deliver, commands=made.commands, presses=made.presses, phrases=Phrases()),
            )
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
