"""A delivery as the messages that Discord shall show. Pure: what is sent depends on nothing else."""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.platforms.discord.split import LIMIT, split, units
from bot.talk.delivery import Action, Delivery

SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
NOBODY: dict[str, Any] = {"parse": [], "replied_user": False}
"""No mention in a text notifies anybody."""
ASKER: dict[str, Any] = {"parse": [], "replied_user": True}
"""Only the author of the message that is replied to is notified."""

_LEAD_LIMIT = 1000
"""In UTF-16 units: room for a sentence about each of ten attachments, and as much for the answer."""
_LABEL_LIMIT = 80
_ROW = 5
_ROWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One message as it shall stand there. `digest` tells whether what stands there differs."""

    content: str
    components: Sequence[dict[str, Any]]
    digest: str

    def body(self) -> dict[str, Any]:
        """The fields of an edit. Edits notify nobody; links the model wrote are never previewed (nor fetched)."""
        return {
            "content": self.content,
            "components": list(self.components),
            "allowed_mentions": NOBODY,
            "flags": SUPPRESS_EMBEDS,
        }

    def first(self, delivery: Delivery, index: int) -> dict[str, Any]:
        """The fields of a new message in a channel: a reply at first, unique by its nonce when sent again."""
        body = self.body() | {"nonce": nonce(delivery.id, index), "enforce_nonce": True}
        if not self.components:
            del body["components"]
        if index == 0 and delivery.reply_to is not None:
            body["message_reference"] = {"message_id": delivery.reply_to, "fail_if_not_exists": False}
            body["allowed_mentions"] = ASKER
        return body

    def private(self) -> dict[str, Any]:
        """The fields of a new message that only one person sees."""
        return self.body() | {"flags": SUPPRESS_EMBEDS | EPHEMERAL}

    def shown_by(self, message: dict[str, Any]) -> bool:
        """Whether a message that Discord returned shows this: for a nonce it knows it returns what stands there."""
        buttons = [_custom_ids(message.get("components") or ()), _custom_ids(self.components)]
        return str(message.get("content", "")).strip() == self.content.strip() and buttons[0] == buttons[1]


def nonce(delivery: str, index: int) -> str:
    """Equal for the same part of the same delivery, also after a crash; 24 of at most 25 characters."""
    return hashlib.sha256(f"{delivery}/{index}".encode()).hexdigest()[:24]


def render(delivery: Delivery, *, waiting: str) -> tuple[Wanted, ...]:
    """The messages of a delivery, in order. `waiting` stands for a text that is yet to come."""
    lead = "".join(f"-# {line}\n" for line in _lead_lines(delivery.lead))
    contents = [chunk.text for chunk in split(delivery.text, first=LIMIT - units(lead))]
    if not contents and not delivery.final:
        contents = [f"-# {waiting}"]
    if contents:
        contents[0] = lead + contents[0]
    elif delivery.actions:
        contents = [lead.strip()]
    last = len(contents) - 1
    return tuple(
        _wanted(content, buttons(delivery.actions) if index == last else ()) for index, content in enumerate(contents)
    )


def _lead_lines(lead: str) -> list[str]:
    """Each line of it small, as many as fit beside an answer; what is left out is shown by an ellipsis."""
    lines: list[str] = []
    room = _LEAD_LIMIT
    for line in filter(None, (" ".join(line.split()) for line in lead.splitlines())):
        if units(line) > room:
            lines.append(textwrap.shorten(line, width=max(1, room // 2), placeholder=" …").strip() or "…")
            break
        lines.append(line)
        room -= units(line) + len("-# \n")
    return lines


def _wanted(content: str, components: Sequence[dict[str, Any]]) -> Wanted:
    digest = hashlib.sha256(json.dumps([content, list(components)], sort_keys=True).encode()).hexdigest()[:16]
    return Wanted(content=content, components=components, digest=digest)


def buttons(actions: Sequence[Action]) -> tuple[dict[str, Any], ...]:
    """Rows of buttons. A press names the action's id, so that it is understood after a restart, too."""
    shown = [
        {"type": 2, "style": 4 if action.danger else 2, "label": action.label[:_LABEL_LIMIT], "custom_id": action.id}
        for action in actions[: _ROW * _ROWS]
    ]
    return tuple({"type": 1, "components": shown[start : start + _ROW]} for start in range(0, len(shown), _ROW))


def _custom_ids(components: Sequence[dict[str, Any]]) -> list[str]:
    return [str(button.get("custom_id")) for row in components for button in row.get("components", ())]
