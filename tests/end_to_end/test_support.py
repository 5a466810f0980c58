"""Support on Discord, from the set-up to the silence, through everything that is real."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.support import settling
from tests.discord_server.permissions import Overwrite, Permission
from tests.end_to_end.harness import bot_in, town
from tests.end_to_end.helping import people, set_up, stands, told, use, whole

ANSWER = "All calm in the harbour."
"""What the engine says to everything."""
SILENT = "A person is helping here now"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits four seconds here."""
    monkeypatch.setattr(settling, "SETTLE_SECONDS", 0.3)
    monkeypatch.setattr(settling, "TYPING_SECONDS", 1.0)


async def test_a_forum_is_set_up_answered_left_to_staff_and_called_back(tmp_path: Path) -> None:
    async with town() as place:
        boss, cara, helpers = people(place.guild, place)
        forum = place.guild.add_forum("help")
        solved = forum.add_tag("Solved")
        async with bot_in(place, tmp_path):
            await set_up(place, boss, channel="help", staff=helpers, grounded="no", **{"solved-tags": "solved"})
            post = forum.add_thread("My boat does not start", place.ana)
            await place.discord.say(post, place.ana, "hello")
            await place.discord.type(post, place.ana)
            await place.discord.say(post, place.ana, "it makes no sound at all")
            answer = await stands(post, ANSWER)
            assert answer.pinged == {place.ana.id}
            assert "ana: hello\nana: it makes no sound at all" in place.ollama.generations[0].prompt
            assert "This is a support channel" in place.ollama.generations[0].prompt
            await place.discord.say(post, place.ben, "have you tried another boat?")
            await place.discord.say(post, cara, "The battery may be empty")
            notice = await stands(post, SILENT)
            await place.discord.say(post, place.ana, "which one?")
            pressed = await place.discord.press(notice, notice.buttons[0]["custom_id"], place.ana)
            await told(place, pressed, "I answer here again.")
            await place.discord.say(post, place.ana, "and now?")
            await stands(post, ANSWER, times=2)
            post.tag(solved)
        async with bot_in(place, tmp_path):
            await place.discord.say(post, place.ana, "thanks, it starts")
            other = forum.add_thread("Mine, too", place.ben)
            await place.discord.say(other, place.ben, "it makes no sound")
            await stands(other, ANSWER)
        asked = "".join(each.prompt for each in place.ollama.generations)
        assert "thanks, it starts" not in asked
        assert len(whole(post, ANSWER)) == 2


async def test_the_preview_says_who_could_read_the_notes_and_where_we_may_not_write(tmp_path: Path) -> None:
    async with town() as place:
        boss, _, helpers = people(place.guild, place)
        us = place.discord.bot.id
        office = place.guild.add_text_channel(
            "office",
            overwrites={
                place.guild.id: Overwrite(deny=Permission.VIEW_CHANNEL),
                boss.id: Overwrite(allow=Permission.VIEW_CHANNEL),
                us: Overwrite(allow=Permission.VIEW_CHANNEL, deny=Permission.SEND_MESSAGES),
            },
        )
        async with bot_in(place, tmp_path):
            used = await use(place, "support", boss, staff=helpers, notes=office.mention)
            preview = await told(place, used, "Support in #general")
            assert "⚠ I may not read and write in #office." in preview.content
            assert "⚠ People who are not staff may be able to read #office." in preview.content
            view = Permission.VIEW_CHANNEL
            sees = Overwrite(allow=view)
            closed = {place.guild.id: Overwrite(deny=view), us: sees, boss.id: sees}
            members = place.guild.add_text_channel("members", overwrites=closed)
            team = place.guild.add_text_channel("team", overwrites={**closed, int(helpers.strip("<@&>")): sees})
            asked = {"channel": members.mention, "staff": helpers, "notes": team.mention}
            used = await use(place, "support", boss, **asked)
            preview = await told(place, used, "⚠ Who reads #team may not be able to read #members")
            used = await use(place, "support", boss, **{**asked, "channel": "general"})
            preview = await told(place, used, "Support in #general")
            assert "Who reads" not in preview.content
            used = await use(place, "support", boss, notes=place.channel.mention)
            preview = await told(place, used, "⚠ People who are not staff may be able to read #general.")
            assert "may not read and write" not in preview.content
