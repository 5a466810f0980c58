"""What is believed of the cache is what real llama.cpp does, request for request."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import cast

import httpx
import pytest

from bot.lanes.warmth import Warmth
from bot.talk.prompt import Prompt
from bot.talk.turn import Piece
from tests.models.fixtures import TinyModels
from tests.models.llama import llama_server
from tests.thorough import some

REQUESTS = 50
CHANNELS = 6
CACHE_MIB = 1
BYTES = 150
"""Of the tiny model's cache, a token: 128, and what llama.cpp notes of each, which matters in a model so small."""

NEARLY = 80
"""Tokens; a head that is believed to be read again though some of it is there is not what this is about."""

WORDS = ("tide", "wind", "rope", "cove", "mast", "salt", "gull", "reef")


class Llama:
    """Asks the server for prompts, and counts in its tokens."""

    def __init__(self, address: str, random: Random) -> None:
        self._client = httpx.Client(base_url=address, timeout=50, trust_env=False)
        self._random = random
        self._count = cache(self._tokens)

    def close(self) -> None:
        self._client.close()

    def piece(self, words: int, *, first: bool = False) -> Piece:
        spoken = " ".join(f"{self._random.choice(WORDS)}{self._random.randrange(100)}" for _ in range(words))
        text = f"[INST]{spoken}[/INST]"
        return Piece(text=text, tokens=self._count(text) + first, template="llama")

    def evaluated(self, prompt: Prompt) -> int:
        body = {"prompt": "".join(piece.text for piece in prompt.pieces), "n_predict": 1, "cache_prompt": True}
        timings = self._client.post("/completion", json=body).raise_for_status().json()["timings"]
        assert timings["cache_n"] + timings["prompt_n"] == prompt.tokens
        return int(timings["prompt_n"])

    def _tokens(self, text: str) -> int:
        body = {"content": text, "parse_special": True, "add_special": False}
        return len(cast("list[int]", self._client.post("/tokenize", json=body).json()["tokens"]))


@pytest.mark.parametrize("slots", some([1, 2], usual=[2]))
def test_no_more_is_believed_than_real_llama_cpp_holds_and_hardly_less(tiny_models: TinyModels, slots: int) -> None:
    random = Random(slots)
    with llama_server(tiny_models.noise(), slots=slots, cache_mib=CACHE_MIB) as address:
        llama = Llama(address, random)
        head = llama.piece(30, first=True)
        channels = [[head, llama.piece(120 + 60 * number)] for number in range(CHANNELS)]
        warmth = Warmth(slots=slots, host_tokens=CACHE_MIB * 2**20 // BYTES)
        optimistic, pessimistic, warm = 0, 0, 0
        for _ in range(REQUESTS):
            channel = min(int(random.expovariate(0.6)), CHANNELS - 1)
            if len(channels[channel]) > 8:  # a cut
                channels[channel] = [head, *channels[channel][-3:]]
            channels[channel].append(llama.piece(20))
            prompt = Prompt(pieces=tuple(channels[channel]))
            reading = warmth.begins(str(channel), prompt)
            evaluated = llama.evaluated(prompt)
            warmth.has_read(reading, replied=1)
            warmth.ends(reading)
            optimistic += evaluated > reading.uncached + 8
            pessimistic += evaluated < reading.uncached - NEARLY
            warm += evaluated < prompt.tokens / 2
        llama.close()
    assert REQUESTS * 0.2 < warm < REQUESTS * 0.95
    assert optimistic == 0
    assert pessimistic <= REQUESTS * 0.1
