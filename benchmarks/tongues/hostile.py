"""A model that translates word by word, and mostly does something to what it was told to leave alone."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable
from random import Random

from benchmarks.tongues.messages import WORDS
from bot.talk.prompt import Chunk, Engine, Finished, Prompt, StopReason, TextChunk
from bot.talk.turn import Instructions, Line, Part, Piece, Question

MARK = re.compile(r"<x\d+/>")
HONEST = 0.3
"""How often it does as it was told."""

Trick = Callable[[str, Random], str]


def _lose(text: str, random: Random) -> str:
    return MARK.sub(lambda found: "" if random.random() < 0.5 else found[0], text)


def _double(text: str, random: Random) -> str:
    return MARK.sub(lambda found: found[0] * random.randint(1, 2), text)


def _renumber(text: str, random: Random) -> str:
    return MARK.sub(lambda _: f"<x{random.randint(0, 9)}/>", text)


def _swap(text: str, random: Random) -> str:
    marks = MARK.findall(text)
    random.shuffle(marks)
    return MARK.sub(lambda _: marks.pop(), text)


def _spell(text: str, random: Random) -> str:
    return MARK.sub(lambda found: random.choice(("< x1 / >", "<X1>", "</x1>", "[x1]", "x1", found[0].upper())), text)


def _unpack(text: str, random: Random) -> str:
    return MARK.sub(lambda _: random.choice(("<@111111111111111111>", "@everyone", "https://evil.example")), text)


def _add(text: str, random: Random) -> str:
    words = text.split(" ")
    evil = random.choice(
        ("@everyone", "@here", "<@111111111111111111>", "<@&111111111111111111>", "https://evil.example", "`evil`",
         "[evil](https://evil.example)", "<x99/>", ":evil:", "😈", "||evil||", "\u202eevil", "<#111111111111111111>")
    )  # fmt: skip
    words.insert(random.randint(0, len(words)), evil)
    return " ".join(words)


def _fence(text: str, _: Random) -> str:
    return f"```\n{text}\n```"


def _talk(text: str, _: Random) -> str:
    return f"Here is the translation:\n{text}"


def _drop(text: str, _: Random) -> str:
    return text.rpartition("\n")[0]


def _silence(_text: str, _: Random) -> str:
    return ""


def _loop(text: str, _: Random) -> str:
    return f"{text} {text} " * 20


def _quote(text: str, _: Random) -> str:
    return f"> {text}"


TRICKS: tuple[Trick, ...] = (
    _lose, _double, _renumber, _swap, _spell, _unpack, _add, _add, _fence, _talk, _drop, _silence, _loop, _quote,
)  # fmt: skip


def german(text: str) -> str:
    return re.sub(r"<x\d+/>|[^\W\d_]+", lambda found: WORDS.get(found[0], found[0]), text)


def naively(text: str, seed: int) -> str:
    """What a bot shows that hands the whole text to the model: here it only forgets and adds a little."""
    random = Random(seed)
    if random.random() < HONEST:
        return german(text)
    words = german(text).split(" ")
    if random.random() < 0.5:
        words.pop(random.randrange(len(words)))
        return " ".join(words)
    return _add(" ".join(words), random)


class Hostile:
    """An `Inference`; a token is a word."""

    def __init__(self, *, seed: int) -> None:
        self._random = Random(seed)
        self.requests = 0
        self.hostile = 0

    async def probe(self) -> Engine:
        return Engine(name="hostile", model="hostile", window=32768)

    async def render(self, part: Part) -> Piece:
        match part:
            case Instructions(persona=text):
                pass
            case Question(lines=(Line(text=text),)):
                pass
            case _:
                raise AssertionError("nothing else is asked of it")
        return Piece(text=text, tokens=len(text.split()), template="hostile/1")

    async def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        self.requests += 1
        reply = german(prompt.pieces[-1].text.split("\n", maxsplit=1)[1])
        if self._random.random() >= HONEST:
            self.hostile += 1
            reply = self._random.choice(TRICKS)(reply, self._random)
        yield TextChunk(text=reply)
        yield Finished(reason=StopReason.STOP, prompt_tokens=prompt.tokens, reply_tokens=len(reply.split()))
