"""Whatever happens at whichever await of idle work, the next question is answered from what is true by then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.storage.store import SqlStore
from bot.talk.event import Deleted, Edited
from bot.talk.message import Conversation, Place
from bot.talk.prompt import Chunk, Prompt
from tests.fakes import FakeClock, FakeEngine, FakePlatform, said
from tests.hooks import Hooked
from tests.rig import Rig, T, house
from tests.settling import settle
from tests.stores import open_store
from tests.tend.talking import NOTES, REPLY, WINDOW, small, words_of

SETTINGS = Settings().model_copy(
    update={"engine": Settings().engine.model_copy(update={"window": WINDOW, "reply_tokens": REPLY})}
)
QUESTIONS, WORDS = 3, 420
"""So many questions of so many words, and the next cut is due."""
STRIDE = 5
"""Each act happens at every fifth moment; the acts begin at different ones, so that each sees something."""


def asks_for_notes(prompt: Prompt) -> bool:
    return "Write your own notes" in prompt.pieces[-1].text


class Noting(FakeEngine):
    """Its notes tell the secret while it sees it."""

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        secrets = [word for word in text_of(prompt).split() if word.startswith("nightingale")]
        notes = asks_for_notes(prompt)
        self.scripts = [(f"{NOTES} Also: {secrets}.",) if notes else (" ".join(["Yes.", *words_of(60)]),)]
        async with aclosing(super().stream(prompt, reply_tokens=reply_tokens)) as chunks:
            async for chunk in chunks:
                yield chunk


@dataclass(slots=True)
class Scene:
    """A channel of its own over a store that all share, and what shall happen at which moment of its idle work."""

    store: SqlStore
    clock: FakeClock
    number: int
    engine: FakeEngine
    chosen: int = -1
    act: Callable[[], Awaitable[None]] | None = None
    moments: list[str] = field(default_factory=list[str])
    watching: bool = False
    sent_before: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def place(self) -> Place:
        return Place(platform="local", id=f"channel-{self.number}", name=f"channel-{self.number}")

    @property
    def secret(self) -> str:
        return f"nightingale{self.number}sings"

    async def at(self, moment: str, _given: object) -> None:
        if not self.watching or asyncio.current_task() is None or moment.startswith("fact"):
            return
        self.moments.append(moment)
        if self.act is not None and len(self.moments) - 1 == self.chosen:
            self.watching = False
            self.sent_before = len(self.sent)
            await self.act()

    def around(self, part: T) -> T | Hooked:
        return Hooked(part, self.at) if isinstance(part, SqlStore | FakeEngine) else part

    @property
    def sent(self) -> list[Prompt]:
        return [*self.engine.prompts, *self.engine.warmed]

    @asynccontextmanager
    async def process(self) -> AsyncGenerator[Rig]:
        async with house(
            self.store,
            engine=self.engine,
            platform=FakePlatform(),
            settings=SETTINGS,
            clock=self.clock,
            around=self.around,
            tending=True,
        ) as rig:
            yield rig

    async def asks(self, rig: Rig, text: str, *, message_id: str) -> None:
        await rig.says(said(text, place=self.place, message_id=message_id, at=self.clock.now()))


def scene(store: SqlStore, clock: FakeClock, number: int) -> Scene:
    return Scene(store=store, clock=clock, number=number, engine=Noting(engine=small()))


async def filled(here: Scene, rig: Rig) -> None:
    for number in range(QUESTIONS):
        text = " ".join([f"question{number}", *words_of(WORDS), here.secret if number == 0 else "."])
        await here.asks(rig, text, message_id=f"q{here.number}-{number}")
        await rig.idle()


async def lived(here: Scene, doing: str) -> None:
    """Until idle work has nothing left to do, or the program was ended."""
    async with here.process() as rig:

        async def act() -> None:
            match doing:
                case "delete":
                    await rig.hearing.hear(Deleted(place=here.place, message_ids=(f"q{here.number}-0",)))
                case "edit":
                    edited = said("question0 another", place=here.place, message_id=f"q{here.number}-0")
                    await rig.hearing.hear(Edited(message=edited))
                case "forget":
                    await here.store.forget_place(here.place)
                case "ask" | "answered":
                    await here.asks(rig, "meanwhile", message_id=f"q{here.number}-meanwhile")
                    await (settle() if doing == "ask" else rig.idle())
                case _:
                    here.left.set()
                    await asyncio.Event().wait()

        await filled(here, rig)
        here.act, here.watching = act, True
        for _ in range(8):
            if not here.left.is_set():
                await rig.passes(1)
        await rig.idle()
        here.watching = False
        assert rig.counters.get("idle_work_total", outcome="failed") == 0


async def asked_after(here: Scene) -> Rig:
    """In the next process, with whatever idle work does there before and after."""
    async with here.process() as rig:
        await rig.passes(4)
        await here.asks(rig, "and now?", message_id=f"q{here.number}-last")
        await rig.idle()
        await rig.passes(4)
        assert rig.counters.get("idle_work_total", outcome="failed") == 0
        assert rig.counters.get("answers_total", outcome="done") == 1
    return rig


def text_of(prompt: Prompt) -> str:
    return "\n".join(piece.text for piece in prompt.pieces)


def notes_of(here: Scene) -> list[Prompt]:
    """What was asked for when notes were written down."""
    return [prompt for prompt in here.sent if asks_for_notes(prompt)]


def holds(folder: Path, word: str) -> bool:
    return any(word.encode() in file.read_bytes() for file in folder.glob("*.db*"))


@pytest.mark.parametrize(
    ("doing", "first"),
    [
        ("delete", 0),
        ("answered", 3),
        pytest.param("edit", 1, marks=pytest.mark.thorough),
        pytest.param("forget", 2, marks=pytest.mark.thorough),
        pytest.param("ask", 3, marks=pytest.mark.thorough),
        pytest.param("end", 4, marks=pytest.mark.thorough),
    ],
)
async def test_whatever_happens_at_whichever_await_of_idle_work_nothing_is_lost_and_nothing_comes_back(
    tmp_path: Path, doing: str, first: int
) -> None:
    clock = FakeClock()
    async with open_store(SETTINGS.database, tmp_path, clock=clock) as store:
        calm = scene(store, clock, 0)
        await lived(calm, "nothing")
        assert (await store.ledger(Conversation(place=calm.place))).cut_before
        assert len(calm.moments) > 20
        for number, moment in enumerate(calm.moments):
            if number % STRIDE != first:
                continue
            await clock.advance(3600)  # nobody keeps the channels before ready any more
            here = scene(store, clock, number + 1)
            here.chosen = number
            await lived(here, doing)
            rig = await asked_after(here)

            why = f"{doing} at {moment} #{number}"
            last = next(prompt for prompt in reversed(here.engine.prompts) if "and now?" in text_of(prompt))
            ledger = await store.ledger(Conversation(place=here.place))
            told = text_of(last)
            assert last.tokens <= WINDOW - REPLY, why
            assert all(prompt.tokens <= WINDOW for prompt in here.sent), why
            if doing in ("delete", "forget"):
                # What was being sent at that very moment is sent.
                assert sum(here.secret in text_of(prompt) for prompt in here.sent[here.sent_before :]) <= 1, why
                assert here.secret not in told, why
                assert here.secret not in str(ledger), why
                assert not await asyncio.to_thread(holds, tmp_path, here.secret), why
            if doing != "forget":
                # Where the one asked meanwhile is answered before the cut, the cut may take the third question, too.
                noted = (
                    doing in ("ask", "answered")
                    and NOTES in told
                    and any("question2" in text_of(each) for each in notes_of(here))
                )
                assert "question2" in told or noted, why
                assert told.count("and now?") == 1, why
            if doing in ("ask", "answered"):
                assert told.count("meanwhile") == 1, why
            if doing == "edit":
                assert "question0 another" in told or here.secret not in told, why
            assert rig.lanes.waiting == 0, why
