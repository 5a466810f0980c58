"""What replies to something in one of the linked channels replies to its counterpart in the others."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.mirror.carrying import DOUBT
from bot.talk.delivery import Delivery, Shown
from bot.talk.message import Addressed, Place, Quote, QuoteKind
from tests.fakes import BEN, FakePlatform, said
from tests.mirror.scene import EN, FR, JA, scene


async def test_a_reply_becomes_a_reply_to_the_counterpart_in_each_channel_and_pings_nobody(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links("#help-en #help-eo #help-ia", "en eo ia")
        asked = await at.says("How?")
        (in_ja,), (in_fr,) = at.stands(JA), at.stands(FR)
        await at.says("eo:so", JA, by=BEN, reply_to=at.id_of(in_ja))
        assert at.stands(EN)[-1].reply_to == asked.id
        assert at.stands(FR)[-1].reply_to == at.id_of(in_fr)
        assert all(each.quiet for place in (EN, JA, FR) for each in at.stands(place))


class Slow(FakePlatform):
    """What is sent to `at` stands there for people, and we are not answered until `may`."""

    def __init__(self, at: Place) -> None:
        super().__init__()
        self.at = at
        self.may = asyncio.Event()
        self.may.set()

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        now = await super().deliver(delivery, shown)
        if delivery.conversation.place == self.at:
            await self.may.wait()
        return now


async def test_a_reply_to_a_copy_before_we_know_that_it_stands_becomes_one_in_each_channel(tmp_path: Path) -> None:
    platform = Slow(JA)
    async with scene(tmp_path, platform=platform) as at:
        await at.links("#help-en #help-eo #help-ia", "en eo ia")
        platform.may.clear()
        asked = await at.says("How?")
        (in_ja,), (in_fr,) = at.stands(JA), at.stands(FR)
        await at.says("eo:so", JA, by=BEN, reply_to=at.id_of(in_ja))
        await at.rig.passes(5)
        assert (len(at.stands(EN)), len(at.stands(FR))) == (0, 1)
        platform.may.set()
        await at.rig.passes(5)
        assert at.stands(EN)[-1].reply_to == asked.id
        assert at.stands(FR)[-1].reply_to == at.id_of(in_fr)


async def test_a_reply_to_what_nobody_knows_waits_a_while_and_not_for_ever(tmp_path: Path) -> None:
    platform = Slow(JA)
    async with scene(tmp_path, platform=platform) as at:
        await at.links()
        platform.may.clear()
        await at.says("How?")
        await at.says("eo:so", JA, by=BEN, reply_to="older")
        await at.rig.passes(DOUBT.total_seconds() - 10)
        assert at.stands(EN) == []
        await at.rig.passes(20)
        assert [each.reply_to for each in at.stands(EN)] == [None]
        platform.may.set()


async def test_a_reply_to_something_that_was_said_before_the_link_carries_nothing_of_that_over(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        old = await at.says("old secret")
        await at.links()
        quote = Quote(kind=QuoteKind.REPLIED, author="Ana", text="old secret", message=old.id)
        await at.says("As I said", reply_to=old.id, quotes=[quote])
        (copy,) = at.stands(JA)
        assert copy.reply_to is None
        assert "old secret" not in copy.text


async def test_who_replies_to_a_copy_talks_to_its_author_and_not_to_the_bot(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        await at.says("How?")
        copy = at.id_of(at.stands(JA)[0])
        await at.hears(said("eo:so", by=BEN, place=JA, addressed=Addressed.REPLY, reply_to=copy, at=at.rig.clock.now()))
        assert at.texts(EN) == ["**Ben**\nen:so"]
        assert at.rig.engine.prompts == []


async def test_who_replies_to_a_copy_before_we_know_that_it_stands_does_not_talk_to_the_bot(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        at.platform.hold = asyncio.Event()  # stands there for people, and we are not answered yet
        await at.says("How?")
        now = at.rig.clock.now()
        await at.hears(said("eo:so", by=BEN, place=JA, addressed=Addressed.REPLY, reply_to="new", at=now))
        at.platform.hold.set()
        await at.rig.passes(5)
        assert at.texts(EN) == ["**Ben**\nen:so"]
        assert at.rig.engine.prompts == []
