"""An answer is in the language that it shall be in, or is made once more; where nothing is known nothing changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answer.turn import BREAKS
from bot.errors import EngineBroke
from bot.languages.tags import alike
from bot.talk.language import Languages, Pins
from bot.talk.message import Place
from bot.talk.support import SupportChannel
from tests.fakes import ANA, GENERAL, said
from tests.languages.speakers import identifies
from tests.rig import rig

ENGLISH = ("These words stays English as always, this lines holds",)
GERMAN = ("Dat ist nicht mehr recht, dat hast gut gesagt nicht",)


async def test_where_no_language_is_chosen_the_prompt_is_what_it_always_was(tmp_path: Path):
    asked: list[list[str]] = []
    for each, known in enumerate((None, identifies)):
        folder = tmp_path / str(each)
        folder.mkdir()
        async with rig(folder, identifies=known) as house:
            await house.says(said("hello you there", message_id="m1"))
            await house.platform.final("Yes.")
            asked.append([piece.text for piece in house.engine.prompts[0].pieces])
    assert asked[0] == asked[1]


async def test_a_chosen_language_stands_last_in_the_question_and_stays_there(tmp_path: Path):
    again = (GERMAN[0] + " mehr",)
    async with rig(tmp_path, GERMAN, again, identifies=identifies) as house:
        await house.store.pin_language(Pins.PLACE, GENERAL, ANA.key, "de")
        for text, answer in (("first", GERMAN[0]), ("second", again[0])):
            await house.says(said(text))
            await house.platform.final(answer)
        first, second = (prompt.pieces for prompt in house.engine.prompts)
        assert first[-1].text.endswith("(Answer in German, whatever language is used above.) </q>")
        assert second[: len(first)] == first


async def test_an_answer_in_another_language_is_made_once_more_and_only_the_second_is_shown(tmp_path: Path):
    async with rig(tmp_path, ENGLISH, GERMAN, identifies=identifies) as house:
        await house.store.pin_language(Pins.PLACE, GENERAL, ANA.key, "de")
        await house.says(said("hello"))
        assert (await house.platform.final(GERMAN[0])).text == GERMAN[0]
        first, second = (prompt.pieces for prompt in house.engine.prompts)
        assert second[: len(first)] == first
        assert "It was not in German." in second[-1].text
        assert house.counters.get("answer_languages_total", outcome="again") == 1
        assert house.counters.get("answer_languages_total", outcome="mended") == 1


async def test_what_is_kept_of_languages_is_read_once_for_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    again = (GERMAN[0] + " mehr",)
    async with rig(tmp_path, GERMAN, again, identifies=identifies) as house:
        await house.store.pin_language(Pins.PLACE, GENERAL, ANA.key, "de")
        await house.says(said("first"))  # with it people are told that words are kept from now on
        await house.platform.final(GERMAN[0])
        read, asked = house.store.languages, list[str]()

        async def counted(place: Place, person: str = "") -> Languages:
            asked.append(person)
            return await read(place, person)

        monkeypatch.setattr(house.store, "languages", counted)
        await house.says(said("second"))
        await house.platform.final(again[0])
        assert asked == [ANA.key]


async def test_a_second_answer_in_another_language_stands(tmp_path: Path):
    async with rig(tmp_path, ENGLISH, ENGLISH, identifies=identifies) as house:
        await house.store.pin_language(Pins.PLACE, GENERAL, ANA.key, "de")
        await house.says(said("hello"))
        assert (await house.platform.final(ENGLISH[0])).text == ENGLISH[0]
        assert len(house.engine.prompts) == 2
        assert house.counters.get("answer_languages_total", outcome="wrong") == 1


@pytest.mark.parametrize(
    "answer",
    ["Yes.", "`these words stays code always this lines holds`", "> these words stays quoted always this lines"],
)
async def test_what_says_nothing_of_its_language_passes(tmp_path: Path, answer: str):
    async with rig(tmp_path, (answer,), identifies=identifies) as house:
        await house.store.pin_language(Pins.PLACE, GENERAL, ANA.key, "de")
        await house.says(said("hello"))
        await house.platform.final(answer)
        assert len(house.engine.prompts) == 1


async def test_a_message_counts_once_for_its_language_however_often_the_engine_breaks(tmp_path: Path):
    breaks = [("Half", EngineBroke("killed"))] * (BREAKS - 1)
    async with rig(tmp_path, *breaks, GERMAN, identifies=identifies) as house:
        listing = SupportChannel(place=GENERAL, languages=("en", "de"), staff_language="en", grounded=False)
        await house.store.save_support_channel(listing)
        await house.minute()
        await house.says(said("dat ist nicht recht gut gesagt"))
        await house.passes(30)
        await house.idle()
        assert len(house.engine.prompts) == BREAKS
        assert (await house.store.languages(GENERAL, ANA.key)).before == ("de",)


def test_languages_that_are_close_are_not_held_against_an_answer():
    assert alike("nb", "da")
    assert alike("bs", "hr")
    assert not alike("en", "de")
