"""People choose a language for themselves, moderators for a channel or a server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import NotAllowed
from bot.languages.phrases import Phrases
from bot.services.language_commands import LanguageCommands, commands
from bot.talk.event import Commanded
from bot.talk.message import Person
from tests.fakes import ANA, GENERAL, START, direct
from tests.languages.speakers import KeptLanguages
from tests.rights import FakeRights


async def use(
    store: KeptLanguages, *, moderator: bool = False, governs: bool = False, by: Person = ANA, **arguments: str
) -> str:
    rights = {"local": FakeRights(readers={}, governors=[ANA.key] if governs else [])}
    carried_out = LanguageCommands(store, rights=rights, phrases=Phrases()).commands["language"]
    given = {name.removesuffix("_"): value for name, value in arguments.items()}
    response = await carried_out(
        Commanded(name="language", person=by, place=GENERAL, at=START, arguments=given, moderator=moderator)
    )
    assert response is not None
    return response.text


async def test_a_language_is_chosen_shown_and_taken_back():
    store = KeptLanguages()
    assert await use(store) == "No language is chosen. I answer in the language that you write in."
    assert await use(store, language="Brazilian Portuguese") == "With you I speak Brazilian Portuguese (pt-BR)."
    assert await use(store, language="JA", for_="channel", moderator=True) == "In this channel I speak Japanese (ja)."
    assert await use(store) == "With you I speak Brazilian Portuguese (pt-BR).\nIn this channel I speak Japanese (ja)."
    await use(store, language="default")
    assert await use(store) == "In this channel I speak Japanese (ja)."


@pytest.mark.parametrize(
    ("locale", "language", "tag"),
    [("ja", "フランス語", "fr"), ("pl", "Francuski", "fr"), ("zh-TW", "繁體中文", "zh-Hant")],
)
async def test_a_language_is_known_by_its_name_in_the_readers_own(locale: str, language: str, tag: str):
    store = KeptLanguages()
    assert f"({tag})" in await use(store, language=language, by=replace(ANA, locale=locale))
    assert list(store.pins.values()) == [tag]


@pytest.mark.parametrize("language", ["de", "default"])
async def test_only_who_manages_a_channel_chooses_for_it_and_only_who_manages_the_server_for_all_of_it(language: str):
    store = KeptLanguages()
    with pytest.raises(NotAllowed):
        await use(store, language=language, for_="channel", governs=True)
    with pytest.raises(NotAllowed):
        await use(store, language=language, for_="server", moderator=True)
    assert not store.pins
    await use(store, language="de", for_="channel", moderator=True)
    await use(store, language="ja", for_="server", governs=True)
    assert list(store.pins.values()) == ["de", "ja"]


async def test_nobody_chooses_for_everybodys_direct_messages_in_their_own():
    store = KeptLanguages()
    carried_out = LanguageCommands(
        store, rights={"local": FakeRights(readers={}, governors=[ANA.key])}, phrases=Phrases()
    ).commands["language"]
    given = {"language": "de", "for": "server"}
    with pytest.raises(NotAllowed):
        await carried_out(
            Commanded(name="language", person=ANA, place=direct(ANA), at=START, arguments=given, moderator=True)
        )
    assert not store.pins


@pytest.mark.parametrize("language", ["klingon", "xx", "d", "de-", "de de", "@everyone", "e" * 200])
async def test_what_is_no_language_is_refused_with_what_would_be_right(language: str):
    store = KeptLanguages()
    assert "like de, ja" in await use(store, language=language)
    assert not store.pins


async def test_whom_it_is_for_must_be_one_of_three():
    store = KeptLanguages()
    assert await use(store, language="de", for_="everybody") == "Choose one of these: me, channel, server."
    assert not store.pins


def test_the_command_keeps_to_the_lengths_of_discord():
    (command,) = commands(Phrases())
    assert all(len(each.description) <= 100 for each in (command, *command.arguments))
