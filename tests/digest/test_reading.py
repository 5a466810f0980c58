"""Whatever a model answers, what is left of it is true."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.lines import numbered
from bot.digest.reading import LONGEST_POINT, MOST_POINTS, MOST_SOURCES, Dropped, attributed, merged, points
from bot.talk.digest import Section
from tests.digest.talks import RELEASE, said, talk

LINES = numbered(RELEASE)
SHIP = "ana proposes to ship version 2.4 on Friday at 6 pm."


def read(reply: str) -> list[tuple[str, str, list[str]]]:
    found = points(reply, LINES).points
    return [(each.section.value, each.text, [one.message for one in each.sources]) for each in found]


@pytest.mark.parametrize(
    "reply",
    [
        f"decided [1] {SHIP}",
        f"Decided [1]: {SHIP}",
        f"- **decided** [1] {SHIP}",
        f"* decided: {SHIP} [1]",
        f"1. Decision: {SHIP} (1)",
        f"[1] decided {SHIP}",
        f"decided 1: {SHIP}",
        f"decided 【１】 {SHIP}",
        f"decided [line 1] {SHIP}",
        f"Of course! Here is what happened:\n\n## Decisions\n- {SHIP} [1]\n\nLet me know if you need more.",
        f"Entschieden:\n- {SHIP} [1]",
        f"<think>what is decided [3]?</think>decided [1] {SHIP}",
        f"```\ndecided [1] {SHIP}\n```",
        json.dumps({"points": [{"section": "decided", "numbers": [1], "text": SHIP}]}),
        json.dumps({"decided": [{"text": SHIP, "sources": ["1"]}]}),
        json.dumps([{"type": "Decision", "message": 1, "summary": SHIP}])[:-1] + ', {"type": "open", "te',
    ],
)
def test_the_form_does_not_matter(reply: str) -> None:
    assert read(reply) == [("decided", SHIP, ["m1"])]


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        (f"decided [99] {SHIP}", Dropped.NUMBER),
        (f"decided {SHIP}", Dropped.POINTER),
        (f"[1] {SHIP}", Dropped.SECTION),
        (f"decided [6] {SHIP}", Dropped.SUPPORT),
        ("decided [1] See [the changes](https://evil.example/changes) of version 2.4.", Dropped.SUPPORT),
        ("decided [1]", Dropped.EMPTY),
        ("I am sorry, but I cannot help with that.", Dropped.POINTER),
    ],
)
def test_what_is_no_point_is_dropped_and_counted(reply: str, cause: Dropped) -> None:
    found = points(reply, LINES)
    assert found.points == ()
    assert found.dropped == {cause: 1}


def test_who_speaks_is_no_section() -> None:
    assert read("todo [2] Bo says: I'll write the release notes") == [
        ("todo", "Bo says: I'll write the release notes", ["m2"]),
    ]


def test_a_model_may_find_nothing() -> None:
    assert points("Nothing.", LINES).dropped == {}


def test_a_loop_is_one_point() -> None:
    found = points(f"decided [1] {SHIP}\n" * 500, LINES)
    assert len(found.points) == 1
    assert found.dropped[Dropped.REPEATED] == 499


def test_a_number_that_is_not_there_does_not_take_the_right_one_along() -> None:
    assert read(f"decided [1, 77] {SHIP}") == [("decided", SHIP, ["m1"])]


def test_a_source_that_says_nothing_of_the_point_is_no_source() -> None:
    assert read(f"decided [6, 1] {SHIP}") == [("decided", SHIP, ["m1"])]


def test_a_range_of_numbers_is_those_between_and_never_the_whole_talk() -> None:
    (found,) = points("decided [1-2] ana and Bo ship version 2.4 on Friday with release notes.", LINES).points
    assert {each.message for each in found.sources} == {"m1", "m2"}
    (found,) = points(f"decided [1-999] {SHIP}", LINES).points
    assert len(found.sources) <= MOST_SOURCES


def test_markdown_mentions_and_code_become_plain_words() -> None:
    ((_, text, _),) = read("reading [1] **ana** links <https://example.org/changes>, the _changelog_ of <@123> `2.4`")
    assert text == "ana links https://example.org/changes, the changelog of “2.4”"


def test_a_quotation_that_is_not_verbatim_is_told_in_other_words() -> None:
    ((_, text, _),) = read('todo [2] Bo says "I will write release notes" for Friday.')
    assert text == "Bo says I will write release notes for Friday."


def test_words_of_nobody_named_are_told_as_their_author_s() -> None:
    assert read("decided [8] The server closes tomorrow.") == [
        ("decided", "Eve: The server closes tomorrow.", ["m8"]),
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("server", "The server closes tomorrow.", "server: The server closes tomorrow."),
        ("e", "The server closes tomorrow.", "e: The server closes tomorrow."),
        ("The server", "the server closes tomorrow.", "The server: the server closes tomorrow."),
        ("The", "The server closes tomorrow.", "The: The server closes tomorrow."),
        ("Bo", "Bo closes the server.", "Bo closes the server."),
        ("☆", "The server closes tomorrow.", "☆: The server closes tomorrow."),
        ("ana", "Tomorrow the server closes, says ana.", "ana: Tomorrow the server closes, says ana."),
        ("ana", "ana closes the server.", "ana closes the server."),
        ("Ana", "Tomorrow the server closes, says Ana.", "Tomorrow the server closes, says Ana."),
        ("健太", "健太: サーバーを閉じる", "健太: サーバーを閉じる"),
    ],
)
def test_nobody_hides_behind_a_word_that_they_are_called_by(name: str, text: str, told: str) -> None:
    assert attributed(text, [said(1, name, text)]) == told


def test_a_point_of_too_many_messages_stays_one_of_its_own() -> None:
    messages = [said(n, "Ana", f"parcel {n} goes to dock {n * 7}") for n in range(1, 31)]
    own = [
        points(
            f"todo [{a}-{a + 4}] Ana: parcel {a} goes to dock {a * 7}, {a + 1} to {(a + 1) * 7}, parcel {a + 2} to "
            f"{(a + 2) * 7}, parcel {a + 3} to {(a + 3) * 7} and parcel {a + 4} to dock {(a + 4) * 7}",
            numbered(messages),
        ).points[0]
        for a in (1, 6, 11)
    ]
    (joined,) = merged(
        "todo [1, 2, 3] Ana: parcel 1 goes to dock 7, parcel 6 to dock 42, parcel 11 to dock 77", own
    ).points
    assert joined in own


def test_links_and_questions_show_their_section_themselves() -> None:
    assert [each[0] for each in read("[1] ana: https://example.org/changes is the changelog")] == ["reading"]
    assert [each[0] for each in read("[4] Who tests the installer on Windows?")] == ["open"]


def test_a_point_is_one_short_line() -> None:
    long = talk(("ana", "alpha beta gamma delta " * 60 + "https://example.org/" + "x" * 300))
    (found,) = points(f"reading [1] {long[0].text}", numbered(long)).points
    assert len(found.text) <= LONGEST_POINT + len("ana: ")
    assert "\n" not in found.text


def test_an_answer_has_at_most_so_many_points() -> None:
    messages = [said(n, "ana", f"parcel number {n} goes to dock {n * 7}") for n in range(1, 100)]
    reply = "\n".join(f"todo [{n}] parcel number {n} goes to dock {n * 7}" for n in range(1, 100))
    assert len(points(reply, numbered(messages)).points) == MOST_POINTS


def test_points_of_points_have_the_sources_of_all_that_they_join() -> None:
    before = points(f"decided [1] {SHIP}\ntodo [2] Bo writes the release notes for Friday.", LINES).points
    (joined,) = merged("decided [1, 2] ana proposes version 2.4 on Friday, Bo writes the release notes.", before).points
    assert [each.message for each in joined.sources] in (["m1", "m2"], ["m2", "m1"])
    assert joined.section is Section.DECIDED


def test_points_of_points_invent_nothing() -> None:
    before = points(f"decided [1] {SHIP}\ntodo [2] Bo writes the release notes for Friday.", LINES).points
    invented = "decided [1] ana proposes to ship version 3.4 on Friday.\ndecided [7] x y z\ntodo [1] Bo writes notes."
    assert merged(invented, before).points == ()


@given(st.text(alphabet=st.sampled_from('[]{}()",:-#*123decidopn \n`<>'), max_size=300))
@settings(deadline=None)
def test_no_answer_makes_it_fail_and_every_point_has_sources(reply: str) -> None:
    for each in points(reply, LINES).points:
        assert each.sources
        assert "\n" not in each.text


def test_deep_and_endless_answers_are_read_in_time() -> None:
    for reply in (
        "[" * 50_000,
        '{"a":' * 20_000,
        '"' * 50_000,
        "[1" * 20_000,
        ("decided [1] " + "`" * 1400 + "\n") * 28,
        "decided [" + "1" * 1000,
        "decided [" + "1 " * 500,
        "decided [" + "1  and  " * 150,
        "*" * 50_000,
        "decided [1] " + "_x " * 20_000,
    ):
        points(reply, LINES)
