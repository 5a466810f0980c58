"""What becomes of a message while its copy waits for the platform is seen in the other channels, and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.errors import PlatformUnavailable
from bot.talk.delivery import Delivery, Shown
from tests.fakes import FakePlatform
from tests.mirror.scene import EN, JA, scene
from tests.settling import settle


class Away(FakePlatform):
    """While it is `away`, nothing can be said in JA, which it says when it `may`."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.may = asyncio.Event()
        self.may.set()

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        if self.away and delivery.conversation.place == JA:
            await self.may.wait()
            away = PlatformUnavailable("a test wants it so")
            away.shown = shown  # it was certainly not sent
            raise away
        return await super().deliver(delivery, shown)

    def ever(self, text: str) -> bool:
        return any(text in each.text for each in self.revisions if each.conversation.place == JA)


async def test_a_message_that_is_deleted_while_its_copy_waits_is_never_seen(tmp_path: Path) -> None:
    platform = Away()
    async with scene(tmp_path, platform=platform) as at:
        await at.links()
        platform.away = True
        message = await at.says("secret")
        await at.rig.passes(10)
        await at.deletes(message.id)
        platform.away = False
        await at.rig.passes(120)
        assert not platform.ever("secret")
        await at.says("public")
        await at.rig.passes(5)
        assert platform.ever("public")


async def test_a_message_that_is_deleted_while_its_copy_fails_to_be_sent_is_never_seen(tmp_path: Path) -> None:
    platform = Away()
    async with scene(tmp_path, platform=platform) as at:
        await at.links()
        platform.away = True
        message = await at.says("secret")
        platform.may.clear()
        await at.rig.passes(10)
        await at.deletes(message.id)
        platform.may.set()
        await settle()
        await at.rig.passes(20)
        platform.away = False
        await at.rig.passes(120)
        assert not platform.ever("secret")


async def test_what_is_edited_while_its_copy_waits_is_seen_as_it_is_now(tmp_path: Path) -> None:
    platform = Away()
    async with scene(tmp_path, platform=platform) as at:
        await at.links()
        platform.away = True
        message = await at.says("secret")
        await at.rig.passes(10)
        await at.edits(message, "public")
        platform.away = False
        await at.rig.passes(120)
        assert platform.ever("public")
        assert not platform.ever("secret")


async def test_nothing_waits_for_a_channel_that_is_linked_no_more(tmp_path: Path) -> None:
    platform = Away()
    async with scene(tmp_path, platform=platform) as at:
        await at.links()
        platform.away = True
        await at.says("secret")
        await at.rig.passes(10)
        await at.commands("mirror-unlink", place=EN)
        platform.away = False
        await at.rig.passes(120)
        assert not platform.ever("secret")
