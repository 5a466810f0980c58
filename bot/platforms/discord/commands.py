"""Tells Discord our commands, but only when they changed: it limits how often an application may do so."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol

import discord

from bot.languages.phrases import Phrases
from bot.platforms.discord.localised import InLocale, Localised, fingerprint, forget, localised
from bot.talk.command import MESSAGE, WORDS, Argument, Command, Who

FACT = "discord-commands"
"""Under this name the digest of what was last registered is remembered."""

MADE_OF = "discord-commands-made-of"
"""Likewise the digest of what it was made of; while that is the same, nothing is translated."""

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


def declared(command: Command, localised: Localised | None = None, *, phrases: Phrases | None = None) -> dict[str, Any]:
    """A command as Discord wants it: a slash command, or an entry in the menu of messages; for servers and for direct
    messages with the bot."""
    if command.menu:
        named: dict[str, Any] = {"type": IN_MENU, "name": command.menu}
        if localised is not None:
            named["name_localizations"] = localised.menu(command)
    else:
        options = [_option(argument, localised, phrases or Phrases()) for argument in command.arguments]
        named = {"type": SLASH, "name": command.name, "description": command.description, "options": options}
        if localised is not None:
            named["description_localizations"] = localised.description(command)
    return {
        **named,
        "default_member_permissions": str(MODERATES.value) if command.who is Who.MODERATOR else None,
        "integration_types": [0],
        "contexts": [0, 1],
    }


def _option(argument: Argument, localised: Localised | None, phrases: Phrases) -> dict[str, Any]:
    option: dict[str, Any] = {
        "type": ROLE if argument.role else TEXT,
        "name": argument.name,
        "description": argument.description,
        "required": argument.required,
    }
    if localised is not None:
        option["description_localizations"] = localised.argument(argument)
    if argument.choices:
        option["choices"] = [_choice(value, localised, phrases.choice(value)) for value in argument.choices]
    return option


def _choice(value: str, localised: Localised | None, shown: str) -> dict[str, Any]:
    choice: dict[str, Any] = {"name": shown, "value": value}
    if localised is not None:
        choice["name_localizations"] = localised.choice(shown, value)
    return choice


async def register(
    commands: Sequence[Command],
    *,
    application_id: int,
    registry: Registry,
    facts: Facts,
    phrases: Phrases | None = None,
    in_locale: InLocale | None = None,
) -> bool:
    """Register the commands unless they are the ones registered last; True if they were sent. `phrases`: of the
    language that they are in; `in_locale`: how they read in others."""
    plain = [declared(command, phrases=phrases) for command in commands]
    catalogs = "" if in_locale is None else await asyncio.to_thread(fingerprint)
    made_of = _digest([application_id, plain, catalogs])
    if await facts.fact(MADE_OF) == made_of and await facts.fact(FACT) is not None:
        return False
    payload = plain if in_locale is None else await asyncio.to_thread(translated, commands, phrases, in_locale)
    digest = _digest([application_id, payload])
    sent = await facts.fact(FACT) != digest
    if sent:
        await registry.bulk_upsert_global_commands(application_id, payload)
        await facts.save_fact(FACT, digest)
        _log.info("Registered %d commands with Discord", len(payload))
    await facts.save_fact(MADE_OF, made_of)
    return sent


def translated(commands: Sequence[Command], phrases: Phrases | None, in_locale: InLocale) -> list[dict[str, Any]]:
    """As Discord wants them, with their words in all of its languages. Reads every catalog."""
    others = localised(in_locale)
    made = [declared(command, others.get(command.name), phrases=phrases) for command in commands]
    forget()
    return made


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


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
