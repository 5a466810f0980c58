"""What Discord takes of commands, in every language (its API reference, "Application Commands"; seen in 2026)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from bot.platforms.discord.localised import CHOICE, DESCRIPTION, MENU

WHOLE = 8000
"""Characters of a slash command: its names, descriptions and values together, of each only the longest language."""
OPTIONS = CHOICES = 25
"""Arguments of a command, and choices of an argument, at most."""
COMMANDS, IN_MENUS = 100, 15
"""Of one application: slash commands, and entries in the menu of messages."""

_NAME = re.compile(r"[-_\w]{1,32}")


def complaints(payload: Sequence[dict[str, Any]]) -> list[str]:
    """What of the commands Discord would refuse."""
    menus = [command for command in payload if "description" not in command]
    found = [f"{command['name']}: {flaw}" for command in payload for flaw in _flaws(command)]
    if len(payload) - len(menus) > COMMANDS or len(menus) > IN_MENUS:
        found.append(f"there are more than {COMMANDS} commands or {IN_MENUS} entries in menus")
    return found


def _flaws(command: dict[str, Any]) -> Iterator[str]:
    if "description" not in command:
        yield from _long(command, "name", MENU)
        return
    options: list[dict[str, Any]] = command["options"]
    yield from _named(command)
    if len(options) > OPTIONS:
        yield f"has more than {OPTIONS} arguments"
    whole = _longest(command, "name") + _longest(command, "description")
    for option in options:
        choices: list[dict[str, Any]] = option.get("choices", [])
        yield from (f"{option['name']}: {flaw}" for flaw in _named(option))
        yield from (f"{option['name']}: {flaw}" for choice in choices for flaw in _long(choice, "name", CHOICE))
        if len(choices) > CHOICES:
            yield f"{option['name']}: has more than {CHOICES} choices"
        whole += _longest(option, "name") + _longest(option, "description")
        whole += sum(_longest(choice, "name") + len(choice["value"]) for choice in choices)
    if whole > WHOLE:
        yield f"has {whole} characters in all, more than {WHOLE}"


def _named(thing: dict[str, Any]) -> Iterator[str]:
    if not _NAME.fullmatch(thing["name"]) or thing["name"] != thing["name"].lower():
        yield "is no name: 1 to 32 small letters, digits, - and _"
    yield from _long(thing, "description", DESCRIPTION)


def _long(thing: dict[str, Any], what: str, most: int) -> Iterator[str]:
    for locale, text in _texts(thing, what).items():
        if not 0 < len(text) <= most:
            yield f"its {what} has {len(text)} characters in {locale or 'its own language'}, not 1 to {most}"


def _longest(thing: dict[str, Any], what: str) -> int:
    return max(map(len, _texts(thing, what).values()))


def _texts(thing: dict[str, Any], what: str) -> dict[str, str]:
    others: dict[str, str] = thing.get(f"{what}_localizations", {})
    return {"": thing[what], **others}
