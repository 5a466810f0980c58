"""A slice of `benchmarks.token_exactness` with every test run: whole chats of every kind against real llama.cpp."""

from __future__ import annotations

from benchmarks.polyglot.chats import Chat, chat
from benchmarks.polyglot.languages import languages
from benchmarks.token_exactness import measure
from bot.inference.tekken import Tekken
from tests.inference.llama import LlamaCpp

CHATS = 30
SEED = 31  # not the benchmark's own


def test_the_prompts_of_generated_chats_are_counted_as_llama_cpp_counts_them(tekken: Tekken, llama: LlamaCpp) -> None:
    prose = languages()

    def make(number: int) -> Chat:
        return chat(SEED, number, prose)

    outcome = measure(make, CHATS, llama, tekken, {})
    assert (outcome.ours.chats, outcome.ours.unequal, outcome.forged) == (CHATS, 0, 0)
    assert outcome.illustrated > 3
    assert outcome.tools_last > 5
