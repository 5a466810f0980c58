"""On Discord, over a restart: a vote against an answer, a reason in a form, staff who see it and post what is right."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.discord_server import Message
from tests.discord_server.interactions import Interaction
from tests.end_to_end.asking import ask
from tests.end_to_end.harness import WITHIN, Town, bot_in, town

REASON = "periwinkle: it is the other door"


async def seen(place: Town, asked: Interaction, text: str) -> None:
    def told() -> str:
        return f"{[each.content for each in asked.seen]}"

    await place.discord.wait_for(lambda: any(text in each.content for each in asked.seen), WITHIN, told)


async def noted(place: Town, answer: Message, action: str) -> Interaction:
    """Ben's vote, as soon as the bot knows who can read what, which takes it two seconds from its start."""
    async with asyncio.timeout(WITHIN):
        while True:
            pressed = await place.discord.press(answer, action, place.ben)
            await seen(place, pressed, "")
            if "not know of" not in pressed.seen[-1].content:
                return pressed


def custom_id(asked: Interaction, label: str) -> str:
    return next(each["custom_id"] for each in asked.seen[-1].buttons if each["label"] == label)


async def test_what_was_wrong_is_seen_by_staff_and_put_right(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with town() as place:
        discord, channel, ana, ben = place.discord, place.channel, place.ana, place.ben
        owner = place.guild.owner
        assert owner is not None
        place.ollama.script("It is on the left.")
        async with bot_in(place, tmp_path):
            await discord.wait_for(lambda: discord.app_commands.listed(None), WITHIN)
            switched = await discord.use_command("feedback", {"when": "on"}, user=owner, channel=channel)
            await seen(place, switched, "can vote")
            await ask(place, "where is the door?")
            await channel.until(lambda it: [each for each in it.bot_messages if len(each.buttons) == 2], WITHIN)
            answer = channel.bot_messages[-1]
            assert answer.content == "It is on the left."
        down = next(each["custom_id"] for each in answer.buttons if each["label"] == "👎")
        async with bot_in(place, tmp_path):
            pressed = await noted(place, answer, down)
            why = await discord.press(pressed.seen[-1], custom_id(pressed, "Say what was wrong"), ben)
            await discord.wait_for(lambda: why.modal, WITHIN)
            sent = await discord.submit(why, {"reason": REASON})
            await seen(place, sent, "Thank you")
            chosen = await discord.use_menu("This was wrong", answer, user=ana, channel=channel)
            await discord.wait_for(lambda: chosen.modal, WITHIN)
            await seen(place, await discord.submit(chosen, {}), "Thank you")

            nothing = await discord.use_command("review", {}, user=ben, channel=channel)
            await seen(place, nothing, "nothing here")
            listed = await discord.use_command("review", {}, user=owner, channel=channel)
            await seen(place, listed, REASON)
            await seen(place, listed, "👍 0 · 👎 2 (👎 by whoever asked)")
            assert all(each.ephemeral for each in listed.seen)
            right = await discord.press(listed.seen[-1], custom_id(listed, "Right answer, and post it"), owner)
            await discord.wait_for(lambda: right.modal, WITHIN)
            done = await discord.submit(right, {"question": "Where is the door?", "answer": "On the right."})
            await seen(place, done, "part of my knowledge")
            await channel.until(lambda _: channel.bot_messages[-1].content.endswith("On the right."), WITHIN)
            posted = channel.bot_messages[-1]
            assert posted.content.startswith(f"**Correction** by {owner.name}")
            figures = await discord.use_command("support-figures", {}, user=owner, channel=channel)
            await seen(place, figures, "answered: 1 · handed over: 0 · solved: 0 · 👍 0 · 👎 2")
        assert "periwinkle" not in caplog.text
