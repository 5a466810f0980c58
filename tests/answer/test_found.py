"""A whole turn that found what somebody wrote: it is gone from the next prompt once they have deleted it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.talk.event import Deleted
from bot.talk.message import Addressed, Attachment, Message
from bot.talk.turn import GONE, Call
from tests.fakes import BEN, GENERAL, FakePlatform, said
from tests.rig import Rig, rig
from tests.rights import FakeRights

SEARCH = Call(id="1", name="search_history", arguments='{"words": "periwinkle"}')
LOOK = Call(id="1", name="look_again", arguments='{"name": "shell"}')
SHELL = Attachment(id="2", name="shell.png", media_type="image/png", size=9, source="shell")
RIGHTS = FakeRights(readers={GENERAL.key: {"local:ana", BEN.key}})


async def ben_writes(house: Rig, text: str, *files: Attachment) -> Message:
    message = replace(said(text, by=BEN, attachments=files), addressed=Addressed.NO)
    await house.store.record(message, keep=True)
    await house.store.index_due(now=house.clock.now(), limit=100)
    return message


async def test_what_a_search_found_is_gone_after_the_message_was_deleted(tmp_path: Path) -> None:
    async with rig(tmp_path, (SEARCH,), ("Ben did.",), ("No idea.",), rights=RIGHTS) as house:
        message = await ben_writes(house, "the periwinkle opens at dawn")
        await house.says(said("who knows about shells?"))
        await house.platform.final("Ben did.")
        assert "opens at dawn" in house.asked()
        await house.idle()
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=(message.id,)))
        await house.says(said("and now?"))
        await house.platform.final("No idea.")
        assert "opens at dawn" not in house.asked()
        assert GONE in house.asked()
        assert "Ben did." in house.asked()
        assert house.counters.get("prefix_breaks_total", cause="deletion") == 1


async def test_a_picture_that_was_looked_at_again_is_gone_after_its_author_was_forgotten(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.files = {"shell": b"IMAGE shell"}
    async with rig(tmp_path, (LOOK,), ("White.",), ("No idea.",), rights=RIGHTS, platform=platform) as house:
        await ben_writes(house, "look", SHELL)
        await house.says(said("what colour is it?"))
        await house.platform.final("White.")
        await house.idle()
        await house.store.forget(BEN.key)
        await house.says(said("and now?"))
        await house.platform.final("No idea.")
        assert "shell.png" not in house.asked()
        assert not any(piece.images for piece in house.engine.prompts[-1].pieces)
        assert not await house.store.images(["digest-IMAGE shell"])
