"""Buttons and entries in menus that open forms: shown at once, and heard when they are sent."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.languages.phrases import Phrases
from bot.talk.command import in_menu
from bot.talk.delivery import Action
from bot.talk.event import Commanded, Pressed
from bot.talk.form import Field, Form
from tests.discord_server import DriverError
from tests.platforms.discord.bench import NOTHING, bench, delivery
from tests.platforms.discord.conftest import Community
from tests.platforms.discord.test_deliveries import place

WRONG = in_menu("wrong", "This was wrong", form="wrong")


def forms(phrases: Phrases) -> Mapping[str, Form]:
    field = Field(name="reason", label=f"Why, in {phrases.locale}?", most=10, long=True)
    return {"wrong": Form(title="What was wrong?", fields=(field,))}


async def test_a_press_that_opens_a_form_is_heard_when_that_is_sent(community: Community) -> None:
    server, channel, ada = community.server, community.channel, community.ada
    ada.locale = "fr"
    async with bench(server, forms=forms) as b:
        await b.platform.deliver(
            delivery(place(channel), "No.", actions=(Action(id="wrong:t1", label="Why"),)), NOTHING
        )
        pressed = await server.press(channel.bot_messages[0], "wrong:t1", ada)
        await server.wait_for(lambda: pressed.modal)
        assert pressed.modal is not None
        assert pressed.modal["title"] == "What was wrong?"
        assert pressed.modal["components"][0]["label"] == "Why, in fr?"
        with pytest.raises(DriverError, match="10 characters"):
            await server.submit(pressed, {"reason": "x" * 11})
        assert b.ears.all(Pressed) == []
        sent = await server.submit(pressed, {"reason": "the door"})
        event = await b.ears.one(Pressed)
        assert (event.action, event.filled) == ("wrong:t1", {"reason": "the door"})
        assert "the door" not in repr(event)
        assert sent.thinking
        private = delivery(event.place, "Thanks.", only=event.person.key, handle=event.handle)
        await b.platform.deliver(private, NOTHING)
        assert [(message.content, message.ephemeral) for message in sent.seen] == [("Thanks.", True)]


async def test_an_entry_in_the_menu_opens_a_form_for_the_chosen_message(community: Community) -> None:
    server, channel, ada = community.server, community.channel, community.ada
    async with bench(server, commands=(WRONG,), forms=forms) as b:
        await server.wait_for(lambda: "discord-commands" in b.facts.kept)
        await b.platform.deliver(delivery(place(channel), "No."), NOTHING)
        answer = channel.bot_messages[0]
        chosen = await server.use_menu("This was wrong", answer, user=ada, channel=channel)
        await server.wait_for(lambda: chosen.modal)
        await server.submit(chosen, {})
        event = await b.ears.one(Pressed)
        assert (event.action, event.filled) == (f"wrong:{answer.id}", {"reason": ""})
        assert b.ears.all(Commanded) == []


async def test_a_form_that_discord_does_not_take_ends_nothing(community: Community) -> None:
    server, channel, ada = community.server, community.channel, community.ada
    async with bench(server, forms=forms) as b:
        actions = (Action(id="wrong:t1", label="Why"), Action(id="stop:t1", label="Stop"))
        await b.platform.deliver(delivery(place(channel), "No.", actions=actions), NOTHING)
        server.fail_next("POST /interactions/*/*/callback", status=404)
        await server.press(channel.bot_messages[0], "wrong:t1", ada)
        await server.press(channel.bot_messages[0], "stop:t1", ada)
        assert (await b.ears.one(Pressed)).action == "stop:t1"
