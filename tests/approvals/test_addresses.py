"""What counts as an address, and who named it."""

from __future__ import annotations

import json

from hypothesis import given as each
from hypothesis import strategies as st

from bot.approvals.addresses import addresses_in, addresses_of, anything_across, given, is_named, named_in
from bot.approvals.shown import DEFANGED, FENCE, dead, plain
from bot.ports.gate import Traits
from bot.talk.turn import Call, Reply, Result, Results

KNOWN = {"fetch": Traits(outside=True), "echo": Traits(), "recall": Traits(across=True, outside=True)}
HOSTS = st.from_regex(r"[a-z]{1,12}\.[a-z]{1,8}\.(com|example|org)", fullmatch=True)
PATHS = st.from_regex(r"/[a-z0-9]{1,20}\?[a-z]=[a-z0-9]{1,30}", fullmatch=True)
ADDRESSES = st.builds("https://{}{}".format, HOSTS, PATHS)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters='<>"`'), max_size=40)


def results(name: str, content: str, *, failed: bool = False) -> Results:
    return Results(results=(Result(call_id="c", name=name, content=content, failed=failed),))


def calls(name: str, **arguments: str) -> Reply:
    return Reply(text="", calls=(Call(id="c", name=name, arguments=json.dumps(arguments)),))


@each(ADDRESSES, WORDS, WORDS, st.lists(st.sampled_from(["a", "b"]), max_size=4))
def test_an_address_is_found_wherever_it_lies_in_the_arguments(
    address: str, before: str, after: str, path: list[str]
) -> None:
    value: object = f"{before} {address} {after}"
    for name in path:
        value = {name: [value]}
    assert address in addresses_of({"x": value})
    assert any(address in found for found in addresses_of({f"{address}": 1}))


@each(ADDRESSES, st.text("\u200b\u200d\u2060\u00ad", min_size=1, max_size=3))
def test_signs_that_nobody_sees_hide_no_address(address: str, hidden: str) -> None:
    assert addresses_in(address[:9] + hidden + address[9:]) == {address}


@each(ADDRESSES, WORDS)
def test_whoever_writes_an_address_has_named_it_and_no_longer_one(address: str, around: str) -> None:
    named = named_in(f"{around} {address} {around}")
    assert is_named(address, named)
    assert not is_named(f"{address}zz", named)
    assert not is_named(address.replace("https://", "https://zz."), named)


@each(ADDRESSES)
def test_a_result_names_what_the_model_had_not_written_before(address: str) -> None:
    wanted = frozenset({address})
    assert given(wanted, [results("fetch", f"see {address}.")], KNOWN) == wanted
    assert given(wanted, [results("fetch", f"see {address}."), calls("echo", text=address)], KNOWN) == wanted
    assert given(wanted, [calls("fetch", url=address), results("fetch", f"see {address}.")], KNOWN) == set()
    assert given(wanted, [Reply(text=f"try {address}"), results("fetch", address)], KNOWN) == set()


@each(ADDRESSES)
def test_neither_failures_nor_tools_that_only_reckon_nor_unknown_ones_name_anything(address: str) -> None:
    for part in (results("fetch", address, failed=True), results("echo", address), results("gone", address)):
        assert given(frozenset({address}), [part], KNOWN) == set()


@each(ADDRESSES)
def test_however_json_writes_it_the_model_wrote_it(address: str) -> None:
    odd = "".join(f"\\u{ord(character):04x}" for character in address)
    reply = Reply(text="", calls=(Call(id="c", name="fetch", arguments=f'{{"q":"{odd}"}}'),))
    assert given(frozenset({address}), [reply, results("fetch", address)], KNOWN) == set()


def test_what_came_from_elsewhere_is_told_by_the_tool_that_gave_it() -> None:
    assert not anything_across(
        [results("fetch", "x"), results("echo", "x"), results("recall", "x", failed=True)], KNOWN
    )
    assert anything_across([results("recall", "x")], KNOWN)
    assert anything_across([results("gone", "x")], KNOWN)


@each(st.text(max_size=200))
def test_nothing_that_is_shown_of_a_call_is_alive(text: str) -> None:
    shown = dead(text)
    assert not any(live in shown for live in DEFANGED if live != "@")
    assert all(shown[at + 1 : at + 2] == "\u200b" for at, sign in enumerate(shown) if sign == "@")
    assert FENCE not in shown
    assert not {"\u202e", "\u2066", "\r", "\0"} & set(shown)


@each(st.text(max_size=200))
def test_a_name_among_our_words_is_one_short_line_without_markdown(text: str) -> None:
    assert not set(plain(text, limit=40)) & set("\n`*[]<>@|~#")
