"""What becomes of a message to which something happens while it is carried over."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import PlatformUnavailable
from bot.settings import MirrorSettings
from bot.talk.delivery import Delivery, Shown
from bot.talk.event import Edited
from bot.talk.message import Addressed, Conversation, Place
from bot.talk.policy import Consent
from tests.fakes import ANA, BEN, FakePlatform, said
from tests.mirror.scene import CYD, EN, FR, JA, Scene, scene
from tests.mirror.test_threads import Forums, heads, inside, thread
from tests.rights import FakeRights
from tests.settling import settle

ALL = ("#help-en #help-eo #help-ia", "en eo ia")


class Uneven(FakePlatform):
    """Into `slow` nothing can be sent before it is set again."""

    def __init__(self) -> None:
        super().__init__()
        self.slow: Place | None = None
        self.goes_on = asyncio.Event()

    async def _deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        if self.slow is not None and delivery.conversation.place.key == self.slow.key:
            await self.goes_on.wait()
        return await super()._deliver(delivery, shown)


async def translated(at: Scene) -> None:
    assert at.translates.held is not None
    at.translates.held.set()
    at.translates.held = None
    await settle()
    await at.minute()


@pytest.mark.parametrize("what", ["deleted", "forgotten", "opted out"])
async def test_what_goes_while_it_is_being_translated_is_never_shown(tmp_path: Path, what: str) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        at.translates.held = asyncio.Event()
        message = await at.says("oops")
        assert at.translates.asked == ["oops"]
        if what == "deleted":
            await at.deletes(message.id)
        elif what == "forgotten":
            await at.rig.store.forget(ANA.key)
        else:
            await at.rig.store.save_consent(ANA.key, Consent(opted_out=True))
        await translated(at)
        assert not any("oops" in each.text for each in at.platform.revisions)


async def test_of_several_quick_edits_the_last_stands_there_once(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        at.translates.held = asyncio.Event()
        message = await at.says("one")
        for text in ("two", "three"):
            at.rig.clock.jump(1)
            message = replace(message, text=text, edited_at=at.rig.clock.now())
            await at.rig.hearing.hear(Edited(message=message))
        await translated(at)
        assert at.texts(JA) == ["**Ana**\neo:three"]
        assert not any("eo:two" in each.text or "eo:one" in each.text for each in at.platform.revisions)


async def test_a_channel_into_which_nothing_can_be_sent_holds_up_no_other(tmp_path: Path) -> None:
    platform = Uneven()
    async with scene(tmp_path, platform=platform, limits=MirrorSettings(backlog=10)) as at:
        await at.links(*ALL)
        platform.slow = FR
        for number in range(12):
            await at.says(f"{number}")
        assert at.texts(JA) == [f"**Ana**\neo:{number}" for number in range(12)]
        assert at.rig.counters.get("mirror_copies_lost_total", reason="backlog") == 2
        platform.slow = None
        platform.goes_on.set()
        await settle()
        await at.minute()
        await settle()
        assert at.texts(FR) == [f"**Ana**\nia:{number}" for number in range(10)]
        assert any("missing" in each for each in at.told(FR))
        assert not any("missing" in each for place in (EN, JA) for each in at.told(place))


async def test_where_we_may_not_write_for_an_hour_copies_wait_and_the_others_go_on(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links(*ALL)
        at.rights.barred = (FR.id,)
        await at.says("one")
        await at.rig.passes(3600)
        await at.says("two")
        assert at.texts(JA) == ["**Ana**\neo:one", "**Ana**\neo:two"]
        assert at.texts(FR) == []
        at.rights.barred = ()
        await at.rig.passes(30)
        assert at.texts(FR) == ["**Ana**\nia:one", "**Ana**\nia:two"]


async def test_where_we_may_not_write_for_a_day_the_link_ends(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links(*ALL)
        at.rights.barred = (FR.id,)
        await at.says("one")
        for _ in range(3):
            await at.rig.passes(12 * 3600)
        assert any("cannot write in one of the linked channels" in each for each in at.told(JA))
        await at.says("two")
        assert at.texts(JA) == ["**Ana**\neo:one"]


async def test_a_reply_to_a_copy_that_a_moderator_deleted_is_carried_over_without_what_it_answers(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        asked = await at.says("Buy now")
        await at.deletes(at.id_of(at.stands(JA)[0]), place=JA)
        await at.says("No", reply_to=asked.id)
        assert at.stands(JA)[-1].reply_to is None


async def test_what_waits_to_be_sent_is_not_sent_to_others_than_moderators_confirmed(tmp_path: Path) -> None:
    async with scene(tmp_path, readers={EN.key: (ANA.key, BEN.key)}) as at:
        await at.links()
        await at.says("one")
        at.platform.failures.append(PlatformUnavailable("not now"))
        await at.says("secret")
        at.rights.readers = {**at.rights.readers, JA.key: (ANA.key, BEN.key, CYD.key, "local:dan")}
        await at.rig.passes(60)
        assert at.texts(JA) == ["**Ana**\neo:one"]
        assert not any("secret" in each.text for each in at.platform.revisions)


async def test_who_edits_a_message_without_end_holds_up_nobody(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        first = await at.says("one")
        at.translates.held = asyncio.Event()
        for number in range(3):
            at.rig.clock.jump(1)
            first = await at.edits(first, f"one {number}")
        at.rig.clock.jump(1)
        await at.says("two", by=BEN)
        at.rig.clock.jump(1)
        await at.edits(first, "one again")
        await translated(at)
        shown = [each.text for each in at.platform.revisions if "**" in each.text[:2]]
        assert shown.index("**Ben**\neo:two") < shown.index("**Ana**\neo:one again")
        assert at.texts(JA) == ["**Ana**\neo:one again", "**Ben**\neo:two"]


@pytest.mark.parametrize("stood", [True, False])
async def test_what_the_last_door_hides_is_counted_and_no_edit_brings_it_back(tmp_path: Path, stood: bool) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        readers = at.rights.readers
        before = await at.says("before") if stood else None
        at.rig.clock.jump(1)
        at.translates.held = asyncio.Event()
        message = await (at.says("secret") if before is None else at.edits(before, "secret"))
        at.rights.readers = {**readers, EN.key: (ANA.key,)}
        at.translates.held.set()
        await settle()
        at.translates.held, at.rights.readers = None, readers
        assert at.texts(JA) == []
        for text in ("again", "for the third time"):
            at.rig.clock.jump(1)
            message = await at.edits(message, text)
        await at.says("after")
        assert at.texts(JA) == ["**Ana**\neo:after"]
        assert at.rig.counters.get("mirror_copies_lost_total", reason="hidden") == 1
        assert at.rig.counters.get("mirror_copies_total", kind="translated") == (2 if stood else 1)
        await at.deletes(message.id)
        assert at.texts(JA) == ["**Ana**\neo:after"]
        assert await at.rig.store.copies_waiting() == 0


async def test_a_thread_whose_beginning_the_last_door_hid_begins_when_the_right_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        readers, open_to = at.rights.readers, at.rights.open_to

        async def once(_: FakeRights, rooms: Collection[str], conversation: Conversation) -> frozenset[str] | None:
            found = await open_to(rooms, conversation)
            at.rights.readers = readers
            return found

        at.translates.held = asyncio.Event()
        await at.says("one", thread(EN, "77"))
        monkeypatch.setattr(FakeRights, "open_to", once)
        at.rights.readers = {**readers, EN.key: (ANA.key,)}
        at.translates.held.set()
        await settle()
        assert heads(at, JA) == []
        await at.rig.passes(30)
        await at.says("two", thread(EN, "77"))
        (head,) = heads(at, JA)
        assert [each.text for each in inside(at, JA, at.id_of(head))] == ["**Ana**\neo:one", "**Ana**\neo:two"]
        assert at.rig.counters.get("mirror_copies_lost_total", reason="hidden") == 0


async def test_a_post_that_the_last_door_hid_is_begun_by_what_is_said_in_it_later(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await Forums.linked(at)
        here, readers = thread(EN, "900"), at.rights.readers
        opening = said("secret", by=ANA, place=here, addressed=Addressed.NO, at=at.rig.clock.now())
        opening = replace(opening, id=here.id)
        at.translates.held = asyncio.Event()
        await at.hears(opening)
        at.rights.readers = {**readers, EN.key: (ANA.key,)}
        at.translates.held.set()
        await settle()
        at.translates.held, at.rights.readers = None, readers
        await at.says("Below", here)
        at.rig.clock.jump(1)
        await at.edits(opening, "secret again")
        ((made, head),) = Forums.posts(at, JA)
        assert head.text == "🧵 eo:A leak"
        assert [each.text for each in inside(at, JA, made)] == ["**Ana**\neo:Below"]
