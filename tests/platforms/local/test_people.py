"""Names become stable, distinct, harmless ids."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.local.people import (
    Mention,
    channel_named,
    clean_name,
    clean_text,
    direct_place,
    is_blank,
    may_read,
    new_message_id,
    person_named,
    sent_about,
    slug,
)
from bot.talk.message import Addressed, Place, PlaceKind


@given(st.text(max_size=60))
def test_an_id_is_short_plain_and_the_same_each_time(name: str) -> None:
    made = slug(name)
    assert made == slug(name) == slug(f"  {name} ")
    assert re.fullmatch(r"[a-z0-9-]{1,49}" if clean_name(name) else "", made)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Zoe", "Zoë"), ("Ana", "An a"), ("山田", "田山"), ("a_b", "a-b"), ("Jean Paul", "Jean-Paul")],
)
def test_different_names_have_different_ids(one: str, other: str) -> None:
    assert slug(one) != slug(other)


def test_the_same_name_in_other_letters_is_the_same_person() -> None:
    assert slug("ANA") == slug("ana") == slug("\uff21na") == slug("A\u200bna")
    assert slug("Zoë") == slug("Zoe\u0308")


@given(st.text(max_size=80))
def test_a_clean_name_is_one_line_without_hidden_signs(name: str) -> None:
    cleaned = clean_name(name)
    assert cleaned == clean_name(cleaned)
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200b\x00-\x1f]", cleaned)


@given(st.text())
def test_cleaned_text_keeps_every_visible_letter(text: str) -> None:
    cleaned = clean_text(text)
    assert "\x00" not in cleaned
    cleaned.encode()
    assert [letter for letter in cleaned if letter.isalnum()] == [letter for letter in text if letter.isalnum()]


def test_blank_is_what_nobody_can_see() -> None:
    assert is_blank(" \u200b\n\u2060\u200e")
    assert not is_blank("\u200b.\u200b")


@given(st.datetimes(min_value=datetime(2001, 1, 1), max_value=datetime(2400, 1, 1)))
def test_a_message_id_tells_when_it_was_made(moment: datetime) -> None:
    sent = moment.replace(tzinfo=UTC)
    about = sent_about(new_message_id(sent))
    assert about is not None
    assert sent < about <= sent + timedelta(milliseconds=3)


@pytest.mark.parametrize("ident", ["", "m", "d-x", "mffffffffffff-000000000000", "m0-0", "m00000000000-zz"])
def test_what_is_no_message_id_tells_nothing(ident: str) -> None:
    assert sent_about(ident) is None


def test_a_direct_conversation_is_read_by_its_person_and_a_channel_by_all() -> None:
    ana, jules = person_named("Ana"), person_named("Jules")
    assert may_read(direct_place(ana), ana)
    assert not may_read(direct_place(ana), jules)
    assert may_read(channel_named("General"), jules)


def test_a_channel_cannot_pass_for_a_direct_conversation() -> None:
    assert channel_named("dm ana").id.startswith("channel-dm-")
    assert channel_named("DM-Ana").kind is PlaceKind.CHANNEL


def test_the_browser_tells_the_locale_only_where_it_is_one() -> None:
    assert person_named("Ana", accept_language="fr-CH, fr;q=0.9").locale == "fr-CH"
    assert person_named("Ana", accept_language="*").locale is None
    assert person_named("Ana", accept_language="x" * 500).locale is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("@Calanque hi", "hi"),
        ("hi @calanque", "hi"),
        ("hi @Calanque, you", "hi, you"),
        ("@Calanque", ""),
        ("@CALANQUE: when?", ": when?"),
    ],
)
def test_the_own_mention_is_taken_out(text: str, left: str) -> None:
    place = Place(platform="local", id="general")
    assert Mention("Calanque").address(text, place=place, reply_to=None) == (Addressed.MENTION, left)
