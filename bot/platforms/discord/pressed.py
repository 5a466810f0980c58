"""Presses and commands, made into events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import discord

from bot.platforms.discord.commands import arguments_of, name_of
from bot.platforms.discord.forms import filled_in
from bot.platforms.discord.read import person_of, place_of
from bot.talk.command import Command
from bot.talk.event import Commanded, Pressed

COMMAND, PRESS = discord.InteractionType.application_command, discord.InteractionType.component
WISHES = (COMMAND, PRESS, discord.InteractionType.modal_submit)


def made_of_command(interaction: discord.Interaction, handle: str | None, commands: Sequence[Command]) -> Commanded:
    """Somebody used one of these commands. `handle` lets us answer privately."""
    data = _data(interaction)
    return Commanded(
        name=name_of(data, commands),
        person=person_of(interaction.user, locale=str(interaction.locale)),
        place=place_of(interaction.channel, guild=interaction.guild_id, channel_id=interaction.channel_id),
        at=interaction.created_at,
        arguments=arguments_of(data),
        moderator=_moderates(interaction),
        handle=handle,
    )


def made_of_press(interaction: discord.Interaction, handle: str | None) -> Pressed:
    """Somebody pressed a button of ours, or sent the form that it opened."""
    return Pressed(
        action=str(_data(interaction).get("custom_id", "")),
        person=person_of(interaction.user, locale=str(interaction.locale)),
        place=place_of(interaction.channel, guild=interaction.guild_id, channel_id=interaction.channel_id),
        at=interaction.created_at,
        moderator=_moderates(interaction),
        handle=handle,
        filled=filled_in(_data(interaction)),
    )


def _moderates(interaction: discord.Interaction) -> bool:
    """Whether the person may manage the place; everyone may in their own direct messages."""
    if interaction.guild_id is None:
        return True
    return interaction.permissions.manage_messages or interaction.permissions.manage_guild


def _data(interaction: discord.Interaction) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", interaction.data or {})
