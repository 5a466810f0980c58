"""Random lives of a channel: what may happen in it, and what must be true after every step.

With an `Engine` that is exchanged, notes that are no notes, pauses in which idle work is done or broken off, and
starts in between, all over one store.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from bot.errors import EngineBroke, EngineRefused
from bot.lanes.engines import GOOD_FOR_SECONDS
from bot.settings import Memory, Settings
from bot.talk.event import Deleted, Edited, Pressed
from bot.talk.message import Addressed, Message, Person, Place
from bot.talk.prompt import Prompt
from bot.talk.turn import Call, Piece
from tests.answer.living_engine import LivingEngine, asks_for_notes, is_word
from tests.fakes import ANA, BEN, GENERAL, said
from tests.rig import Rig

WINDOW, REPLY = 900, 120  # small, so that much is cut
CAM = Person(platform="local", id="cam", name="Cam")
PEOPLE = (ANA, BEN, CAM)
ELSEWHERE = Place(platform="local", id="elsewhere", name="elsewhere")
SETTINGS = Settings().model_copy(
    update={
        "engine": Settings().engine.model_copy(update={"window": WINDOW, "reply_tokens": REPLY}),
        "memory": Memory(summary_tokens=50),
    }
)
CAUSES = ("cut", "deletion", "tools", "model", "persona", "summary", "overflow", "audience")


@dataclass(slots=True)
class Life:
    """What happens, and what must be true after it."""

    house: Rig
    random: Random
    engine: LivingEngine
    words: int = 0
    ambient: list[Message] = field(default_factory=list[Message])
    asked: list[Message] = field(default_factory=list[Message])
    texts: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict[str, set[str]](set))
    gone: set[str] = field(default_factory=set[str])
    changed: set[str] = field(default_factory=set[str])
    last: Prompt | None = None
    latest: Prompt | None = None
    said: str = ""
    broken: int = 0
    latest_broken: int = 0
    before: int = 0
    seen: int = 0
    read: int = 0

    def word(self) -> str:
        self.words += 1
        return f"w{self.words}w"

    def text(self) -> str:
        return " ".join(self.word() for _ in range(self.random.choice((1, 3, 12, 40))))

    def begins(self, house: Rig) -> None:
        """Another process over the same store."""
        self.before = self.breaks()
        self.house, self.engine.breaks = house, self.breaks

    def breaks(self) -> int:
        return self.before + sum(self.house.counters.get("prefix_breaks_total", cause=cause) for cause in CAUSES)

    def message(self, *, ambient: bool = False) -> Message:
        addressed = Addressed.NO if ambient else Addressed.MENTION
        message = said(self.text(), by=self.random.choice(PEOPLE), addressed=addressed, at=self.house.clock.now())
        self.texts[message.id].update(message.text.split())
        return message

    async def asks(self, *script: object) -> Message:
        message = self.message()
        self.engine.scripts.append(script)  # pyright: ignore[reportArgumentType] # checked where played
        self.asked.append(message)
        await self.house.says(message)
        return message

    async def ended(self) -> None:
        """All answers have; where the engine failed, also in idle work, it takes a moment until it is looked at."""
        while tasks := [task for task in asyncio.all_tasks() if task.get_name().startswith("answer to")]:
            await asyncio.wait(tasks, timeout=0.02)
            if self.house.engines.away_seconds is not None:
                await self.house.clock.advance(0.5)

    async def question(self) -> None:
        answer = self.text()
        if self.random.random() < 0.3:
            self.engine.scripts.append(
                (self.text(), Call(id="1", name="calculator", arguments='{"expression": "6*7"}'))
            )
        message = await self.asks(answer)
        await self.ended()
        self.engine.scripts.clear()
        (shown,) = (each for each in self.house.platform.standing.values() if each.reply_to == message.id)
        self.checked(answer if answer in shown.text else None)  # its tools may have left no room for one

    async def two_questions(self) -> None:
        first, second = self.text(), self.text()
        await self.asks(first)
        await self.asks(second)
        await self.ended()
        self.checked(second)

    async def stopped(self) -> None:
        begun = self.text()
        message = await self.asks(begun, asyncio.Event())
        view = await self.house.platform.until(lambda each: each.reply_to == message.id and each.text == begun)
        (stop,) = view.actions
        press = Pressed(action=stop.id, person=message.author, place=GENERAL, at=self.house.clock.now(), moderator=True)
        await self.house.hearing.hear(press)
        await self.ended()
        self.checked(begun)

    async def failed(self) -> None:
        await self.asks(self.text(), EngineRefused("gone"))
        await self.ended()
        self.checked(None)

    async def broken_off(self) -> None:
        answer = self.text()
        await self.asks(self.text(), EngineBroke("gone"))
        self.engine.scripts.append((answer,))
        await self.ended()
        self.checked(answer)

    async def overheard(self) -> None:
        message = self.message(ambient=True)
        self.ambient.append(message)
        await self.house.says(message)

    async def edited(self) -> None:
        await self._edited(self.ambient)

    async def question_edited(self) -> None:
        await self._edited(self.asked)

    async def _edited(self, pool: list[Message]) -> None:
        if pool:
            number = self.random.randrange(len(pool))
            after = replace(pool[number], text=self.text(), edited_at=self.house.clock.now())
            pool[number] = after
            self.texts[after.id].update(after.text.split())
            self.changed.update(after.text.split())  # told as a correction, and after a cut where they belong as well
            await self.house.hearing.hear(Edited(message=after))

    async def deleted(self) -> None:
        pool = self.random.choice((self.ambient, self.asked))
        if pool:
            message = pool.pop(self.random.randrange(len(pool)))
            await self.house.hearing.hear(Deleted(place=GENERAL, message_ids=(message.id,)))
            self._forgets(message)

    async def deleted_in_mid_answer(self) -> None:
        begun = self.text()
        message = await self.asks(begun, asyncio.Event())
        await self.house.platform.until(lambda each: each.reply_to == message.id and each.text == begun)
        self.asked.remove(message)
        await self.house.hearing.hear(Deleted(place=GENERAL, message_ids=(message.id,)))
        await self.ended()
        self.checked(None)
        self._forgets(message)
        assert not [each for each in self.house.platform.standing.values() if each.reply_to == message.id]

    async def forgotten(self) -> None:
        person = self.random.choice(PEOPLE)
        await self.house.presses("forget-me:yes", by=person)
        for pool in (self.ambient, self.asked):
            for message in [each for each in pool if each.author == person]:
                pool.remove(message)
                self._forgets(message)

    async def clock_set(self) -> None:
        """By hours or days, forth or back."""
        self.house.clock.jump(self.random.choice((-86_400.0, -7200.0, 3600.0, 200_000.0)))

    def _forgets(self, message: Message) -> None:
        """Its words may be in no prompt that is put together from now on."""
        self.looked_at()
        self.gone.update(self.texts.pop(message.id))

    def checked(self, answer: str | None) -> None:
        """Every prompt since the last look; `answer`: what became part of the conversation, if anything did."""
        self.looked_at()
        assert self.house.counters.get("prompt_count_total", result="under") == 0
        assert self.house.counters.get("prompt_count_total", result="over") == 0
        if answer is not None:
            self.last, self.said, self.broken = self.latest, answer, self.latest_broken
        for message in self.asked:
            replies = [each for each in self.house.platform.standing.values() if each.reply_to == message.id]
            assert [each.final for each in replies] == [True]

    def looked_at(self) -> None:
        asked, broken = self.engine.prompts[self.seen :], self.engine.broken[self.seen :]
        self.seen = len(self.engine.prompts)
        ahead, self.read = self.engine.warmed[self.read :], len(self.engine.warmed)
        for prompt in (*asked, *ahead):
            assert not self.gone.intersection(words_of(prompt.pieces))
        for prompt, before in zip(asked, broken, strict=True):
            if not _answers(prompt):
                continue
            assert prompt.tokens <= WINDOW - REPLY
            words = words_of([each for each in prompt.pieces if not each.text.startswith("<s>")])
            for word in set(filter(is_word, words)):
                assert words.count(word) == 1 or word in self.changed, word
            if self.last is not None and self.breaks() == self.broken:
                known = len(self.last.pieces)
                assert prompt.pieces[:known] == self.last.pieces
                assert prompt.pieces[known].text.split() == [*self.said.split(), "</s>"]
            if not prompt.pieces[-1].text.startswith("<r>"):  # the first step of its turn
                self.latest_broken = before
            self.latest = prompt


@dataclass(slots=True)
class IdleLife(Life):
    """With pauses in which idle work is done, engines that are exchanged, and another channel that wants room."""

    exchanges: int = 0

    def looked_at(self) -> None:
        Life.looked_at(self)  # slots: no super()
        # What is under way when an engine is exchanged may be for the one before.
        assert len(self.engine.wrong) <= self.exchanges, self.engine.wrong

    async def pause(self) -> None:
        await self.house.passes(3)
        self.looked_at()

    async def long_pause(self) -> None:
        """When everything is ready, the engine is left in peace."""
        await self.house.passes(300)
        self.looked_at()
        requests = self.seen + self.read
        await self.house.passes(150)
        self.looked_at()
        assert self.seen + self.read == requests

    async def while_noting(self) -> None:
        with self.engine.noting_held():
            await self.pause()
            await self._something()
        await self.pause()

    async def while_reading(self) -> None:
        with self.engine.reading_held():
            await self.pause()
            await self._something()
        await self.pause()

    async def _something(self) -> None:
        doing = self.random.choice(
            (self.question, self.deleted, self.edited, self.question_edited, self.forgotten, self.overheard)
        )
        await doing()

    async def elsewhere(self) -> None:
        self.engine.scripts.append((self.text(),))
        await self.house.says(said(f"{self.text()} " + "word " * 200, by=ANA, place=ELSEWHERE))
        await self.ended()
        self.looked_at()

    async def exchanged(self) -> None:
        """Another window, another template, less memory beside it."""
        self.exchanges += 1
        self.engine.template = self.random.choice(("fake/1", "fake/2"))
        self.engine.engine = replace(
            self.engine.engine,
            window=self.random.choice((600, WINDOW, 2000)),
            host_cache_bytes=self.random.choice((0, 500, 5000)),
            digest=str(self.random.random()),
        )
        await self.house.clock.advance(GOOD_FOR_SECONDS + 1)
        self.looked_at()


def words_of(pieces: Sequence[Piece]) -> list[str]:
    return [word for piece in pieces for word in piece.text.split()]


def _answers(prompt: Prompt) -> bool:
    """Whether it asks for an answer in the channel that is looked at."""
    elsewhere = any("in #elsewhere" in piece.text for piece in prompt.pieces)
    return not elsewhere and not asks_for_notes(prompt)
