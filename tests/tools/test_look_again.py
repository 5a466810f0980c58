"""A whole turn in which the model looks at a picture again that was posted before it was asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.talk.message import Addressed, Attachment, Place
from bot.talk.prompt import Engine
from bot.talk.turn import Call
from tests.fakes import ANA, BEN, GENERAL, FakeEngine, FakePlatform, said
from tests.rig import Rig, rig
from tests.rights import FakeRights

CAT = Attachment(id="2", name="cat.png", media_type="image/png", size=9, source="cat")
LOOK = Call(id="1", name="look_again", arguments='{"name": "cat"}')
TEAM = Place(platform="local", id="team", name="team")


def harbour() -> FakePlatform:
    platform = FakePlatform()
    platform.files = {"cat": b"IMAGE cat"}
    return platform


async def posts(house: Rig, place: Place) -> None:
    message = said("my cat", by=BEN, place=place, attachments=(CAT,))
    await house.store.record(replace(message, addressed=Addressed.NO), keep=True)


async def test_the_model_sees_the_picture_after_the_result_and_its_bytes_are_kept(tmp_path: Path) -> None:
    async with rig(tmp_path, (LOOK,), ("A grey cat.",), platform=harbour()) as house:
        await posts(house, GENERAL)
        await house.says(said("what colour was the cat?"))
        await house.platform.final("A grey cat.")
        *_, result, picture = house.engine.prompts[-1].pieces
        assert '"cat.png" (posted by Ben' in result.text
        assert [image.digest for image in picture.images] == ["digest-IMAGE cat"]
        assert await house.store.images(["digest-IMAGE cat"])


async def test_a_picture_from_where_not_all_can_read_is_not_shown_to_them(tmp_path: Path) -> None:
    rights = FakeRights(readers={GENERAL.key: {ANA.key, BEN.key}, TEAM.key: {ANA.key}})
    async with rig(tmp_path, (LOOK,), ("I see none.",), platform=harbour(), rights=rights) as house:
        await posts(house, TEAM)
        await house.says(said("what colour was the cat?"))
        await house.platform.final("I see none.")
        assert not any(piece.images for piece in house.engine.prompts[-1].pieces)
        assert "there is no file of that name" in house.asked()
        assert "cat.png" not in house.asked()


async def test_a_model_without_eyes_is_told_so(tmp_path: Path) -> None:
    engine = FakeEngine(
        (LOOK,), ("I cannot see.",), engine=Engine(name="fake", model="fake", window=32768, vision=False, tools=True)
    )
    async with rig(tmp_path, engine=engine, platform=harbour()) as house:
        await posts(house, GENERAL)
        await house.says(said("what colour was the cat?"))
        await house.platform.final("I cannot see.")
        assert "you cannot see pictures" in house.asked()
        assert not any(piece.images for piece in engine.prompts[-1].pieces)


async def test_without_a_name_the_latest_files_are_listed(tmp_path: Path) -> None:
    call = Call(id="1", name="look_again", arguments="{}")
    async with rig(tmp_path, (call,), ("A cat.",), platform=harbour()) as house:
        await posts(house, GENERAL)
        await house.says(said("what was posted here?"))
        await house.platform.final("A cat.")
        assert '- "cat.png" (posted by Ben on ' in house.asked()
