"""Buttons, commands and forms, through a real discord.py client."""

from __future__ import annotations

import discord
import pytest
from discord import app_commands

from tests.discord_server import Channel, DiscordServer, DriverError, ManualClock, User
from tests.discord_server.tests.conftest import Bot, Running, wanted


class Stop(discord.ui.View):
    """One button whose presses are kept unanswered."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.pressed: list[discord.Interaction] = []

    @discord.ui.button(label="Stop", custom_id="stop")
    async def stop_it(self, interaction: discord.Interaction, _: discord.ui.Button[Stop]) -> None:
        self.pressed.append(interaction)


async def shown_with_button(server: DiscordServer, bot: Bot, channel: Channel) -> Stop:
    view = Stop()
    await there(bot, channel).send("working", view=view)
    assert [each["label"] for each in channel.bot_messages[0].buttons] == ["Stop"]
    return view


def there(bot: Bot, channel: Channel) -> discord.TextChannel:
    found = bot.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


async def test_a_press_reaches_the_view_and_its_answer_changes_the_message(
    server: DiscordServer, running: Running, channel: Channel, ana: User
) -> None:
    async with running() as bot:
        view = await shown_with_button(server, bot, channel)
        pressed = await server.press(channel.bot_messages[0], "stop", ana)
        await server.wait_for(lambda: view.pressed)
        await view.pressed[0].response.edit_message(content="stopped", view=None)
        assert pressed.original is channel.bot_messages[0]
        assert channel.bot_messages[0].texts == ["working", "stopped"]
        await view.pressed[0].followup.send("only you see this", ephemeral=True)
        assert [each.content for each in pressed.seen] == ["only you see this"]
        assert pressed.seen[0].seen_by is ana
        assert len(channel.bot_messages) == 1
        with pytest.raises(DriverError):
            await server.press(channel.bot_messages[0], "stop", ana)


async def test_an_interaction_is_answered_once_within_three_seconds(
    server: DiscordServer, running: Running, channel: Channel, ana: User, clock: ManualClock
) -> None:
    async with running() as bot:
        view = await shown_with_button(server, bot, channel)
        for _ in range(2):
            await server.press(channel.bot_messages[0], "stop", ana)
        await server.wait_for(lambda: len(view.pressed) == 2)
        first, second = view.pressed
        await first.response.defer()
        again = discord.InteractionResponse(first)
        with pytest.raises(discord.HTTPException, match="40060"):
            await again.defer()
        clock.advance(3.1)
        with pytest.raises(discord.NotFound, match="10062"):
            await second.response.defer()


async def test_a_command_may_think_and_answer_until_its_token_dies(
    server: DiscordServer, running: Running, channel: Channel, ana: User, clock: ManualClock
) -> None:
    heard: list[tuple[discord.Interaction, str, discord.User | discord.Member]] = []

    @app_commands.command(description="Speak")
    async def speak(interaction: discord.Interaction, words: str, to: discord.User) -> None:
        heard.append((interaction, words, to))
        await interaction.response.defer(thinking=True)

    async with running() as bot:
        bot.tree.add_command(speak)
        await bot.tree.sync()
        used = await server.use_command("speak", {"words": "salut", "to": ana}, user=ana, channel=channel)
        await server.wait_for(lambda: used.thinking)
        interaction, words, to = heard[0]
        assert (words, to.id) == ("salut", ana.id)
        assert channel.bot_messages == [used.original]
        await interaction.edit_original_response(content=f"salut {ana.mention}")
        assert not used.thinking
        assert used.seen[0].texts == ["", f"salut {ana.mention}"]
        assert used.seen[0].pinged == {ana.id}
        await interaction.followup.send("more")
        clock.advance(15 * 60)
        with pytest.raises(discord.HTTPException, match="50027"):
            await interaction.followup.send("too late")
        assert [each.content for each in used.seen[1:]] == ["more"]


async def test_a_form_opens_and_comes_back_filled_in(
    server: DiscordServer, running: Running, channel: Channel, ana: User
) -> None:
    filled: list[str] = []

    class Form(discord.ui.Modal, title="Tell me"):
        words: discord.ui.TextInput[Form] = discord.ui.TextInput(label="Words", custom_id="words")

        async def on_submit(self, interaction: discord.Interaction, /) -> None:
            filled.append(self.words.value)
            await interaction.response.send_message("noted", ephemeral=True)

    async with running() as bot:
        view = await shown_with_button(server, bot, channel)
        pressed = await server.press(channel.bot_messages[0], "stop", ana)
        await server.wait_for(lambda: view.pressed)
        await view.pressed[0].response.send_modal(Form())
        sent = await server.submit(pressed, {"words": "bonjour"})
        await server.wait_for(lambda: sent.seen)
        assert filled == ["bonjour"]


async def test_commands_come_without_any_intent_and_only_where_they_are_registered(
    server: DiscordServer, running: Running, channel: Channel, ana: User
) -> None:
    async with running(wanted(messages=False, message_content=False)) as bot:
        with pytest.raises(DriverError, match="no command"):
            await server.use_command("speak", user=ana, channel=channel)
        bot.tree.add_command(app_commands.Command(name="speak", description="Speak", callback=_speak))
        await bot.tree.sync()
        used = await server.use_command("speak", user=ana, channel=server.dm(ana))
        await server.wait_for(lambda: used.seen)
        assert used.seen[0].content == "spoken"
        assert server.app_commands.writes == 1


async def _speak(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("spoken", ephemeral=True)
