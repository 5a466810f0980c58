"""Our counts are the engine's."""

from __future__ import annotations

import asyncio
import lzma
from pathlib import Path

import mistral_common
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.inference.neutral import strip_unwritable
from bot.inference.tekken import CONTROL_TOKENS, VOCABULARY, Tekken
from bot.inference.tekken_vocabulary import plain
from tests.inference.llama import LlamaCpp
from tests.inference.texts import TEXTS


def test_the_vocabulary_file_is_what_the_generator_makes_of_mistrals_own() -> None:
    source = Path(mistral_common.__file__).parent / "data" / "tekken_240911.json"
    assert lzma.decompress(VOCABULARY.read_bytes()) == plain(source.read_bytes())


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_has_as_many_tokens_as_llama_cpp_finds(name: str, tekken: Tekken, llama: LlamaCpp) -> None:
    assert tekken.count(TEXTS[name]) == len(llama.tokens(TEXTS[name]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=200))
def test_any_text_has_as_many_tokens_as_llama_cpp_finds(text: str, tekken: Tekken, llama: LlamaCpp) -> None:
    assert tekken.count(text) == len(llama.tokens(text, control=False))


def test_every_control_token_is_one_token_with_its_own_id(tekken: Tekken, llama: LlamaCpp) -> None:
    assert llama.tokens("".join(CONTROL_TOKENS)) == list(range(1000))
    assert tekken.count_rendered("".join(CONTROL_TOKENS)) == 1000


def test_what_stands_between_control_tokens_is_counted_apart(tekken: Tekken, llama: LlamaCpp) -> None:
    text = "[SYSTEM_PROMPT]Be kind[/SYSTEM_PROMPT] [INST]a</s>b [TOOL_CALLS][{}]</s> tail"
    assert tekken.count_rendered(text) == len(llama.tokens(text))


async def test_loading_happens_once_and_off_the_loop() -> None:
    fresh = Tekken()
    assert not fresh.loaded
    await asyncio.gather(fresh.load(), fresh.load())
    assert fresh.loaded
    assert fresh.count("calanque") == Tekken().count("calanque")


def test_every_character_of_the_planes_of_scripts_is_of_the_kind_that_llama_cpp_takes_it_for(
    tekken: Tekken, llama: LlamaCpp
) -> None:
    """Its tables know an older Unicode than tiktoken's. A space joins the word behind it unless that is a digit."""
    known = [chr(code) for code in range(1, 0x20000) if strip_unwritable(chr(code))]
    for begin in range(0, len(known), 4000):
        text = "".join(f"1 {character} " for character in known[begin : begin + 4000])
        assert tekken.count(text) == len(llama.tokens(text, control=False)), f"from U+{ord(known[begin]):04X}"
