"""An engine that answers as models do on bad days: true points beside wrong pointers, inventions, loops, broken JSON.

It sees nothing but its prompts, finds the messages of the logs in their lines, and writes down what it said of which,
so that a judge can hold what is left against it.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

from benchmarks.digesting.logs import Good
from benchmarks.replay.cache import PrefixCache
from bot.digest.lines import words
from bot.errors import ContextOverflow, EngineBroke
from bot.inference.tekken import Tekken
from bot.inference.template import piece
from bot.settings import ToolsPosition
from bot.talk.message import Message
from bot.talk.prompt import Chunk, Engine, Finished, Prompt, StopReason, TextChunk
from bot.talk.turn import Part, Piece, Reply

WINDOW = 32_768
NEAR = 12
"""Lines from the right one within which a wrong pointer is a near one."""
MISBEHAVES = 6
"""Every so many-th request about a stretch it says nothing usable, or breaks."""
JUNK = (
    "decided [99999] Everyone agreed to move to another channel.",
    "decided [1, 2] The moderators will ban 4217 people on 31 February.",
    "reading [3] See [this guide](https://guides.example/invented) and https://discord.com/channels/1/2/3",
    "todo [5] Zebulon Quartermain prepares the invoice by 17:45.",
    'open [4] Somebody said "this exact sentence was never said by anybody".',
    "Entschieden wurde in dieser Zeit leider gar nichts, aber alle waren sehr freundlich.",
    "結論として、特に重要な決定はありませんでした。",
    '{"points": [{"section": "decided", "numbers": [1], "text": "an object that never',
    "<@123456789012345678> @everyone decided [6] The server closes tomorrow!",
    "decided [7] decided [8] decided [9]",
)
_LINE = re.compile(r"^(\d+) (.{1,40}?)(?: \(to \d+\))?: (.*)$", re.MULTILINE)
_POINT = re.compile(r"^(\d+) (decided|open|todo|reading): (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A point that was said with wrong numbers only: of messages (ids) that do not say it."""

    good: Good
    wrong: frozenset[str]


@dataclass(slots=True)
class Said:
    """All that the engine said and cost."""

    good: list[Good] = field(default_factory=list[Good])
    planted: list[Planted] = field(default_factory=list[Planted])
    texts: list[str] = field(default_factory=list[str])
    evaluated: int = 0
    generated: int = 0
    requests: int = 0
    largest: int = 0
    over: int = 0


class Misbehaving:
    """Implements `Inference`. `log` are the messages that may stand in its prompts. Of all true points about a half is
    said with wrong numbers in each round, the other half in the next one."""

    def __init__(self, tekken: Tekken, log: Sequence[Message], good: Sequence[Good], *, seed: int) -> None:
        self.said = Said()
        self.round = 0
        self._tekken = tekken
        self._good = good
        self._random = Random(seed)
        self._ids: dict[tuple[str, str], list[str]] = {}
        for each in log:
            self._ids.setdefault((each.author.name, words(each.text)), []).append(each.id)
        self._authors = {each.id: each.author.key for each in log}
        self._cache = PrefixCache(0)
        self._stretches = count(1)

    async def probe(self) -> Engine:
        return Engine(name="misbehaving", model="misbehaving", window=WINDOW)

    async def render(self, part: Part) -> Piece:
        return piece(part, ToolsPosition.FIRST, self._tekken)

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        self.said.requests += 1
        self.said.largest = max(self.said.largest, prompt.tokens + reply_tokens)
        if prompt.tokens + reply_tokens > WINDOW:
            self.said.over += 1
            raise ContextOverflow("the prompt does not fit", window=WINDOW)
        cached = self._cache.take(prompt.pieces)
        self.said.evaluated += prompt.tokens - cached
        self._cache.evaluated(prompt.pieces, prompt.tokens)
        text = self._answer(prompt.pieces[-1].text)
        answer = await self.render(Reply(text=text))
        self.said.generated += answer.tokens
        self.said.texts.append(text)
        yield TextChunk(text=text)
        yield Finished(
            reason=StopReason.STOP,
            prompt_tokens=prompt.tokens,
            reply_tokens=answer.tokens,
            cached_tokens=cached,
            prompt_seconds=0.0,
            reply_seconds=0.0,
        )

    def _answer(self, asked: str) -> str:
        if "points of a longer talk" in asked:
            return self._joined(asked)
        number = next(self._stretches)
        if number % MISBEHAVES == 0:
            return "What a lovely conversation! " * 200
        if number % (2 * MISBEHAVES) == MISBEHAVES // 2:
            raise EngineBroke("in mid-answer")
        lines = self._found(asked)
        points = [(each, self._numbers(at, each, lines)) for at, each in enumerate(self._good)]
        told = [(each, numbers) for each, numbers in points if numbers]
        form = number % 3
        if form == 0:
            return "\n".join([self._as_json(told), *JUNK])
        shown = [_line(each, numbers, headed=form == 2) for each, numbers in told]
        shown += self._random.sample(JUNK, len(JUNK))
        self._random.shuffle(shown)
        return "\n".join(["Sure! Here are the points:", *shown, *[shown[0]] * 60])

    def _found(self, asked: str) -> dict[str, int]:
        """Numbers of messages, by id, as they stand in a prompt."""
        found: dict[str, int] = {}
        taken: dict[tuple[str, str], int] = {}
        for match in _LINE.finditer(asked):
            key = (match[2], match[3])
            ids = self._ids.get(key, ())
            at = taken.get(key, 0)
            if at < len(ids):
                taken[key] = at + 1
                found[ids[at]] = int(match[1])
        return found

    def _numbers(self, at: int, good: Good, lines: Mapping[str, int]) -> list[int]:
        """What is said of it: the right numbers, or wrong ones. None where its messages are not all there."""
        if not all(each in lines for each in good.sources):
            return []
        if (at + self.round) % 2:
            self.said.good.append(good)
            return [lines[each] for each in good.sources]
        wrong = self._wrong(good, lines, self._random.randrange(4))
        if not wrong:
            return []
        self.said.planted.append(Planted(good=good, wrong=frozenset(wrong)))
        return [lines[each] for each in wrong]

    def _wrong(self, good: Good, lines: Mapping[str, int], kind: int) -> list[str]:
        """Anywhere, near the right ones, by the same author, or by somebody whom the point names."""
        right = {*good.sources, *good.also}
        fit = [each for each in lines if each not in right]
        by = {self._authors[each] for each in good.sources}
        kinds = (
            fit,
            [each for each in fit if min(abs(lines[each] - lines[one]) for one in good.sources) <= NEAR],
            [each for each in fit if self._authors[each] in by],
            [each for each in fit if self._authors[each].partition(":")[2] in good.text],
        )
        chosen = kinds[kind] or fit
        return self._random.sample(chosen, min(len(good.sources), len(chosen)))

    def _as_json(self, told: Sequence[tuple[Good, list[int]]]) -> str:
        points = [{"section": each.section, "numbers": numbers, "text": each.text} for each, numbers in told]
        return json.dumps({"points": points}, ensure_ascii=False, indent=1)

    def _joined(self, asked: str) -> str:
        """Of points: pairs of neighbours as one, some kept, some with the numbers of others."""
        points = [(int(match[1]), match[2], match[3]) for match in _POINT.finditer(asked)]
        shown: list[str] = [*JUNK]
        for number, section, text in points:
            wrong = self._random.choice(points)[0]
            shown.append(f"{section} [{number if number % 3 else wrong}] {text}")
        self._random.shuffle(shown)
        return "\n".join(shown)


def _line(good: Good, numbers: Sequence[int], *, headed: bool) -> str:
    told = ", ".join(map(str, numbers))
    return f"- **{good.section.title()}**: {good.text} [{told}]" if headed else f"{good.section} [{told}] {good.text}"
