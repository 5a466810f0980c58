"""What the engine is believed to hold: prefixes, slots, what the host's memory takes, and what to show it again."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.lanes.warmth import SURPRISE, Warmth
from bot.talk.prompt import Prompt
from bot.talk.turn import Image, Piece


def piece(text: str, tokens: int = 1000, *, images: tuple[Image, ...] = ()) -> Piece:
    return Piece(text=text, tokens=tokens, template="fake/1", images=images)


HEAD = piece("head", 500)


def prompt(*texts: str) -> Prompt:
    return Prompt(pieces=(HEAD, *map(piece, texts)))


def read(warmth: Warmth, key: str, asked: Prompt, *, replied: int = 0) -> int:
    """Let the engine read a prompt; tokens it was believed to evaluate."""
    reading = warmth.begins(key, asked)
    warmth.has_read(reading, replied=replied)
    warmth.ends(reading)
    return reading.uncached


def test_a_prompt_that_goes_on_from_the_last_costs_only_what_is_new() -> None:
    warmth = Warmth()
    assert read(warmth, "a", prompt("one")) == 1500
    assert warmth.is_warm("a")
    assert warmth.uncached("a", prompt("one", "two")) == 1000


def test_the_reply_is_held_but_for_its_last_token() -> None:
    warmth = Warmth()
    read(warmth, "a", prompt("one"), replied=200)
    reply = piece("reply", 200)
    assert warmth.uncached("a", prompt("one").followed_by(reply, piece("two"))) == 1001


def test_words_that_changed_in_the_middle_are_read_again_from_there() -> None:
    warmth = Warmth()
    read(warmth, "a", prompt("one", "two", "three"))
    assert warmth.uncached("a", prompt("one", "changed", "three")) == 2000


def test_another_picture_with_the_same_words_is_another_prompt() -> None:
    warmth = Warmth()
    cats = [Image(digest=digest, media_type="image/png", width=28, height=28) for digest in ("cat", "other cat")]
    first, second = (Prompt(pieces=(HEAD, piece("see", images=(cat,)))) for cat in cats)
    read(warmth, "a", first)
    assert warmth.uncached("a", first) == 0
    assert warmth.uncached("a", second) == 1000


def test_a_cold_conversation_finds_the_beginning_that_it_shares_with_what_is_in_the_slot() -> None:
    warmth = Warmth()
    read(warmth, "a", prompt("one"))
    assert warmth.uncached("b", prompt("else")) == 1000
    assert not warmth.is_warm("b")


def test_without_room_in_the_hosts_memory_only_the_slots_stay_warm() -> None:
    warmth = Warmth(slots=1)
    read(warmth, "a", prompt("one", "two"))
    read(warmth, "b", prompt("else", "more"))
    assert (warmth.is_warm("a"), warmth.is_warm("b")) == (False, True)


def test_what_leaves_the_slot_stays_in_the_hosts_memory_until_that_is_full_the_oldest_goes_first() -> None:
    warmth = Warmth(host_tokens=3 * 2500)
    for key in "abcd":
        read(warmth, key, prompt(f"{key}1", f"{key}2"))
    assert [warmth.is_warm(key) for key in "abcd"] == [True] * 4
    assert read(warmth, "e", prompt("e1", "e2")) == 2000
    assert [warmth.is_warm(key) for key in "abcde"] == [False, True, True, True, True]


def test_whoever_is_loaded_first_makes_room_for_what_leaves_even_if_it_is_the_oldest_itself() -> None:
    warmth = Warmth(host_tokens=2 * 2500)
    for key in "abc":
        read(warmth, key, prompt(f"{key}1", f"{key}2"))
    assert warmth.is_warm("a")
    assert warmth.uncached("a", prompt("a1", "a2", "a3")) == 3000


def test_a_cut_leaves_the_uncut_prompt_in_the_hosts_memory_beside_the_new_one() -> None:
    warmth = Warmth(host_tokens=20_000)
    read(warmth, "a", prompt("one", "two", "three", "four"))
    assert read(warmth, "a", prompt("summary", "four")) == 2000
    assert warmth.uncached("a", prompt("summary", "four", "five")) == 1000
    assert warmth.uncached("a", prompt("one", "two", "three", "four", "five")) == 1000


def test_of_a_request_that_was_broken_off_only_what_was_there_before_is_held() -> None:
    warmth = Warmth()
    read(warmth, "a", prompt("one"))
    broken_off = warmth.begins("a", prompt("one", "two"))
    warmth.ends(broken_off)
    assert warmth.is_warm("a")
    assert warmth.uncached("a", prompt("one", "two")) == 1000
    broken_off = warmth.begins("b", prompt("else", "more"))
    warmth.ends(broken_off)
    assert not warmth.is_warm("b")


def test_requests_beside_each_other_take_slots_of_their_own() -> None:
    warmth = Warmth(slots=2)
    first, second = warmth.begins("a", prompt("a1", "a2")), warmth.begins("b", prompt("b1", "b2"))
    warmth.has_read(first)
    warmth.has_read(second)
    warmth.ends(first)
    warmth.ends(second)
    assert warmth.uncached("a", prompt("a1", "a2")) == warmth.uncached("b", prompt("b1", "b2")) == 0


def test_an_engine_that_evaluated_more_than_was_believed_has_lost_what_is_older_still() -> None:
    warmth = Warmth(host_tokens=100_000)
    for key in "abc":
        read(warmth, key, prompt(f"{key}1", f"{key}2"))
    reading = warmth.begins("b", prompt("b1", "b2", "b3"))
    warmth.has_read(reading)
    assert not warmth.missed(reading, evaluated=reading.uncached + SURPRISE)
    assert warmth.missed(reading, evaluated=3500)
    assert [warmth.is_warm(key) for key in "abc"] == [False, True, True]


def test_an_engine_that_was_loaded_anew_holds_nothing() -> None:
    warmth = Warmth(host_tokens=100_000)
    for key in "ab":
        read(warmth, key, prompt(key))
    reading = warmth.begins("a", prompt("a"))
    warmth.forget()
    warmth.has_read(reading)
    warmth.ends(reading)
    assert not any(warmth.is_warm(key) for key in "ab")
    assert warmth.uncached("a", prompt("a")) == 1500


def test_what_is_wanted_most_is_shown_again_before_something_rare_is_read() -> None:
    wanted = {"often": 10.0, "rare": 1.0, "last": 5.0, "new": 0.5}
    warmth = Warmth(host_tokens=3 * 2500)
    for key in ("often", "rare", "last"):
        read(warmth, key, prompt(f"{key}1", f"{key}2"))
    new = prompt("new1", "new2")
    assert warmth.to_refresh("new", new, wanted.__getitem__) == ["often"]
    read(warmth, "often", prompt("often1", "often2"))
    assert warmth.to_refresh("new", new, wanted.__getitem__) == []
    read(warmth, "new", new)
    read(warmth, "other", prompt("other1", "other2"))
    assert (warmth.is_warm("often"), warmth.is_warm("rare")) == (True, False)


def test_nothing_is_shown_again_where_nothing_is_pushed_out_or_nothing_is_wanted_more() -> None:
    warmth = Warmth(host_tokens=100_000)
    read(warmth, "often", prompt("often1"))
    assert warmth.to_refresh("new", prompt("new1"), lambda _: 1.0) == []
    small = Warmth(host_tokens=2 * 1500)
    for key in ("a", "b"):
        read(small, key, prompt(key))
    assert small.to_refresh("new", prompt("new"), lambda _: 1.0) == []


texts = st.lists(st.sampled_from("abcdef"), max_size=6)


@given(
    st.lists(st.tuples(st.sampled_from("xyz"), texts, st.booleans(), st.integers(0, 3)), max_size=40),
    st.integers(1, 3),
    st.integers(0, 9000),
)
def test_whatever_is_asked_the_belief_stays_within_the_engines_room(
    asked: Sequence[tuple[str, list[str], bool, int]], slots: int, host_tokens: int
) -> None:
    warmth = Warmth(slots=slots, host_tokens=host_tokens)
    for key, words, whole, replied in asked:
        said = prompt(*words)
        before = warmth.uncached(key, said)
        reading = warmth.begins(key, said)
        assert reading.uncached == before
        assert 0 <= before <= said.tokens
        if whole:
            warmth.has_read(reading, replied=replied)
            assert warmth.uncached(key, said) == 0 or slots > 1
        warmth.ends(reading)
        for other in "xyz":
            assert warmth.tokens(other) <= 500 + 6000 + 3


def test_conversations_that_are_not_held_any_more_cost_nothing() -> None:
    pieces = [piece(f"{number} words", 40) for number in range(1400)]
    warmth = Warmth(host_tokens=4 * 60_000)
    prompts = [Prompt(pieces=(piece(f"head {number}"), *pieces)) for number in range(60)]
    tracemalloc.start()
    try:
        for number in range(10):
            read(warmth, f"warm-up {number}", prompts[number])
        before = tracemalloc.get_traced_memory()[0]
        for number, each in enumerate(prompts):
            read(warmth, f"c{number}", each)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert sum(warmth.is_warm(f"c{number}") for number in range(60)) == 5
    assert grown < 16 * 1024
