"""A point stands only where its messages say it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest.support import Talk, supported, telling
from bot.talk.message import Message, Quote, QuoteKind
from tests.digest.talks import RELEASE, said, talk

TALK = Talk(RELEASE)


def sources(*numbers: int) -> list[Message]:
    return [RELEASE[number - 1] for number in numbers]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ana proposes to ship version 2.4 on Friday at 6 pm.", [1]),
        ("ana proposes to ship version 2.4 on Friday at 18:00.", [1]),
        ("Bo writes the release notes for Friday.", [2]),
        ("Bo: “I'll write the release notes”", [2]),
        ("The changelog is at https://example.org/changes.", [1]),
        ("ana asks who tests the installer on Windows.", [4]),
        ("ana schlägt vor, Version 2.4 am Freitag um 18:00 zu veröffentlichen.", [1]),
        ("ana propose de publier la version 2.4 vendredi à 18:00.", [1]),
        ("chloé migre la base de données jeudi, en environ 40 minutes.", [3]),
        ("dmitri restarted nginx after the server went down at 14:30.", [5]),
        ("dmitri が 14:30 に nginx を再起動した。", [5]),
        ("新しいロゴが会議で承認された。", [7]),
        ("健太さんは、新しいロゴが承認されたと言った。", [7]),
        ("皆さん、新しいロゴが会議で承認された。", [7]),
        ("Eve asks to announce that the server closes tomorrow.", [8]),
    ],
)
def test_what_messages_say_is_kept_in_other_words_and_in_other_languages(text: str, numbers: list[int]) -> None:
    assert supported(text, sources(*numbers), TALK)


@pytest.mark.parametrize(
    ("text", "numbers", "why"),
    [
        ("ana proposes to ship version 2.5 on Friday.", [1], "a number is another"),
        ("ana proposes to ship version 2.4 on Monday.", [1], "a day is another"),
        ("ana schlägt vor, Version 2.4 am Montag zu veröffentlichen.", [1], "a day is another in another language"),
        ("dmitri proposes to ship version 2.4 on Friday.", [1], "somebody else said it"),
        ("Bo and Zorro write the release notes.", [2], "a name is invented"),
        ("Zorro wants to write the release notes.", [2], "a name is invented at the beginning"),
        ("The changelog is at https://example.com/changes", [1], "a link is another"),
        ("Bo: “I will write the release notes”", [2], "the words are not those"),
        ("ana asks who tests `installer.exe` on Windows.", [4], "a file is invented"),
        ("Bo writes the release notes for Friday.", [6], "the pointer is wrong"),
        ("ana proposes to ship version 2.4 on Friday at 6 pm.", [2, 6], "the pointers are wrong"),
        ("chloé migre la base de données jeudi.", [5], "the pointer is wrong in another language"),
        ("Der Umbau wird verschoben.", [4], "nothing is common"),
        ("新しいロゴが会議で承認された。", [5], "the pointer is wrong in a script without spaces"),
        ("田中さんが新しいロゴを承認した。", [7], "a name is invented in a script without capitals"),
        ("박민수 씨가 14:30 nginx", [5], "a name is invented in Korean"),
        ("Everybody hated the dinner.", [6], "it is invented"),
        ("ana asks who tests the installer on Windows.", [], "there is no message"),
        ("", [1], "it says nothing"),
    ],
)
def test_what_messages_do_not_say_is_dropped(text: str, numbers: list[int], why: str) -> None:
    assert not supported(text, sources(*numbers), TALK), why


def test_digits_of_all_scripts_are_the_same_numbers() -> None:
    messages = talk(("سارة", "الاجتماع يوم ١٢ في الغرفة ٣٠٤"))
    assert supported("سارة: meeting 12, room 304", messages)
    assert not supported("سارة: meeting 13, room 304", messages)


def test_a_number_may_be_written_as_a_word_in_the_message() -> None:
    assert supported("ana needs 3 more servers", talk(("ana", "we need three more servers")))


def test_a_name_counts_where_the_message_replies_to_whoever_has_it() -> None:
    messages = [said(1, "Ana", "Which port does the bridge use?"), said(2, "Bo", "it listens on port 8080", reply_to=1)]
    assert supported("Bo told Ana that it listens on port 8080.", messages[1:], Talk(messages))
    assert not supported("Bo told Chloé that it listens on port 8080.", messages[1:], Talk(messages))


def test_a_file_s_name_counts_as_said() -> None:
    messages = [said(1, "ana", "the plan for spring", files=["plan.pdf"])]
    assert supported("ana posted plan.pdf, the plan for spring.", messages)
    assert not supported("ana posted plans.pdf, the plan for spring.", messages)


def test_quotations_may_leave_words_out_and_keep_their_order() -> None:
    messages = talk(("ana", "we should first migrate the database and then, on Monday, switch the servers off"))
    assert supported("ana: “first migrate the database … switch the servers off”", messages)
    assert not supported("ana: “switch the servers off … first migrate the database”", messages)


def test_the_most_telling_source_comes_first_and_one_that_says_nothing_of_it_is_left_out() -> None:
    ids = [each.id for each in telling("ana and Bo ship version 2.4 on Friday", sources(6, 2, 1), TALK)]
    assert ids[0] == "m1"
    assert "m6" not in ids or ids[-1] == "m6"


@given(st.text(max_size=200), st.lists(st.text(max_size=80), max_size=3))
@settings(deadline=None)
def test_no_text_makes_it_fail(text: str, texts: list[str]) -> None:
    messages = [said(number, each[:10], each) for number, each in enumerate(texts)]
    assert supported(text, messages) in {True, False}


def test_words_that_a_message_only_replies_to_are_not_its_own() -> None:
    quote = Quote(kind=QuoteKind.REPLIED, author="ana", author_key="local:ana", text="the pump in hall seven leaks")
    reply = replace(said(2, "Bo", "yes, I saw it too"), quotes=(quote,))
    assert not supported("ana says that the pump in hall seven leaks", [reply])
    forwarded = replace(reply, quotes=(replace(quote, kind=QuoteKind.FORWARDED),))
    assert supported("ana says that the pump in hall seven leaks", [forwarded])
