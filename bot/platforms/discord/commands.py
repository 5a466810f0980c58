"""Tells Discord our commands, but only when they changed: it limits how often an application may do so."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol

import discord

from bot.talk.command import MESSAGE, WORDS, Argument, Command, Who

FACT = "discord-commands"
"""Under this name the digest of what was last registered is remembered."""

MODERATES = discord.Permissions(manage_messages=True)

SLASH, IN_MENU = 1, 3  # types of commands (Discord's API reference, "Application Command Types")
TEXT, ROLE = 3, 8  # types of options (Discord's API reference, "Application Command Option Type")

_log = logging.getLogger(__name__)


class Facts(Protocol):
    """The part of the store that remembers small things."""

    async def fact(self, name: str) -> str | None: ...
    async def save_fact(self, name: str, value: str) -> None: ...


class Registry(Protocol):
    """The part of discord.py's HTTP client that takes the commands."""

    def bulk_upsert_global_commands(self, application_id: int, payload: list[Any]) -> Awaitable[Any]: ...


def declared(command: Command) -> dict[str, Any]:
    """A command as Discord wants it: a slash command, or an entry in the menu of messages; for servers and for direct
    messages with the bot."""
    if command.menu:
        named: dict[str, Any] = {"type": IN_MENU, "name": command.menu}
    else:
        options = [_option(argument) for argument in command.arguments]
        named = {"type": SLASH, "name": command.name, "description": command.description, "options": options}
    return {
        **named,
        "default_member_permissions": str(MODERATES.value) if command.who is Who.MODERATOR else None,
        "integration_types": [0],
        "contexts": [0, 1],
    }


def _option(argument: Argument) -> dict[str, Any]:
    option: dict[str, Any] = {
        "type": ROLE if argument.role else TEXT,
        "name": argument.name,
        "description": argument.description,
        "required": argument.required,
    }
    if argument.choices:
        option["choices"] = [{"name": choice, "value": choice} for choice in argument.choices]
    return option


async def register(commands: Sequence[Command], *, application_id: int, registry: Registry, facts: Facts) -> bool:
    """Register the commands unless they are the ones registered last; True if they were sent."""
    payload = [declared(command) for command in commands]
    digest = hashlib.sha256(json.dumps([application_id, payload], sort_keys=True).encode()).hexdigest()
    if await facts.fact(FACT) == digest:
        return False
    await registry.bulk_upsert_global_commands(application_id, payload)
    await facts.save_fact(FACT, digest)
    _log.info("Registered %d commands with Discord", len(payload))
    return True


def name_of(data: Any, commands: Sequence[Command]) -> str:
    """Of the command that somebody used, as it was declared, from the data of an interaction."""
    name = str(data.get("name", ""))
    if data.get("type") != IN_MENU:
        return name
    return next((command.name for command in commands if command.menu == name), name)


def arguments_of(data: Any) -> dict[str, str]:
    """What somebody filled in or chose, from the data of an interaction."""
    if isinstance(data, dict) and data.get("type") == IN_MENU:
        chosen = str(data.get("target_id", ""))
        found: Any = data.get("resolved", {}).get("messages", {}).get(chosen, {})
        return {MESSAGE: chosen, WORDS: str(found.get("content", ""))}
    options = data.get("options", ()) if isinstance(data, dict) else ()
    return {str(option["name"]): str(option["value"]) for option in options if "value" in option}
