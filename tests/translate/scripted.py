"""A model that translates English into a language of its own, whose words end with "o", honestly or not."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable

from bot.errors import ContextOverflow
from bot.lanes.engines import Engines
from bot.lanes.lanes import Bounds, Lanes
from bot.languages.identify import Identifier
from bot.languages.scores import Scores, scored
from bot.ports.glossary import Glossary
from bot.settings import EngineSettings
from bot.talk.message import Conversation
from bot.talk.prompt import Chunk, Engine, Finished, Prompt, StopReason, TextChunk
from bot.translate.translator import Translator
from tests.fakes import GENERAL, FakeClock, FakeCounters, FakeEngine

HERE = Conversation(place=GENERAL)
MARK = re.compile(r"<x\d+/>")


def invented(text: str) -> str:
    """Every word in the other language; marks and numbers stay."""
    return re.sub(r"<x\d+/>|[^\W\d_]+", lambda found: found[0] if found[0][0] == "<" else f"{found[0]}o", text)


def ranks(text: str) -> Scores:
    """Of texts in English and in the invented language, which goes by "eo"; nothing else is known."""
    words = re.findall(r"[^\W\d_]+", text)
    other = sum(word.endswith("o") for word in words)
    return scored({"en": 4.0 * (len(words) - other), "eo": 4.0 * other, "de": -1.0})


async def identifies() -> Identifier:
    return Identifier(ranks)


class Translating(FakeEngine):
    """Translates what stands behind the request; `hostile` gets each honest reply, the request's number, and says what
    is said instead."""

    def __init__(self, hostile: Callable[[str, int], str] = lambda honest, _: honest) -> None:
        super().__init__(engine=Engine(name="fake", model="fake", window=32768))
        self.hostile = hostile
        self.texts: list[str] = []
        self.too_long = False

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        if self.too_long:
            raise ContextOverflow
        self.prompts.append(prompt)
        asked = prompt.pieces[-1].text.removeprefix("<q> ").removesuffix(" </q>")
        text = asked.split("\n", maxsplit=1)[1]
        self.texts.append(text)
        yield TextChunk(text=self.hostile(invented(text), len(self.texts)))
        yield Finished(reason=StopReason.STOP, prompt_tokens=prompt.tokens, reply_tokens=1)


def translator(
    engine: FakeEngine, *, glossary: Glossary | None = None, counters: FakeCounters | None = None
) -> Translator:
    clock, counters = FakeClock(), counters or FakeCounters()
    bounds = Bounds(slots=1, queue=10, queue_per_person=10, seconds=60)
    lanes = Lanes(engine, bounds, clock=clock, counters=counters)
    return Translator(
        Engines(lanes, None, demo_platforms=(), clock=clock, counters=counters),
        identifies=identifies,
        glossary=glossary,
        settings=EngineSettings(),
        counters=counters,
    )
