"""What is kept of languages: pins of people, places and servers, and what people last wrote in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.ports.languages import HISTORY
from bot.storage.store import SqlStore
from bot.talk.language import Languages, Pins
from bot.talk.message import Place, PlaceKind
from bot.talk.policy import Consent
from tests.fakes import ANA, BEN, GENERAL, START, direct
from tests.storage.homes import Home

CHANNEL = Place(platform="discord", id="10", name="help", guild="1")
THREAD = Place(platform="discord", id="11", kind=PlaceKind.THREAD, name="a thread", guild="1", parent="10")
ELSEWHERE = replace(CHANNEL, id="20", guild="2")


async def _pinned(store: SqlStore) -> None:
    await store.pin_language(Pins.PERSON, CHANNEL, ANA.key, "fr")
    await store.pin_language(Pins.PLACE, CHANNEL, ANA.key, "ja")
    await store.pin_language(Pins.GUILD, CHANNEL, ANA.key, "de")


async def test_pins_hold_for_their_person_place_and_server_and_a_thread_has_its_channels(store: SqlStore) -> None:
    await _pinned(store)
    assert await store.languages(CHANNEL, ANA.key) == Languages(person="fr", place="ja", guild="de")
    assert await store.languages(THREAD, BEN.key) == Languages(place="ja", guild="de")
    assert await store.languages(replace(CHANNEL, id="12")) == Languages(guild="de")
    assert await store.languages(ELSEWHERE, ANA.key) == Languages(person="fr")
    await store.pin_language(Pins.PLACE, THREAD, BEN.key, "ko")
    assert (await store.languages(THREAD)).place == "ko"
    assert (await store.languages(CHANNEL)).place == "ja"


async def test_a_pin_can_be_changed_and_taken_away(store: SqlStore) -> None:
    await _pinned(store)
    await store.pin_language(Pins.PLACE, CHANNEL, BEN.key, "zh-TW")
    await store.pin_language(Pins.GUILD, CHANNEL, BEN.key, None)
    assert await store.languages(CHANNEL, ANA.key) == Languages(person="fr", place="zh-TW")


async def test_a_person_and_a_place_of_one_key_are_not_confused(store: SqlStore) -> None:
    place = Place(platform="local", id="ana", name="ana")
    await store.pin_language(Pins.PERSON, place, "local:ana", "fr")
    assert await store.languages(place, BEN.key) == Languages()


async def test_the_languages_of_the_last_messages_are_kept_and_no_more(store: SqlStore) -> None:
    for tag in ("en", "de", "en", "en", "fr", "ja", "en"):
        await store.note_language(ANA.key, tag, at=START)
    before = (await store.languages(CHANNEL, ANA.key)).before
    assert before == ("en", "en", "fr", "ja", "en")
    assert len(before) == HISTORY
    assert (await store.languages(CHANNEL, BEN.key)).before == ()


async def test_forget_me_takes_both_from_a_person_and_leaves_no_trace(store: SqlStore, home: Home) -> None:
    await store.pin_language(Pins.PERSON, CHANNEL, ANA.key, "fr")
    for person in (ANA, BEN):
        await store.note_language(person.key, "de", at=START)
    await store.forget(ANA.key)
    assert await store.languages(CHANNEL, ANA.key) == Languages()
    assert (await store.languages(CHANNEL, BEN.key)).before == ("de",)
    assert ANA.key not in await home.everything()


async def test_who_has_opted_out_keeps_what_they_chose_and_nothing_that_was_observed(store: SqlStore) -> None:
    await store.pin_language(Pins.PERSON, CHANNEL, ANA.key, "fr")
    await store.note_language(ANA.key, "de", at=START)
    await store.save_consent(ANA.key, Consent(opted_out=True))
    await store.note_language(ANA.key, "de", at=START)
    assert await store.languages(CHANNEL, ANA.key) == Languages(person="fr")


async def test_a_server_that_is_left_takes_its_pins_along_and_no_others(store: SqlStore) -> None:
    await _pinned(store)
    await store.pin_language(Pins.PLACE, ELSEWHERE, BEN.key, "ko")
    await store.forget_guild("discord", "1")
    assert await store.languages(CHANNEL, ANA.key) == Languages(person="fr")
    assert await store.languages(ELSEWHERE) == Languages(place="ko")


async def test_a_place_that_is_gone_takes_its_pin_along_and_one_that_is_cleared_keeps_it(store: SqlStore) -> None:
    await _pinned(store)
    await store.forget_place(CHANNEL, rules=True)
    assert (await store.languages(CHANNEL)).place == "ja"
    await store.forget_place(CHANNEL)
    assert (await store.languages(CHANNEL)).place == ""


async def test_what_somebody_wrote_in_long_ago_is_dropped(store: SqlStore) -> None:
    await store.note_language(ANA.key, "de", at=START - timedelta(days=40))
    await store.note_language(BEN.key, "fr", at=START - timedelta(days=20))
    await store.expire(now=START, default_days=30)
    assert (await store.languages(CHANNEL, ANA.key)).before == ()
    assert (await store.languages(CHANNEL, BEN.key)).before == ("fr",)


async def test_a_choice_that_is_no_servers_reaches_nobodys_direct_messages(store: SqlStore) -> None:
    talk = direct(ANA)
    await store.pin_language(Pins.GUILD, talk, ANA.key, "de")
    assert (await store.languages(talk, ANA.key)).guild == ""
    assert (await store.languages(replace(GENERAL, guild=None))).guild == "de"
