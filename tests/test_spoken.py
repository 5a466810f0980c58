"""Everything of the bot's own is said in the language of whoever reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.consent import FORGET_PRESS
from bot.errors import DatabaseUnusable
from bot.languages.phrases import Phrases
from bot.settings import Settings
from bot.talk.delivery import Delivery
from bot.talk.message import Conversation, PlaceKind
from tests.fakes import ANA, GENERAL, direct, said
from tests.languages.catalogs import given, reading_from
from tests.rig import Rig, rig

LEA = replace(ANA, locale="fr")
"""Her client speaks French."""


class Channels:
    """Channels of a Japanese community, and people with languages of their own."""

    async def of(self, conversation: Conversation, *, person: str = "", locale: str | None = None) -> str:
        public = conversation.only is None and conversation.place.kind is not PlaceKind.DIRECT
        return "ja" if public else locale or "ja"


@pytest.fixture(autouse=True)
def catalogs(tmp_path: Path) -> Iterator[None]:
    folder = tmp_path / "locales"
    days = ("{days} jour", "{days} jours", "{days} jours")
    given(
        folder,
        "fr",
        stop="Arrêter",
        opted_out="C'est fait.",
        not_allowed="Réservé.",
        forget_yes="Tout effacer",
        forget_confirm="Sûr ?",
        forgotten="Effacé : {messages}, {turns}, {images}.",
        announcement_direct=days,
    )
    given(folder, "ja", stop="停止", announcement=("{days} 日",))
    with reading_from(folder):
        yield


async def test_a_command_and_what_it_refuses_are_answered_in_the_language_of_whoever_used_it(tmp_path: Path) -> None:
    async with rig(tmp_path, phrases=Phrases("ja", tongues=Channels())) as house:
        assert await house.commands("opt-out", by=LEA) == "C'est fait."
        assert await house.commands("keep", by=LEA, when="never") == "Réservé."
        assert (
            await house.commands("opt-in", by=LEA)
            == "Done. Your messages are part of the transcript again, where one is kept."
        )


async def test_a_press_is_answered_in_the_language_of_whoever_pressed(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        assert await house.commands("forget-me", by=LEA) == "Sûr ?"
        assert [action.label for action in shown(house)[-1].actions] == ["Tout effacer"]
        assert await house.presses(f"{FORGET_PRESS}:yes", by=LEA) == "Effacé : 0, 0, 0."


async def test_in_a_channel_the_channels_language_is_spoken_and_alone_the_persons(tmp_path: Path) -> None:
    async with rig(tmp_path, ("A cove.",), ("A cove.",), phrases=Phrases(tongues=Channels())) as house:
        await house.says(said("what is a calanque?", by=LEA))
        await house.idle()
        assert texts_of(house, GENERAL.id)[0] == "90 日"
        assert labels(house, GENERAL.id) == {"停止"}
        await house.says(said("and what is a cove?", by=LEA, place=direct(LEA)))
        await house.idle()
        assert texts_of(house, direct(LEA).id)[0] == "90 jours"
        assert labels(house, direct(LEA).id) == {"Arrêter"}


async def test_who_speaks_a_language_without_words_hears_that_of_the_community(tmp_path: Path) -> None:
    community = Settings().community.model_copy(update={"language": "fr"})
    settings = Settings().model_copy(update={"community": community})
    async with rig(tmp_path, phrases=Phrases("fr"), settings=settings) as house:
        assert await house.commands("opt-out", by=replace(ANA, locale="gl")) == "C'est fait."
        assert await house.commands("opt-out", by=ANA) == "C'est fait."


class Forgetful:
    async def of(self, conversation: Conversation, *, person: str = "", locale: str | None = None) -> str:
        raise DatabaseUnusable("gone")


async def test_nobody_goes_without_an_answer_because_their_language_is_not_known(tmp_path: Path) -> None:
    async with rig(tmp_path, phrases=Phrases("fr", tongues=Forgetful())) as house:
        assert await house.commands("opt-out", by=replace(ANA, locale="ja")) == "C'est fait."


def shown(house: Rig) -> list[Delivery]:
    return list(house.platform.revisions)


def texts_of(house: Rig, place: str) -> list[str]:
    return [each.text for each in shown(house) if each.conversation.place.id == place]


def labels(house: Rig, place: str) -> set[str]:
    """Of every button that was ever shown there."""
    return {action.label for each in shown(house) if each.conversation.place.id == place for action in each.actions}
