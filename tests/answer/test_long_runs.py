"""Long random lives of a channel: whatever happens, the promises about prompts and answers hold at every step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from bot.errors import EngineBroke
from bot.settings import Memory, Settings
from bot.talk.event import Deleted, Edited, Pressed
from bot.talk.message import Addressed, Message, Person
from bot.talk.prompt import Engine, Prompt
from bot.talk.turn import Call
from tests.fakes import ANA, BEN, GENERAL, FakeEngine, said
from tests.rig import Rig, rig

STEPS = 80
WINDOW, REPLY = 900, 120  # small, so that much is cut
CAM = Person(platform="local", id="cam", name="Cam")
PEOPLE = (ANA, BEN, CAM)
SETTINGS = Settings().model_copy(
    update={
        "engine": Settings().engine.model_copy(update={"window": WINDOW, "reply_tokens": REPLY}),
        "memory": Memory(summary_tokens=50),
    }
)


@dataclass(slots=True)
class Life:
    """What happens, and what must be true after it."""

    house: Rig
    random: Random
    engine: FakeEngine
    words: int = 0
    ambient: list[Message] = field(default_factory=list[Message])
    asked: list[Message] = field(default_factory=list[Message])
    gone: set[str] = field(default_factory=set[str])
    changed: set[str] = field(default_factory=set[str])
    last: Prompt | None = None
    said: str = ""
    broken: int = 0
    seen: int = 0

    def word(self) -> str:
        self.words += 1
        return f"w{self.words}w"

    def text(self) -> str:
        return " ".join(self.word() for _ in range(self.random.choice((1, 3, 12, 40))))

    def breaks(self) -> int:
        return sum(
            self.house.counters.get("prefix_breaks_total", cause=cause) for cause in ("cut", "deletion", "tools")
        )

    async def asks(self, *script: object) -> Message:
        message = said(self.text(), by=self.random.choice(PEOPLE))
        self.engine.scripts.append(script)  # pyright: ignore[reportArgumentType] # checked where played
        self.asked.append(message)
        await self.house.says(message)
        return message

    async def question(self) -> None:
        answer = self.text()
        if self.random.random() < 0.3:
            self.engine.scripts.append(
                (self.text(), Call(id="1", name="calculator", arguments='{"expression": "6*7"}'))
            )
        await self.asks(answer)
        await self.house.idle()
        self.checked(answer)

    async def two_questions(self) -> None:
        first, second = self.text(), self.text()
        await self.asks(first)
        await self.asks(second)
        await self.house.idle()
        self.checked(second)

    async def stopped(self) -> None:
        begun = self.text()
        message = await self.asks(begun, asyncio.Event())
        view = await self.house.platform.until(lambda each: each.reply_to == message.id and each.text == begun)
        (stop,) = view.actions
        press = Pressed(action=stop.id, person=message.author, place=GENERAL, at=self.house.clock.now(), moderator=True)
        await self.house.hearing.hear(press)
        await self.house.idle()
        self.checked(begun)

    async def failed(self) -> None:
        await self.asks(self.text(), EngineBroke("gone"))
        await self.house.idle()
        self.checked(None)

    async def overheard(self) -> None:
        message = said(self.text(), by=self.random.choice(PEOPLE), addressed=Addressed.NO)
        self.ambient.append(message)
        await self.house.says(message)

    async def edited(self) -> None:
        if self.ambient:
            before = self.ambient.pop(self.random.randrange(len(self.ambient)))
            after = said(self.text(), by=before.author, addressed=Addressed.NO, message_id=before.id)
            self.ambient.append(after)
            self.changed.update(after.text.split())  # told as a correction, and after a cut where they belong as well
            await self.house.hearing.hear(Edited(message=after))

    async def deleted(self) -> None:
        pool = self.random.choice((self.ambient, self.asked))
        if pool:
            message = pool.pop(self.random.randrange(len(pool)))
            self.gone.update(message.text.split())
            await self.house.hearing.hear(Deleted(place=GENERAL, message_ids=(message.id,)))
            self.last = None

    async def deleted_in_mid_answer(self) -> None:
        begun = self.text()
        message = await self.asks(begun, asyncio.Event())
        await self.house.platform.until(lambda each: each.reply_to == message.id and each.text == begun)
        self.asked.remove(message)
        await self.house.hearing.hear(Deleted(place=GENERAL, message_ids=(message.id,)))
        await self.house.idle()
        self.checked(None)
        self.gone.update(message.text.split())
        assert not [each for each in self.house.platform.standing.values() if each.reply_to == message.id]

    async def forgotten(self) -> None:
        person = self.random.choice(PEOPLE)
        for pool in (self.ambient, self.asked):
            for message in [each for each in pool if each.author == person]:
                pool.remove(message)
                self.gone.update(message.text.split())
        await self.house.presses("forget-me:yes", by=person)
        self.last = None

    def checked(self, answer: str | None) -> None:
        """Every prompt since the last look; `answer`: what became part of the conversation, if anything did."""
        for prompt in self.engine.prompts[self.seen :]:
            assert prompt.tokens <= WINDOW - REPLY
            text = "\n".join(piece.text for piece in prompt.pieces)
            words = text.split()
            assert not self.gone.intersection(words)
            for word in {each for each in words if each.startswith("w") and each.endswith("w")}:
                assert words.count(word) == 1 or word in self.changed, word
            if self.last is not None and self.breaks() == self.broken:
                known = len(self.last.pieces)
                assert prompt.pieces[:known] == self.last.pieces
                assert prompt.pieces[known].text.split() == [*self.said.split(), "</s>"]
        assert self.house.counters.get("prompt_count_total", result="under") == 0
        assert self.house.counters.get("prompt_count_total", result="over") == 0
        if self.breaks() != self.broken:
            self.last = None
        self.seen, self.broken = len(self.engine.prompts), self.breaks()
        if answer is not None:
            self.last = self.engine.prompts[-1]
            self.said = answer
        for message in self.asked:
            replies = [each for each in self.house.platform.standing.values() if each.reply_to == message.id]
            assert [each.final for each in replies] == [True]


@pytest.mark.parametrize("seed", range(6))
async def test_the_promises_hold_through_a_random_life(tmp_path: Path, seed: int) -> None:
    engine = FakeEngine(engine=Engine(name="fake", model="fake", window=WINDOW, tools=True))
    async with rig(tmp_path, engine=engine, settings=SETTINGS) as house:
        life = Life(house=house, random=Random(seed), engine=engine)
        doings: list[tuple[Callable[[], object], int]] = [
            (life.question, 8),
            (life.two_questions, 2),
            (life.stopped, 3),
            (life.failed, 2),
            (life.overheard, 8),
            (life.edited, 2),
            (life.deleted, 2),
            (life.deleted_in_mid_answer, 1),
            (life.forgotten, 1),
        ]
        for _ in range(STEPS):
            (doing,) = life.random.choices([each for each, _ in doings], [weight for _, weight in doings])
            await doing()  # pyright: ignore[reportGeneralTypeIssues]
        await life.question()
        assert house.counters.get("prefix_breaks_total", cause="cut") >= 2
        assert await house.answers.unanswered() == ()
        assert house.lanes.waiting == 0
