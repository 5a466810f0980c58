"""An answer is stopped, deleted, shut down or killed at every single await: nothing is lost, nothing said twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.ports.tool import CallContext, Effect, tool
from bot.settings import Limits as LimitSettings
from bot.settings import Settings
from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery
from bot.talk.event import Deleted, Pressed
from bot.talk.message import Attachment, Message, Place
from bot.talk.record import OpenTurn
from bot.talk.turn import Call
from tests.fakes import ANA, FakeClock, FakeEngine, FakePlatform, said
from tests.hooks import Hooked
from tests.rig import Rig, house
from tests.settling import settle
from tests.stores import open_store

SETTINGS = Settings().model_copy(update={"limits": LimitSettings(shutdown_seconds=0)})
CAT = Attachment(id="2", name="cat.png", media_type="image/png", size=5, source="cat")
SHOWING = ("deliver ", "save_shown ", "typing ")  # beside the answer: which of them come is a matter of speed
ANSWER = "Six.\n\nIt is six."


@dataclass(slots=True)
class Moments:
    """Counts the awaits of one round and does something at the chosen one."""

    chosen: str = ""
    act: Callable[[], Coroutine[object, None, None]] | None = None
    seen: list[str] = field(default_factory=list[str])
    counts: Counter[str] = field(default_factory=Counter[str])
    turn: str = ""
    acting: asyncio.Task[None] | None = None

    async def at(self, moment: str, given: object) -> None:
        if isinstance(given, OpenTurn):
            self.turn = given.id
        self.counts[moment] += 1
        name = f"{moment} #{self.counts[moment]}"
        self.seen.append(name)
        if name == self.chosen and self.act is not None:
            self.acting = asyncio.create_task(self.act())
        # Wherever the act cancels, it cancels here.
        for _ in range(3):
            await asyncio.sleep(0)

    def around(self, part: object) -> object:
        return Hooked(part, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One question in a place of its own, in a process of its own, over a store that all rounds share."""

    store: SqlStore
    platform: FakePlatform
    clock: FakeClock
    moments: Moments
    question: Message

    @asynccontextmanager
    async def process(self, engine: FakeEngine) -> AsyncGenerator[Rig]:
        @tool(Effect.READS)
        async def clock(context: CallContext) -> str:
            """The time."""
            await self.moments.at("tool", None)
            return "six"

        async with house(
            self.store,
            engine=engine,
            platform=self.platform,
            settings=SETTINGS,
            clock=self.clock,
            tools=(clock,),
            around=self.moments.around,
        ) as joined:
            yield joined

    def replies(self) -> list[Delivery]:
        return [each for each in self.platform.standing.values() if each.reply_to == self.question.id]


def engine() -> FakeEngine:
    return FakeEngine(("Six.", Call(id="1", name="clock", arguments="{}")), ("It ", "is six."))


def new_round(store: SqlStore, clock: FakeClock, number: int, chosen: str = "") -> Round:
    platform = FakePlatform()
    platform.files = {"cat": b"IMAGE cat"}
    place = Place(platform="local", id=f"place-{number}", name="place")
    question = said("what time is it?", place=place, message_id=f"q-{number}", attachments=(CAT,))
    return Round(store=store, platform=platform, clock=clock, moments=Moments(chosen=chosen), question=question)


async def moments_of_an_answer(store: SqlStore, clock: FakeClock) -> list[str]:
    """Every await on the way, in a round in which nothing happens; those before the turn exists are left out."""
    here = new_round(store, clock, 0)
    async with here.process(engine()) as rig:
        await rig.says(here.question)
        await rig.idle()
    assert [each.text for each in here.replies()] == [ANSWER]
    seen = here.moments.seen
    return seen[seen.index("open_turn begins #1") :]


async def all_shown(store: SqlStore) -> None:
    """The outbox is empty."""
    async with asyncio.timeout(30):
        while await store.undelivered():
            await settle()


async def interrupted(here: Round, doing: str, playing: FakeEngine) -> Rig:
    """A process in which the act happens at the chosen moment."""
    leave = asyncio.Event()
    async with here.process(playing) as rig:

        async def act() -> None:
            place = here.question.place
            match doing:
                case "stop":
                    press = Pressed(action=f"stop:{here.moments.turn}", person=ANA, place=place, at=here.clock.now())
                    await rig.answers.stop(press)
                    await rig.answers.stop(press)
                case "delete":
                    await rig.hearing.hear(Deleted(place=place, message_ids=(here.question.id,)))
                case "kill":
                    for task in asyncio.all_tasks():
                        if task.get_name().startswith("answer to"):
                            task.cancel()
                case _:
                    leave.set()

        here.moments.act = act
        await rig.says(here.question)
        idle, left = asyncio.create_task(rig.idle()), asyncio.create_task(leave.wait())
        await asyncio.wait([idle, left], return_when=asyncio.FIRST_COMPLETED)
        if doing != "shutdown":
            await idle
        left.cancel()
        if here.moments.acting is not None:
            await here.moments.acting
    await idle
    return rig


@pytest.mark.parametrize("every", [16, pytest.param(1, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("doing", ["stop", "delete", "shutdown", "kill"])
async def test_at_whichever_await_an_answer_is_interrupted_everything_stays_in_order(
    tmp_path: Path, doing: str, every: int
) -> None:
    clock = FakeClock()
    async with open_store(SETTINGS.database, tmp_path, clock=clock) as store:
        moments = await moments_of_an_answer(store, clock)
        assert len(moments) > 40
        if doing == "stop":  # nobody can press a button that is not there yet
            moments = moments[moments.index("open_turn ended #1") + 1 :]
        reached, chosen = 0, moments[every // 2 :: every]
        for number, moment in enumerate(chosen, start=1):
            here = new_round(store, clock, number, chosen=moment)
            before = asyncio.all_tasks()
            playing = engine()
            rig = await interrupted(here, doing, playing)
            reached += here.moments.acting is not None

            why = f"{doing} at {moment}"
            assert asyncio.all_tasks() <= before, why
            assert here.platform.in_flight == 0, why
            assert rig.lanes.waiting == 0, why
            assert playing.closed == len(playing.prompts), why
            assert len(here.replies()) <= 1, why

            here.moments.chosen = ""
            async with here.process(engine()) as again:
                await again.take_up()
                await again.idle()
                await all_shown(store)
                assert await again.answers.unanswered() == (), why
                told = [each.text for each in here.replies()]
                in_time = moment in moments[: moments.index("close_turn begins #1")] and not moment.startswith(SHOWING)
                match doing:
                    case "delete":
                        assert told in (([],) if in_time else ([], [ANSWER])), why
                    case "stop":
                        assert len(told) == 1, why
                        assert told[0].endswith("*(stopped)*") or (not in_time and told == [ANSWER]), why
                    case _:
                        assert told == [ANSWER], why
                assert all(each.final and not each.actions for each in here.replies()), why
                await again.says(said("sure?", place=here.question.place))
                await again.idle()
                prompt = again.asked()
                assert prompt.count("what time is it?") == (0 if doing == "delete" else 1), why
        assert reached > len(chosen) * 0.9 - 1
