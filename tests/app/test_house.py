"""What the house is built on reaches the tools."""

from __future__ import annotations

from pathlib import Path

from bot.app.parts import all_commands
from bot.languages.phrases import Phrases
from bot.languages.sentences import SENTENCES
from bot.settings import KnowledgeSettings, Settings
from bot.talk.turn import Call
from tests.fakes import said
from tests.rig import rig
from tests.rights import FakeRights
from tests.tools.test_web import Library


async def test_the_model_reads_and_searches_the_web_that_the_house_has(tmp_path: Path) -> None:
    read = Call(id="c1", name="web_read", arguments='{"url": "https://a.example/"}')
    search = Call(id="c2", name="web_search", arguments='{"words": "boats"}')
    library, rights = Library(), FakeRights(readers={})
    async with rig(
        tmp_path, (read,), (search,), ("They float.",), web=library, web_search=library, rights=rights
    ) as house:
        await house.says(said("what does https://a.example/ say of boats?"))
        await house.idle()
        assert "About boats" in house.asked()
        assert "They float." in house.asked()


async def test_a_house_without_the_web_offers_none(tmp_path: Path) -> None:
    async with rig(tmp_path, ("Hello.",)) as house:
        await house.says(said("hello"))
        await house.idle()
        assert "web_" not in house.asked()


async def test_what_platforms_show_as_commands_is_carried_out_and_nothing_else(tmp_path: Path) -> None:
    settings = Settings(knowledge=KnowledgeSettings(by_staff=True))
    async with rig(tmp_path, settings=settings) as house:
        shown = all_commands(settings, Phrases())
        assert house.handled == {command.name for command in shown if not command.form}


def test_each_value_that_can_be_chosen_has_a_name_in_every_language() -> None:
    settings = Settings(knowledge=KnowledgeSettings(by_staff=True))
    arguments = (each for command in all_commands(settings, Phrases()) for each in command.arguments)
    assert {f"choice-{value}" for each in arguments for value in each.choices} <= SENTENCES.keys()
