"""Random lives of an answer against a model of Discord: whatever fails, dies or is deleted, people see it once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import discord
from hypothesis import given
from hypothesis import strategies as st

from bot.deliver.standing import stands
from bot.errors import PlaceGone, PlatformUnavailable
from bot.platforms.discord.progress import Progress
from bot.platforms.discord.readback import Sought
from bot.platforms.discord.render import Wanted, nonce, render
from bot.platforms.discord.times import id_at
from bot.platforms.discord.wire import Attempt
from bot.talk.delivery import Action, Delivery, Shown
from bot.talk.message import Place
from tests.fakes import START
from tests.platforms.discord.bench import NOTHING, delivery

HERE = Place(platform="discord", id="1")
STOP = (Action(id="stop:1", label="Stop"),)
PIECE = 900
QUESTION = "100"
NONCES = 180.0


class Died(BaseException):
    """The process is gone in the middle of a request."""


@dataclass
class Clock:
    passed: float = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing waits here")


@dataclass
class Sea:
    """The channel, and the door to it. `fate`: what becomes of the next requests."""

    clock: Clock
    fate: list[str] = field(default_factory=list[str])
    messages: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    deleted: set[str] = field(default_factory=set[str])
    nonces: dict[str, tuple[float, str]] = field(default_factory=dict[str, tuple[float, str]])
    place: str = "1"
    prefix: str = ""
    knows_nonces: bool = True
    replies: bool = True

    @property
    def visible(self) -> list[dict[str, Any]]:
        return [each for name, each in self.messages.items() if name not in self.deleted]

    def _before(self, attempt: Attempt) -> str:
        fate = self.fate.pop(0) if self.fate else "well"
        if fate == "dies before":
            raise Died
        if fate == "fails before":
            attempt.under_way = True
            raise PlatformUnavailable("lost on the way")
        return fate

    def _after(self, fate: str, attempt: Attempt) -> None:
        if fate == "dies after":
            raise Died
        if fate == "fails after":
            attempt.under_way = True
            raise PlatformUnavailable("lost on the way back")

    async def post(
        self, wanted: Wanted, delivery: Delivery, index: int, removed: int, attempt: Attempt
    ) -> tuple[str, bool]:
        fate = self._before(attempt)
        known = self.nonces.get(nonce(delivery.id, self.place, index, removed))
        if known is not None and self.clock.passed - known[0] <= NONCES:
            name = known[1]
        else:
            name = str(id_at(self.clock.now()) + len(self.messages))
            body = wanted.first(delivery, self.place, index, removed)
            self.messages[name] = {"id": name, **body}
            self.nonces[body["nonce"]] = (self.clock.passed, name)
        self._after(fate, attempt)
        return name, wanted.shown_by(self.messages[name])

    async def find(self, sought: Sought) -> tuple[str, bool] | None:
        for each in self.visible:
            if int(each["id"]) > sought.after and each["id"] not in sought.known and sought.is_it(each):
                return each["id"], sought.wanted.shown_by(each)
        return None

    async def edit(self, message_id: str, wanted: Wanted) -> None:
        attempt = Attempt()
        fate = self._before(attempt)
        if message_id in self.deleted:
            response: Any = SimpleNamespace(status=404, reason="")
            raise PlaceGone("gone") from discord.HTTPException(response, {"code": 10008, "message": ""})
        self.messages[message_id] |= {"content": wanted.content, "components": list(wanted.components)}
        self._after(fate, attempt)

    async def delete(self, message_id: str) -> None:
        attempt = Attempt()
        fate = self._before(attempt)
        self.deleted.add(message_id)
        self._after(fate, attempt)

    def age_of(self, message_id: str) -> float | None:
        return self.clock.passed

    def time(self) -> datetime | None:
        return self.clock.now() + timedelta(seconds=1)


@dataclass
class Life:
    """The program, and what its store knows of the delivery. `final`: the text that the turn was closed with."""

    clock: Clock = field(default_factory=Clock)
    saved: Shown = NOTHING
    known: Shown = NOTHING
    number: int = 0
    final: str | None = None
    over: bool = False
    by_person: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self.sea = Sea(self.clock)
        self.progress = Progress(self.clock)

    def words(self, pieces: int) -> str:
        return "".join(f"life{self.number}word{each} ".ljust(30, "x") + " " for each in range(pieces * PIECE // 31 + 1))

    def dies(self) -> None:
        self.number += 1
        self.progress = Progress(self.clock)
        self.known = replace(self.saved, since=self.clock.now())

    async def shows(self, text: str, *, final: bool) -> bool:
        wanted = delivery(HERE, text, reply_to=QUESTION, final=final, actions=() if final else STOP)
        try:
            now = await self.progress.bring(self.sea, render(wanted, waiting="…"), wanted, self.known)
        except PlatformUnavailable as error:
            now, well = stands(error, NOTHING), False
        except Died:
            self.dies()
            return False
        else:
            well = True
        if now.known != self.known.known:
            self.saved = now
        self.known = now
        return well

    async def does(self, act: tuple[str, int]) -> None:
        what, amount = act
        match what:
            case "grow" if self.final is None:
                await self.shows(self.words(amount), final=False)
            case "close":
                if self.final is None:
                    self.final = self.words(amount)
                self.over = self.over or await self.shows(self.final, final=True)
            case "wait":
                self.clock.passed += amount * 60
            case "die":
                self.dies()
            case "delete":
                standing = [each.id for each in self.saved.messages if each.id not in self.sea.deleted]
                if standing:
                    self.sea.deleted.add(standing[amount % len(standing)])
                    self.by_person.add(standing[amount % len(standing)])
            case _:
                self.sea.fate.append(what)

    async def ends(self) -> None:
        self.sea.fate.clear()
        self.final = self.final or self.words(2)
        assert self.over or await self.shows(self.final, final=True)


FATES = ("fails before", "fails after", "dies before", "dies after", "well")
ACTS = st.tuples(
    st.sampled_from(("grow", "grow", "grow", "close", "wait", "die", *FATES)), st.integers(min_value=0, max_value=5)
)


async def lived(acts: Sequence[tuple[str, int]]) -> Life:
    life = Life()
    for act in acts:
        await life.does(act)
    await life.ends()
    return life


def wanted_by(life: Life) -> list[str]:
    assert life.final is not None
    return [each.content for each in render(delivery(HERE, life.final), waiting="…")]


@given(st.lists(ACTS, max_size=25))
def test_whatever_fails_or_dies_the_answer_stands_there_once_and_whole(acts: list[tuple[str, int]]) -> None:
    life = asyncio.run(lived(acts))
    assert [each["content"].strip() for each in life.sea.visible] == [each.strip() for each in wanted_by(life)]
    assert not any(each.get("components") for each in life.sea.visible)
    assert [bool(each.get("message_reference")) for each in life.sea.visible] == [
        index == 0 for index in range(len(life.sea.visible))
    ]


@given(st.lists(st.one_of(ACTS, st.tuples(st.just("delete"), st.integers(0, 5))), max_size=25))
def test_what_somebody_deletes_stays_away_and_nothing_is_said_twice(acts: list[tuple[str, int]]) -> None:
    life = asyncio.run(lived(acts))
    seen = [each["content"].strip() for each in life.sea.visible]
    wanted = [each.strip() for each in wanted_by(life)]
    assert seen == [each for each in wanted if each in seen]
    assert len(seen) >= (0 if life.by_person else len(wanted))
