"""What is long is a direct message; where none is taken it waits behind a button, and opens for the asker alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.talk.digest import Made
from tests.digest.demanding import POINT, FakeMaker, Harbour, scene
from tests.fakes import ANA, BEN, GENERAL

SAID = "- The anchor holds "
LONG = tuple(replace(POINT, text=f"The anchor holds, {number} " + "x" * 200) for number in range(40))


def long_maker() -> FakeMaker:
    maker = FakeMaker()
    maker.points, maker.made = LONG, Made.EXTRACTS
    return maker


async def test_a_long_one_comes_as_a_direct_message_and_its_place_says_so(tmp_path: Path) -> None:
    async with scene(tmp_path, maker=long_maker()) as here:
        await here.commands("catch-up", handle="h")
        notice, letter = here.platform.standing.values()
        assert (notice.handle, letter.handle) == ("h", None)
        assert "sent it to you as a direct message" in notice.text
        assert letter.text.count("The anchor holds") == len(LONG)
        assert "Made without a model" in letter.text
        assert letter.conversation.only == ANA.key


async def test_where_no_direct_message_is_taken_it_waits_behind_a_button_that_only_the_asker_sees(
    tmp_path: Path,
) -> None:
    platform = Harbour()
    platform.shut = {ANA.key}
    async with scene(tmp_path, maker=long_maker(), platform=platform) as here:
        await here.commands("catch-up", handle="h")
        await here.passes(2)
        (offer,) = [each for each in platform.standing.values() if each.actions]
        assert (offer.conversation.only, offer.handle) == (ANA.key, "h")
        await here.presses(offer.actions[0].id, handle="h2")
        assert here.told()[-1].count("The anchor holds") == len(LONG)
        assert here.public() == []


async def test_when_the_command_s_own_way_is_over_the_button_stands_in_the_place_and_opens_for_the_asker_alone(
    tmp_path: Path,
) -> None:
    platform, maker = Harbour(), FakeMaker()
    platform.shut, maker.gate = {ANA.key}, asyncio.Event()
    async with scene(tmp_path, maker=maker, platform=platform) as here:
        await here.commands("catch-up", handle="h")
        for _ in range(3):
            await here.passes(300)
        platform.dead = {"h"}
        maker.gate.set()
        await here.passes(2)
        (offer,) = here.public()
        assert "anchor" not in offer.text
        assert offer.text.startswith("Ana, what you asked me for is ready")
        await here.presses(offer.actions[0].id, by=BEN, handle="b")
        assert here.told(BEN) == ["That is for whoever asked for it alone."]
        await here.presses(offer.actions[0].id, handle="h2")
        assert SAID in here.told()[-1]
        assert here.counters.get("catch_ups_ready_total") == 1


async def test_what_was_deleted_meanwhile_is_not_behind_the_button_any_more(tmp_path: Path) -> None:
    platform, maker = Harbour(), long_maker()
    platform.shut = {ANA.key}
    async with scene(tmp_path, maker=maker, platform=platform) as here:
        gone = await here.says("gone")
        secret = replace(POINT.sources[0], message=gone.id)
        maker.points = (*LONG, replace(POINT, text="The secret is out", sources=(secret,)))
        await here.commands("catch-up", handle="h")
        await here.passes(2)
        (offer,) = [each for each in platform.standing.values() if each.actions]
        await here.store.delete_messages(GENERAL, [gone.id])
        await here.presses(offer.actions[0].id, handle="h2")
        assert here.told()[-1].count("The anchor holds") == len(LONG)
        assert "secret" not in here.told()[-1]


async def test_a_button_opens_nothing_any_more_after_a_day_or_for_who_cannot_read_the_place(tmp_path: Path) -> None:
    platform = Harbour()
    platform.shut = {ANA.key}
    async with scene(tmp_path, maker=long_maker(), platform=platform) as here:
        await here.commands("catch-up", handle="h")
        await here.passes(2)
        (offer,) = [each for each in platform.standing.values() if each.actions]
        readers, here.rights.readers = here.rights.readers, {}
        await here.presses(offer.actions[0].id, handle="h2")
        assert "I could not find out just now that you can read" in here.told()[-1]
        here.rights.readers = readers
        await here.clock.advance(24 * 3600)
        await here.passes(120)
        await here.presses(offer.actions[0].id, handle="h3")
        assert here.told()[-1].startswith("That is over")
        await here.presses("catch-up-ready:never", handle="h4")
        assert here.told()[-1].startswith("That is over")
