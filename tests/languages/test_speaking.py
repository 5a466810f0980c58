"""Whoever is spoken to hears the language that was chosen nearest to them, or that they write in."""

from __future__ import annotations

import pytest

from bot.languages.speaking import Speaking
from bot.talk.language import Pins
from bot.talk.message import Conversation, Message, Place
from tests.fakes import ANA, BEN, FakeClock, direct, said
from tests.languages.speakers import KeptLanguages, Listing, identifies

HELP = Place(platform="local", id="help", name="help", guild="g")
ENGLISH = "These lines hold words so plain as words"
GERMAN = "dat ist ein Test mit Wort hast nicht gut"
POLISH = "ktoz wiez cosz jestz naz wsz taz czasz"


def speaking(store: KeptLanguages, *listed: str) -> Speaking:
    return Speaking(
        store,
        identifies=identifies,
        channels=Listing(listed) if listed else None,
        community="en",
        clock=FakeClock(),
    )


async def answered_in(decides: Speaking, message: Message) -> str:
    found = await decides.answering(message)
    return "" if found is None else found.language


@pytest.mark.parametrize(
    ("pins", "public", "private"),
    [
        ((), "en", "sv"),
        ((Pins.GUILD,), "guild", "sv"),
        ((Pins.GUILD, Pins.PLACE), "place", "sv"),
        ((Pins.GUILD, Pins.PLACE, Pins.PERSON), "place", "person"),
        ((Pins.PERSON,), "en", "person"),
    ],
)
async def test_our_own_words_follow_the_person_alone_and_the_channel_in_public(
    pins: tuple[Pins, ...], public: str, private: str
):
    store = KeptLanguages()
    for each in pins:
        await store.pin_language(each, HELP, ANA.key, each.value)
    tongues = speaking(store)
    assert await tongues.of(Conversation(place=HELP), person=ANA.key, locale="sv") == public
    alone = Conversation(place=HELP, only=ANA.key)
    assert await tongues.of(alone, person=ANA.key, locale="sv") == private


async def test_without_a_locale_somebody_alone_hears_what_their_channel_has():
    store = KeptLanguages()
    await store.pin_language(Pins.PLACE, HELP, BEN.key, "ja")
    assert await speaking(store).of(Conversation(place=HELP, only=ANA.key), person=ANA.key) == "ja"
    assert await speaking(KeptLanguages(), "ko", "en").of(Conversation(place=HELP)) == "ko"


async def test_where_nothing_is_chosen_only_another_language_than_the_communitys_is_told():
    decides = speaking(KeptLanguages())
    assert await decides.answering(said(ENGLISH, place=HELP)) is None
    assert await decides.answering(said("gut so", place=HELP)) is None
    found = await decides.answering(said(GERMAN, place=HELP))
    assert found is not None
    assert (found.language, found.binding) == ("de", False)


async def test_a_channels_list_decides_with_what_the_person_wrote_before():
    store = KeptLanguages()
    decides = speaking(store, "en", "de", "fr")
    assert await answered_in(decides, said(GERMAN, place=HELP)) == "de"
    assert store.before[ANA.key] == ("de",)
    assert await answered_in(decides, said("ok", place=HELP)) == "de"
    assert await answered_in(decides, said("ok", place=HELP, by=BEN)) == "en"


async def test_a_language_outside_of_the_list_is_answered_in_the_channels_own():
    store = KeptLanguages(before={ANA.key: ("de", "de")})
    assert await answered_in(speaking(store, "en", "de"), said(POLISH, place=HELP)) == "en"
    assert store.before[ANA.key] == ("de", "de")


@pytest.mark.parametrize(
    ("pins", "language"),
    [
        ({Pins.PLACE: "ja", Pins.PERSON: "de"}, "ja"),
        ({Pins.PERSON: "de"}, "de"),
        ({Pins.PERSON: "ja"}, "en"),
        ({Pins.GUILD: "de"}, "en"),
    ],
)
async def test_a_pin_decides_where_the_channel_lists_it_and_a_channels_own_always(pins: dict[Pins, str], language: str):
    store = KeptLanguages()
    for each, tag in pins.items():
        await store.pin_language(each, HELP, ANA.key, tag)
    assert await answered_in(speaking(store, "en", "de"), said(ENGLISH, place=HELP)) == language


async def test_a_person_that_is_answered_alone_hears_their_own_language():
    store = KeptLanguages()
    place = direct(ANA)
    await store.pin_language(Pins.GUILD, place, ANA.key, "de")
    await store.pin_language(Pins.PERSON, place, ANA.key, "ja")
    found = await speaking(store).answering(said(ENGLISH, place=place))
    assert found is not None
    assert (found.language, found.binding) == ("ja", True)
    assert found.told == "(Answer in Japanese, whatever language is used above.)"
