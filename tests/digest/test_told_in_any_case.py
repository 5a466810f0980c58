"""Whoever asked for a digest is told what becomes of it, also where it fails and where they take no direct messages."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.errors import EngineBroke
from bot.talk.message import Person
from tests.digest.demanding import FakeMaker, Harbour, Scene, scene
from tests.fakes import ANA, BEN, GENERAL

SAID = "- The anchor holds "
FAILED = "I tried several times to look through what was said, and could not. I am sorry."
READY = "I could not send it to you as a direct message. Press to read it here, alone."


async def moderates(here: Scene, name: str, **arguments: str) -> None:
    await here.commands(name, moderator=True, handle=f"h-{name}", **arguments)  # pyright: ignore[reportArgumentType] # none is called by or place


async def creates(here: Scene, where: str = "here") -> str:
    """The number of a digest of Ana's."""
    here.rights.moderators = [ANA.key]
    await moderates(here, "digest-create", what="here", when="every day at 20", where=where)
    return here.told()[-1].split()[1]


async def subscribes(here: Scene, number: str, by: Person) -> None:
    await here.commands("digest-subscribe", by=by, number=number, handle="s")


async def test_a_digest_that_fails_when_it_is_tried_is_apologised_for(tmp_path: Path) -> None:
    maker = FakeMaker()
    maker.fails = [EngineBroke() for _ in range(9)]
    async with scene(tmp_path, maker=maker) as here:
        number = await creates(here)
        await moderates(here, "digest-show", number=number)
        for _ in range(6):
            await here.passes(170)
        assert here.told().count(FAILED) == 1
        assert len(maker.orders) == 4


async def test_a_digest_that_is_removed_while_it_is_tried_leaves_word_of_that(tmp_path: Path) -> None:
    maker = FakeMaker()
    maker.fails = [EngineBroke()]
    async with scene(tmp_path, maker=maker) as here:
        number = await creates(here)
        await moderates(here, "digest-show", number=number)
        await moderates(here, "digest-remove", number=number)
        await here.passes(30)
        assert here.told()[-1] == "There is nothing that you could be shown of it now."


async def test_a_digest_that_is_tried_waits_behind_a_button_where_no_direct_message_is_taken(tmp_path: Path) -> None:
    platform = Harbour()
    platform.shut = {ANA.key}
    async with scene(tmp_path, platform=platform) as here:
        number = await creates(here)
        await moderates(here, "digest-show", number=number)
        await here.passes(2)
        (offer,) = [each for each in platform.standing.values() if each.actions]
        assert (offer.text, offer.conversation.only) == (READY, ANA.key)
        await here.presses(offer.actions[0].id, handle="h2")
        assert SAID in here.told()[-1]
        assert here.public() == []


async def test_an_apology_waits_behind_a_button_too_when_the_command_s_own_way_is_over(tmp_path: Path) -> None:
    platform, maker = Harbour(), FakeMaker()
    maker.fails, platform.shut = [EngineBroke() for _ in range(9)], {ANA.key}
    async with scene(tmp_path, maker=maker, platform=platform) as here:
        await here.commands("catch-up", handle="h")
        platform.dead = {"h"}
        for _ in range(6):
            await here.passes(170)
        (button,) = [each for each in here.public() if each.actions]
        await here.presses(button.actions[0].id, by=BEN, handle="b")
        await here.presses(button.actions[0].id, handle="h2")
        assert here.told()[-1] == FAILED
        assert here.told(BEN) == ["That is for whoever asked for it alone."]


async def test_a_subscriber_who_takes_no_direct_messages_is_told_once_without_a_name_and_is_sent_no_more(
    tmp_path: Path,
) -> None:
    platform = Harbour()
    platform.shut = {BEN.key}
    async with scene(tmp_path, platform=platform) as here:
        number = await creates(here, where="subscribers")
        for person in (ANA, BEN):
            await subscribes(here, number, person)
        await here.passes(86400)
        await here.passes(60)
        (button,) = here.public()
        assert BEN.name not in button.text
        assert "takes no direct messages" in button.text
        await here.presses(button.actions[0].id, handle="a")
        assert here.told()[-1] == "That is for whoever asked for it alone."
        await here.presses(button.actions[0].id, by=BEN, handle="b")
        assert SAID in here.told(BEN)[-1]
        shown = len(here.told(BEN))
        await here.passes(86400)
        assert len(here.told(BEN)) == shown
        assert len(here.public()) == 1


async def test_who_is_gone_and_takes_no_direct_messages_leaves_no_word_in_the_channel(tmp_path: Path) -> None:
    platform, maker = Harbour(), FakeMaker()
    platform.shut, maker.gate = {BEN.key}, asyncio.Event()
    async with scene(tmp_path, maker=maker, platform=platform) as here:
        await subscribes(here, await creates(here, where="subscribers"), BEN)
        await here.passes(86400)
        here.rights.readers = {GENERAL.key: [ANA.key]}
        maker.gate.set()
        await here.passes(60)
        assert here.public() == []
        (plan,) = await here.store.plans(kind="digest", limit=2)
        assert await here.store.subscribers(plan.id, limit=9) == ()
