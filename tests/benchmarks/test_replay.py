"""The machinery of the replays: logs, the engine's cache, what people would write instead, and the house over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.prefix_reuse import TURN, on_llama, ours, peers
from benchmarks.replay.cache import PrefixCache
from benchmarks.replay.logs import SAMPLE, START, in_turns, read
from benchmarks.replay.peers import HalveWhenFull, Said, last_messages, newest_that_fit
from bot.inference.tekken import Tekken


@dataclass(frozen=True, slots=True)
class Chunk:
    name: str
    tokens: int = 10


def chunks(names: str) -> list[Chunk]:
    return [Chunk(name) for name in names]


def evaluated(cache: PrefixCache, names: str) -> int:
    pieces = chunks(names)
    whole = 10 * len(pieces)
    read_anew = whole - cache.take(pieces)
    cache.evaluated(pieces, whole)
    return read_anew


@pytest.fixture
async def tekken() -> Tekken:
    made = Tekken()
    await made.load()
    return made


def test_a_prompt_that_goes_on_costs_what_is_new() -> None:
    cache = PrefixCache(0)
    assert evaluated(cache, "abc") == 30
    assert evaluated(cache, "abcde") == 20


def test_at_least_one_token_is_always_evaluated() -> None:
    cache = PrefixCache(0)
    evaluated(cache, "abc")
    assert evaluated(cache, "abc") == 1


def test_a_prompt_that_changes_in_the_middle_is_read_anew_from_there() -> None:
    cache = PrefixCache(0)
    evaluated(cache, "abcd")
    assert evaluated(cache, "abcX") == 10
    assert evaluated(cache, "aYcX") == 30


def test_what_left_the_slot_comes_back_from_host_memory_while_there_is_room() -> None:
    roomy, none = PrefixCache(100), PrefixCache(0)
    for cache in (roomy, none):
        evaluated(cache, "abcd")
        evaluated(cache, "wxyz")
    assert evaluated(roomy, "abcde") == 10
    assert evaluated(none, "abcde") == 50


def test_the_oldest_entry_of_host_memory_goes_first() -> None:
    cache = PrefixCache(50)
    for names in ("abcd", "wxyz", "klmn"):
        evaluated(cache, names)
    assert evaluated(cache, "wxyzw") == 10
    assert evaluated(cache, "abcda") == 50


@given(st.lists(st.text("abc", min_size=1, max_size=8), max_size=20), st.integers(0, 200))
def test_never_more_is_reused_than_was_read_before(prompts: list[str], room: int) -> None:
    cache, read_before = PrefixCache(room), list[str]()
    for prompt in prompts:
        longest = max((_shared(prompt, other) for other in read_before), default=0)
        assert 10 * len(prompt) - evaluated(cache, prompt) <= 10 * longest
        read_before.append(prompt)


def _shared(one: str, other: str) -> int:
    return next((at for at, (x, y) in enumerate(zip(one, other, strict=False)) if x != y), min(len(one), len(other)))


def test_a_log_goes_past_midnight_and_its_minutes_are_spread(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("[23:59] <a> one\n=== b joined\n[00:00] <b> two\n[00:00] <a> three\n")
    (tmp_path / "b.txt").write_text("[09:00] <c> four\n")
    spoken = read(tmp_path)
    minutes = [(said.at - START) / timedelta(minutes=1) for said in spoken]
    assert [said.text for said in spoken] == ["one", "two", "three", "four"]
    assert minutes == [0.5, 1.25, 1.75, 3.25]


def test_turns_are_whole_groups_with_the_words_after_each_as_reply() -> None:
    spoken = read(SAMPLE)[:12]
    turns = list(in_turns(spoken, 5))
    assert [len(group) for group, _ in turns] == [5, 5]
    assert [reply for _, reply in turns] == [spoken[5].text, spoken[10].text]


def test_the_peers_choose_as_their_names_say() -> None:
    heard = [Said(10) for _ in range(40)]
    assert newest_that_fit(heard, 95) == heard[-9:]
    assert last_messages(heard, 1000) == heard[-25:]
    halve = HalveWhenFull()
    assert halve(heard[:10], 100) == heard[:10]
    assert halve(heard[:11], 100) == heard[6:11]
    assert halve(heard[:15], 100) == heard[6:15]


async def test_a_replay_through_the_house_reads_little_more_than_what_is_new(tmp_path: Path, tekken: Tekken) -> None:
    spoken = read(SAMPLE)[: 60 * TURN + 1]
    row = await ours(spoken, window=32_768, tekken=tekken, folder=tmp_path, changed=False)
    assert row.cuts == 0
    assert 1.0 <= row.asker_p50 < 1.02
    assert row.evaluated_per_new < 1.1
    others = {each.policy: each for each in peers(spoken, window=32_768, tekken=tekken)}
    assert others["last-25"].evaluated_per_new > 3
    assert others["newest-that-fit"].evaluated_per_new == pytest.approx(1, abs=0.2)


async def test_real_llama_cpp_reuses_what_the_simulation_expects(tmp_path: Path, tekken: Tekken) -> None:
    row = await on_llama(read(SAMPLE), tekken=tekken, folder=tmp_path, turns=6)
    assert row.by_cause is not None
    assert row.by_cause["requests"] == 6
    assert row.by_cause["miscounted"] == 0
    assert row.by_cause["prompt_n"] == row.by_cause["expected"]
