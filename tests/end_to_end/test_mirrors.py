"""Channels side by side on Discord, through everything that is real."""

from __future__ import annotations

from pathlib import Path

from tests.discord_server import Channel, Message, Upload
from tests.discord_server.permissions import Permission
from tests.end_to_end.harness import WITHIN, bot_in, town
from tests.end_to_end.helping import told, use


def standing(channel: Channel, words: str) -> list[Message]:
    return [each for each in channel.bot_messages if words in each.content and not each.deleted]


async def stands(channel: Channel, words: str) -> Message:
    await channel.until(lambda it: bool(standing(it, words)), WITHIN)
    (message,) = standing(channel, words)
    return message


async def goes(message: Message) -> None:
    await message.channel.until(lambda _: message.deleted, WITHIN)


async def test_what_happens_in_one_channel_happens_in_the_other_until_that_is_gone(tmp_path: Path) -> None:
    async with town() as place:
        boss = place.discord.add_user("boss")
        place.guild.add_member(boss, place.guild.add_role("bosses", Permission.MANAGE_MESSAGES))
        here, there = place.guild.add_text_channel("help-en"), place.guild.add_text_channel("help-ja")
        async with bot_in(place, tmp_path):
            preview = await use(place, "mirror-link", boss, channels="#help-en, #help-ja", languages="en, ja")
            shown = await told(place, preview, "Whoever can read one of them can read the others anyway.")
            await told(place, await place.discord.press(shown, shown.buttons[0]["custom_id"], boss), "Done.")
            await stands(here, "#help-ja")

            place.ollama.script("私のボートが動きません")
            log = Upload(filename="engine.log", data=b"no spark")
            asked = await place.discord.say(here, place.ana, "My boat does not start", attachments=[log])
            copy = await stands(there, "私のボートが動きません")
            assert "**ana**" in copy.content
            assert "engine" in copy.content.partition("📎")[2]
            assert copy.pinged == set()

            place.ollama.script("Is there any petrol left?")
            await place.discord.say(there, place.ben, "ガソリンは残っていますか", reply_to=copy)
            answer = await stands(here, "Is there any petrol left?")
            assert answer.referenced is asked
            assert answer.pinged == set()

            place.ollama.script("二番目のボートが動きません")
            await place.discord.edit(asked, "My second boat does not start")
            await there.until(lambda _: "二番目" in copy.content, WITHIN)

            thread = here.add_thread("The second boat", place.ana, message=asked)
            place.ollama.script("赤いボートです", "二番目のボート")
            await place.discord.say(thread, place.ana, "It is the red one")
            await there.until(lambda _: copy.thread is not None, WITHIN)
            assert copy.thread is not None
            inside = await stands(copy.thread, "赤いボートです")
            place.ollama.script("I see it.")
            await place.discord.say(copy.thread, place.ben, "見えました", reply_to=inside)
            await stands(thread, "I see it.")

            place.ollama.script("三番目のボート")
            thread.rename("The third boat", place.ana)
            await copy.thread.until(lambda it: it.name == "三番目のボート", WITHIN)
            thread.archive()
            await copy.thread.until(lambda it: it.archived, WITHIN)
            assert (thread.name, thread.archived) == ("The third boat", True)

            await place.discord.delete(asked)
            await goes(copy)
            there.delete()
            await stands(here, "are gone")
            await place.discord.say(here, place.ana, "Is anybody still there?")
            await place.discord.say(here, place.ana, f"{place.mention} and you?")
            await here.until(lambda it: any(each.referenced for each in it.bot_messages[-1:]), WITHIN)
        assert all(" still there" not in each.prompt for each in place.ollama.generations[:-1])
