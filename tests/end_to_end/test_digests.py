"""What somebody missed, on a whole Discord and on the page: told to them alone, wherever it finds a way."""

from __future__ import annotations

from pathlib import Path

from tests.discord_server import Message, User
from tests.discord_server.interactions import Interaction
from tests.end_to_end.harness import WITHIN, Town, bot_in, town
from tests.ollama_server import Gate, Reply

MENU = "Catch me up from here"
POINTS = "decided [2] The race is on Friday at 18:00, says ben\nopen [3] Where do we meet?"

THINGS = [
    "anchor",
    "mast",
    "sail",
    "rudder",
    "keel",
    "compass",
    "chart",
    "lamp",
    "rope",
    "bell",
    "flag",
    "oar",
    "tiller",
    "winch",
    "cleat",
    "buoy",
    "fender",
    "hatch",
    "bunk",
    "galley",
    "stove",
    "kettle",
    "barometer",
    "sextant",
    "log",
    "radio",
    "horn",
    "whistle",
    "ladder",
    "pump",
    "bucket",
    "mop",
]


async def talk(place: Town) -> list[Message]:
    """A transcript is kept from now on, and Ben says something."""
    discord, channel = place.discord, place.channel
    await discord.wait_for(lambda: discord.app_commands.listed(None), WITHIN)
    await known(place)
    owner = next(member.user for member in place.guild.members.values() if member.user is place.guild.owner)
    kept = await discord.use_command("keep", {"when": "always"}, user=owner, channel=channel)
    await answered(place, kept, "keep a transcript")
    return [
        await discord.say(channel, place.ben, text)
        for text in ("good morning", "So the race is on Friday at 18:00, agreed", "Where do we meet?")
    ]


async def known(place: Town) -> None:
    """The bot knows who can read what, which takes it two seconds from its start."""
    while True:
        used = await place.discord.use_command("catch-up", {"length": "short"}, user=place.ben, channel=place.channel)
        await place.discord.wait_for(lambda: used.seen and used.seen[0].content, WITHIN)  # noqa: B023 # waited for here
        if "could not find out" not in used.seen[0].content:
            return


async def answered(place: Town, used: Interaction, containing: str) -> Message:
    def seen() -> str:
        return f"seen: {[each.texts for each in used.seen]}"

    await place.discord.world.changes.until(lambda: any(containing in each.content for each in used.seen), WITHIN, seen)
    return next(each for each in used.seen if containing in each.content)


async def test_from_a_chosen_message_on_the_asker_alone_sees_how_far_it_is_and_then_points_with_links(
    tmp_path: Path,
) -> None:
    gate = Gate()
    async with town() as place, bot_in(place, tmp_path):
        place.ollama.script(Reply(text=POINTS, gate=gate))
        said = await talk(place)
        used = await place.discord.use_menu(MENU, said[0], user=place.ana, channel=place.channel)
        await answered(place, used, "Reading what was said")
        await gate.open()
        told = await answered(place, used, "Friday at 18:00")
        link = f"https://discord.com/channels/{place.guild.id}/{place.channel.id}/{said[1].id}"
        assert link in told.content
        assert told.ephemeral
        assert len(used.seen) == 1
        assert not [each for each in place.channel.bot_messages if "Friday" in each.content and not each.ephemeral]


async def test_after_a_restart_it_is_taken_up_again_and_told_once(tmp_path: Path) -> None:
    gate = Gate()
    async with town() as place:
        place.ollama.script(Reply(text=POINTS, gate=gate), *[POINTS] * 3)
        async with bot_in(place, tmp_path):
            await talk(place)
            used = await place.discord.use_command("catch-up", {}, user=place.ana, channel=place.channel)
            await place.ollama.asked(1)
            await answered(place, used, "Reading what was said")
        await gate.open()
        async with bot_in(place, tmp_path):
            await answered(place, used, "Friday at 18:00")
            assert len(used.seen) == 1
        async with bot_in(place, tmp_path):
            assert [each.content.count("Friday at 18:00") for each in used.seen] == [1]


async def test_a_long_one_is_a_direct_message_and_where_none_is_taken_it_waits_behind_a_button(
    tmp_path: Path,
) -> None:
    async with town() as place, bot_in(place, tmp_path):
        carl = place.discord.add_user("carl", accepts_dms=False)
        place.guild.add_member(carl)
        await talk(place)
        for thing in THINGS:
            words = "Who still needs " + ", ".join(f"{thing}{letter}" for letter in "abcdefghijklmnop") + "?"
            await place.discord.say(place.channel, place.ben, words)
        place.ollama.script(*["They talked of charts, at length."] * 9)
        await answered(place, await _told(place, place.ana), "sent it to you as a direct message")
        letters = place.discord.dm(place.ana)
        await letters.until(
            lambda it: "Made without a model" in "".join(each.content for each in it.bot_messages), WITHIN
        )
        assert letters.bot_messages[0].content.startswith("## What you missed")
        offer = await answered(place, await _told(place, carl), "could not send it to you")
        pressed = await place.discord.press(offer, offer.buttons[0]["custom_id"], carl)
        await place.discord.wait_for(lambda: any("What you missed" in each.content for each in pressed.seen), WITHIN)
        assert all(each.ephemeral for each in (offer, *pressed.seen))
        assert not [each for each in place.channel.bot_messages if "chart" in each.content and not each.ephemeral]


async def _told(place: Town, by: User) -> Interaction:
    options = {"length": "long", "since": "yesterday"}
    return await place.discord.use_command("catch-up", options, user=by, channel=place.channel)
