"""What tells of people's messages is looked at again before each send, and brought up to date where it stands."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.talk.delivery import Delivery
from bot.talk.digest import Told, text_of
from bot.talk.message import Addressed, Conversation, Message
from tests.deliver.quay import AWAY, Quay, quay
from tests.fakes import GENERAL, said


async def wrote(here: Quay, text: str) -> Message:
    message = said(text, addressed=Addressed.NO)
    assert await here.store.record(message, keep=True)
    here.store.on_edited(here.deliver.edited)
    return message


def digest(*messages: Message) -> Delivery:
    told = tuple(Told(text=f"- {each.text}", messages=frozenset({each.id})) for each in messages)
    return Delivery(id="digest", conversation=Conversation(place=GENERAL), text=text_of(told), told=told)


async def test_what_went_after_it_was_made_is_not_sent(tmp_path: Path) -> None:
    async with quay(tmp_path) as here:
        one, other = await wrote(here, "one"), await wrote(here, "other")
        made = digest(one, other)
        await here.store.delete_messages(GENERAL, [one.id])
        await here.deliver.post(made)
        assert [each.text for each in here.platform.revisions] == ["- other"]
        assert await here.waiting() == []


async def test_what_goes_while_it_waits_for_the_platform_is_not_sent(tmp_path: Path) -> None:
    async with quay(tmp_path) as here:
        one, other = await wrote(here, "one"), await wrote(here, "other")
        here.platform.failures = [AWAY]
        await here.deliver.post(digest(one, other))
        await here.store.delete_messages(GENERAL, [one.id])
        await here.passes(5)
        assert {each.text for each in here.platform.revisions} == {"- other"}
        assert await here.waiting() == []


async def test_what_goes_while_it_is_being_sent_is_taken_away_right_after(tmp_path: Path) -> None:
    async with quay(tmp_path) as here:
        one, other = await wrote(here, "one"), await wrote(here, "other")
        gate = here.platform.hold = asyncio.Event()
        posting = asyncio.create_task(here.deliver.post(digest(one, other)))
        await here.passes(0)
        assert here.platform.in_flight == 1
        await here.store.delete_messages(GENERAL, [one.id])
        gate.set()
        await posting
        await here.passes(5)
        assert here.texts() == ["- other"]
        assert await here.waiting() == []


async def test_what_goes_where_it_stands_is_taken_away_by_edit(tmp_path: Path) -> None:
    async with quay(tmp_path) as here:
        one, other = await wrote(here, "one"), await wrote(here, "other")
        await here.deliver.post(digest(one, other))
        (standing,) = here.platform.standing
        here.platform.failures = [AWAY]
        await here.store.delete_messages(GENERAL, [one.id])
        await here.passes(5)
        assert {message: each.text for message, each in here.platform.standing.items()} == {standing: "- other"}
        assert await here.waiting() == []
        await here.store.delete_messages(GENERAL, [other.id])
        await here.passes(5)
        assert here.texts() == []
        assert await here.waiting() == []


async def test_where_nothing_is_left_of_it_nothing_is_sent(tmp_path: Path) -> None:
    async with quay(tmp_path) as here:
        one = await wrote(here, "one")
        made = digest(one)
        await here.store.delete_messages(GENERAL, [one.id])
        await here.deliver.post(made)
        assert here.platform.standing == {}
        assert await here.waiting() == []
