"""Commands in the languages of Discord's clients: told once, within its limits, in English where there are no words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.languages.phrases import Phrases
from bot.platforms.discord import commands as telling
from bot.platforms.discord.commands import declared, register
from bot.platforms.discord.limits import complaints
from bot.platforms.discord.localised import LOCALES, localised
from bot.talk.command import Argument, Command, in_menu
from tests.languages.catalogs import given, reading_from
from tests.platforms.discord.bench import Facts

NUMBER = Argument(name="number", description="Which", choices=("yes", "no"))
COMMANDS = (Command(name="show", description="Show it", arguments=(NUMBER,)), in_menu("show-from", "Show from here"))


def in_locale(locale: str) -> Sequence[Command]:
    """German alone has words."""
    if locale != "de":
        return COMMANDS
    number = replace(NUMBER, description="Welche")
    show = Command(name="show", description="Zeig es", arguments=(number,))
    return (show, in_menu("show-from", "Ab hier zeigen"))


def test_what_describes_is_said_in_each_language_that_has_words_and_names_stay() -> None:
    others = localised(in_locale)
    slash, menu = (declared(command, others[command.name]) for command in COMMANDS)
    assert slash["description_localizations"] == {"de": "Zeig es"}
    assert slash["options"][0]["description_localizations"] == {"de": "Welche"}
    assert slash["options"][0]["name"] == "number"
    assert "name_localizations" not in slash
    assert (menu["name"], menu["name_localizations"]) == ("Show from here", {"de": "Ab hier zeigen"})


def test_choices_have_names_in_each_language_and_keep_their_values(tmp_path: Path) -> None:
    given(tmp_path, "de", choice_yes="ja")
    with reading_from(tmp_path):
        slash = declared(COMMANDS[0], localised(in_locale)["show"])
    assert slash["options"][0]["choices"] == [
        {"name": "yes", "value": "yes", "name_localizations": {"de": "ja"}},
        {"name": "no", "value": "no", "name_localizations": {}},
    ]


def test_in_a_community_of_another_language_english_people_read_english() -> None:
    here = in_locale("de")
    slash = declared(here[0], localised(in_locale)["show"])
    assert slash["description"] == "Zeig es"
    assert slash["description_localizations"] == {to: "Show it" for to in LOCALES if to != "de"}


def test_what_discord_would_refuse_is_left_out() -> None:
    def long(locale: str) -> Sequence[Command]:
        return [replace(each, description="x" * 101, menu="x" * 33 * bool(each.menu)) for each in in_locale(locale)]

    others = localised(long)
    slash, menu = (declared(command, others[command.name]) for command in COMMANDS)
    assert (slash["description_localizations"], menu["name_localizations"]) == ({}, {})


class Registry:
    def __init__(self) -> None:
        self.sent: list[list[Any]] = []

    async def bulk_upsert_global_commands(self, application_id: int, payload: list[Any]) -> None:
        self.sent.append(payload)


async def test_they_are_sent_again_only_when_words_of_theirs_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    facts, registry, catalogs, asked = Facts(), Registry(), "1", [0]
    said = {"de": "Zeig es"}

    def words(locale: str) -> Sequence[Command]:
        asked[0] += 1
        return [replace(COMMANDS[0], description=said.get(locale, "Show it"))]

    monkeypatch.setattr(telling, "fingerprint", lambda: catalogs)

    async def start() -> bool:
        return await register(
            COMMANDS[:1], application_id=1, registry=registry, facts=facts, phrases=Phrases(), in_locale=words
        )

    assert await start()
    looked = asked[0]
    assert not await start()
    assert asked[0] == looked  # nothing was translated
    catalogs = "2"  # words of something else changed
    assert not await start()
    assert asked[0] > looked
    catalogs, said["de"] = "3", "Zeig"
    assert await start()
    assert [payload[0]["description_localizations"] for payload in registry.sent] == [
        {"de": "Zeig es"},
        {"de": "Zeig"},
    ]


def test_only_the_longest_language_counts_towards_the_whole() -> None:
    arguments = tuple(Argument(name=f"a{number}", description="x" * 100) for number in range(25))
    whole = Command(name="c", description="x", arguments=arguments)
    payload = declared(whole, localised(lambda _: [replace(whole, description="y" * 100)])["c"])
    assert complaints([payload]) == []
    choices = tuple("z" * 80 + str(number) for number in range(10, 35))

    def fuller(count: int) -> dict[str, Any]:
        chosen = (*(replace(each, choices=choices) for each in arguments[:count]), *arguments[count:])
        return declared(replace(whole, arguments=chosen))

    assert complaints([fuller(1)]) == []
    (told,) = complaints([fuller(2)])
    assert "more than 8000" in told


@pytest.mark.parametrize(
    ("command", "flaw"),
    [
        (Command(name="Show", description="x"), "is no name"),
        (Command(name="x" * 33, description="x"), "is no name"),
        (Command(name="show", description=""), "0 characters"),
        (Command(name="show", description="x" * 101), "101 characters"),
        (in_menu("from", "x" * 33), "33 characters"),
        (Command(name="c", description="x", arguments=tuple([NUMBER] * 26)), "25 arguments"),
    ],
)
def test_what_discord_would_refuse_is_named(command: Command, flaw: str) -> None:
    (told,) = complaints([declared(command)])
    assert flaw in told
