"""What the engine's double says: to every question its own word, now and then badly."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random

from benchmarks.torture.journal import Journal
from benchmarks.torture.plan import Moment
from benchmarks.torture.trap import Trap
from benchmarks.torture.words import ELSE, answer, asked_in
from tests.ollama_server import BUSY, Mishap, OllamaServer, Reply
from tests.ollama_server.script import Step

BUSY_SHARE, BROKEN_SHARE = 0.01, 0.025
"""Of the requests for an answer: refused with 503; broken off in the middle, in one of the ways below."""
BROKEN = (Mishap.ERROR, Mishap.END, Mishap.DROP)
AFTER = 6  # tokens, where an answer breaks or stands still
AWAY_SECONDS = (0.2, 1.2)
AWAY_SHARE = 0.04  # of the lives see the engine gone for a while
SHOWN_SECONDS = 0.3  # after half of an answer was said, at most, the program is killed


class Thinking:
    """`long`: the words whose answer takes two messages."""

    def __init__(self, trap: Trap, journal: Journal, seed: int, long: frozenset[str]) -> None:
        self.faults = 0
        self.rough = False
        self._trap = trap
        self._journal = journal
        self._seed = seed
        self._long = long
        self._asked: Counter[str] = Counter()
        self._away = Random(f"{seed}/away")

    def says(self, prompt: str) -> Step:
        """The answer to whatever a prompt ends with. The same question fares otherwise the next time, by the seed."""
        word = asked_in(prompt)
        if word is None:
            return Reply(text=ELSE)
        self._asked[word] += 1
        text = answer(word, long=word in self._long)
        moment = self._trap.catches("ask")
        if moment is not None:
            self._journal.note(f"the engine is asked for {word}; the program is killed now", word)
            self._spring(0.0 if moment is Moment.ASKED else self._away.uniform(0.02, SHOWN_SECONDS))
            return Reply(text=text, mishap=Mishap.STALL, after=0 if moment is Moment.ASKED else AFTER)
        step = self._fares(word, text)
        how = "busy" if step is BUSY else getattr(step, "mishap", None) or "well"
        self._journal.note(f"the engine is asked for {word}, time {self._asked[word]}: {how}", word)
        return step

    def _fares(self, word: str, text: str) -> Step:
        drawn = Random(f"{self._seed}/engine/{word}/{self._asked[word]}").random()
        if not self.rough or drawn >= BUSY_SHARE + BROKEN_SHARE:
            return Reply(text=text)
        self.faults += 1
        if drawn < BUSY_SHARE:
            return BUSY
        which = int((drawn - BUSY_SHARE) / BROKEN_SHARE * len(BROKEN))
        return Reply(text=text, mishap=BROKEN[which], after=AFTER)

    def _spring(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._trap.sprung.set)

    def goes_away(self) -> float | None:
        """For how many seconds in this life, if at all."""
        return self._away.uniform(*AWAY_SECONDS) if self._away.random() < AWAY_SHARE else None

    async def away(self, engine: OllamaServer, seconds: float) -> None:
        """Connections are refused for a while."""
        self._journal.life(f"the engine is away for {seconds:.2f} s")
        await engine.shut_door()
        try:
            await asyncio.sleep(seconds)
        finally:
            await engine.open_door()
