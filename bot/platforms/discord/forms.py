"""Forms on Discord: a press or an entry in a menu is answered with one at once, and what is filled in comes back as a
press of the same action."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import discord
from discord.http import Route

from bot.errors import BackendError
from bot.languages.phrases import Phrases
from bot.platforms.discord.commands import arguments_of, name_of
from bot.platforms.discord.sending import sent
from bot.platforms.discord.wire import Wire
from bot.talk.command import MESSAGE, Command
from bot.talk.form import Form

Forms = Callable[[Phrases], Mapping[str, Form]]
"""In the language of the phrases, by the part of an action's id before the colon."""

MODAL = 9  # type of an answer (Discord's API reference, "Interaction Callback Type")
LABEL, TEXT_INPUT = 18, 4  # types of components ("Component Types")
SHORT, PARAGRAPH = 1, 2  # styles of a text input
TITLE_CHARS = 45
ID_CHARS = 100

_log = logging.getLogger(__name__)


def asked_for(
    interaction: discord.Interaction, commands: Sequence[Command], forms: Forms, phrases: Phrases
) -> dict[str, Any] | None:
    """The form that a press or a chosen entry opens, as Discord wants it; None where it opens none."""
    data = cast("Mapping[str, Any]", interaction.data or {})
    if interaction.type is discord.InteractionType.component:
        action = str(data.get("custom_id", ""))
    elif interaction.type is discord.InteractionType.application_command:
        name = name_of(data, commands)
        opens = next((each.form for each in commands if each.name == name), "")
        action = f"{opens}:{arguments_of(data).get(MESSAGE, '')}" if opens else ""
    else:
        return None
    form = forms(phrases.to(str(interaction.locale))).get(action.partition(":")[0])
    return None if form is None else modal(action, form)


def modal(action: str, form: Form) -> dict[str, Any]:
    return {
        "custom_id": action[:ID_CHARS],
        "title": form.title[:TITLE_CHARS],
        "components": [
            {
                "type": LABEL,
                "label": field.label[:TITLE_CHARS],
                "component": {
                    "type": TEXT_INPUT,
                    "custom_id": field.name,
                    "style": PARAGRAPH if field.long else SHORT,
                    "max_length": field.most,
                    "required": field.required,
                },
            }
            for field in form.fields
        ],
    }


async def show(wire: Wire, interaction: discord.Interaction, shown: dict[str, Any]) -> None:
    """Within Discord's three seconds; where that fails, the person is told by Discord, and can press again."""
    route = Route(
        "POST",
        "/interactions/{webhook_id}/{webhook_token}/callback",
        webhook_id=interaction.id,
        webhook_token=interaction.token,
    )
    try:
        await sent(wire.request(route, json={"type": MODAL, "data": shown}), "a form")
    except BackendError as error:
        _log.warning("A form could not be shown in time: %s", error)


def filled_in(data: Mapping[str, Any]) -> dict[str, str]:
    """What a submitted form holds, by the names of its fields."""
    found: dict[str, str] = {}
    for row in data.get("components") or ():
        inner = row.get("component") or row.get("components") or ()
        for field in [inner] if isinstance(inner, dict) else inner:
            if isinstance(field.get("value"), str):
                found[str(field.get("custom_id", ""))] = field["value"]
    return found
