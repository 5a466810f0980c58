"""A digest without a model is made of what people wrote."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.extracts import extracts
from bot.digest.lines import numbered
from bot.digest.merging import MOST
from bot.digest.reading import shortened
from bot.talk.digest import Length, Section
from bot.talk.message import Quote, QuoteKind
from tests.digest.talks import RELEASE, said, talk


def texts(section: Section, *messages: tuple[str, str]) -> list[str]:
    return [each.text for each in extracts(talk(*messages)) if each.section is section]


def test_a_question_that_nobody_answers_is_open() -> None:
    messages = [("ana", "does anybody know which port the bridge uses?"), ("Bo", "it rains")]
    assert texts(Section.OPEN, *messages) == ["ana: “does anybody know which port the bridge uses?”"]
    assert texts(Section.OPEN, *messages, ("Bo", "ana: port 8080, I think")) == []


def test_an_answer_that_somebody_thanks_for_stands_with_its_question() -> None:
    messages = [
        said(1, "ana", "which port does the bridge use?"),
        said(2, "Cy", "nice weather"),
        said(3, "Bo", "it listens on port 8080 since May", reply_to=1),
        said(4, "ana", "thanks!", reply_to=3),
    ]
    (point,) = extracts(messages)
    assert point.section is Section.DECIDED
    assert point.text == "ana: “which port does the bridge use?” – Bo: “it listens on port 8080 since May”"
    assert [each.message for each in point.sources] == ["m3", "m1", "m4"]


@pytest.mark.parametrize(
    ("section", "text"),
    [
        (Section.DECIDED, "ok, we agreed to meet at the harbour"),
        (Section.DECIDED, "wir haben beschlossen, den Kanal zu schließen"),
        (Section.DECIDED, "新しいロゴは青に決定しました"),
        (Section.TODO, "I'll write the notes for the harbour meeting"),
        (Section.TODO, "je vais écrire le compte rendu de la réunion"),
        (Section.READING, "the plan: https://example.org/plan"),
    ],
)
def test_usual_words_show_what_a_message_is(section: Section, text: str) -> None:
    assert texts(section, ("ana", text)) == [f"ana: “{text}”"]


def test_files_are_named_even_where_nothing_was_said() -> None:
    messages = [said(n, "ana", "", files=["plan.pdf", "a.png"] if n == 1 else [f"{n}.png"]) for n in range(1, 4)]
    assert {each.text for each in extracts(messages)} == {"ana: plan.pdf, a.png", "ana: 2.png", "ana: 3.png"}


def test_a_picture_in_reply_to_somebody_does_not_tell_their_words() -> None:
    quote = Quote(kind=QuoteKind.REPLIED, author="Ben", author_key="local:Ben", text="my house number is seventeen")
    (point,) = extracts([replace(said(1, "ana", "", files=("plan.png",)), quotes=(quote,))])
    assert point.text == "ana: plan.png"


def test_one_message_is_a_digest_too() -> None:
    assert [each.text for each in extracts(talk(("ana", "the harbour is closed")))] == [
        "ana: “the harbour is closed”",
    ]
    assert extracts([]) == ()
    assert extracts(talk(("ana", "👍"))) == ()


@given(st.lists(st.tuples(st.sampled_from(["ana", "Bo", "Cy"]), st.text(max_size=60)), max_size=12))
@settings(deadline=None)
def test_every_point_is_made_of_its_first_source_s_words(messages: list[tuple[str, str]]) -> None:
    told = talk(*messages)
    shown = {each.message.id: each for each in numbered(told)}
    for point in extracts(told, length=Length.SHORT):
        source = shown[point.sources[0].message]
        words = shortened(source.text.replace("“", "‘").replace("”", "’"), 100).removesuffix(" …")
        assert words in point.text


def test_each_section_has_no_more_points_than_a_digest() -> None:
    links = [("ana", f"see https://example.org/{n}") for n in range(100)]
    assert len(texts(Section.READING, *links)) == MOST[Length.NORMAL]


def test_people_in_nine_languages_are_heard() -> None:
    assert {each.sources[0].author_key for each in extracts(RELEASE)} >= {"local:ana", "local:Bo"}
