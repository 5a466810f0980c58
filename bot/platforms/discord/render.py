"""A delivery as the messages that Discord shall show. Pure: what is sent depends on nothing else."""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.platforms.discord.split import LIMIT, split
from bot.talk.delivery import Action, Delivery
from bot.talk.poll import Poll
from bot.talk.units import units

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
    """One message as it shall stand there. `digest` tells whether what stands there differs. `poll`: Discord's own form
    of one; a message that has one cannot be edited."""

    content: str
    components: Sequence[dict[str, Any]]
    digest: str
    poll: dict[str, Any] | None = None

    def body(self) -> dict[str, Any]:
        """The fields of an edit. Edits notify nobody; links the model wrote are never previewed (nor fetched)."""
        return {
            "content": self.content,
            "components": list(self.components),
            "allowed_mentions": NOBODY,
            "flags": SUPPRESS_EMBEDS,
        }

    def first(self, delivery: Delivery, channel: str, index: int, removed: int) -> dict[str, Any]:
        """The fields of a new message in a channel: a reply at first, unique by its nonce when sent again."""
        body = self.body() | {"nonce": nonce(delivery.id, channel, index, removed), "enforce_nonce": True}
        if not self.components:
            del body["components"]
        if self.poll is not None:
            body["poll"] = self.poll
        if index == 0 and delivery.reply_to is not None:
            body["message_reference"] = {"message_id": delivery.reply_to, "fail_if_not_exists": False}
            body["allowed_mentions"] = NOBODY if delivery.quiet else ASKER
        return body

    def private(self) -> dict[str, Any]:
        """The fields of a new message that only one person sees."""
        return self.body() | {"flags": SUPPRESS_EMBEDS | EPHEMERAL}

    def shown_by(self, message: dict[str, Any]) -> bool:
        """Whether a message that Discord returned shows this: for a nonce it knows it returns what stands there."""
        if poll_of(message) != poll_of({"poll": self.poll}):
            return False
        buttons = [custom_ids(message.get("components") or ()), custom_ids(self.components)]
        return str(message.get("content", "")).strip() == self.content.strip() and buttons[0] == buttons[1]


def nonce(delivery: str, channel: str, index: int, removed: int = 0) -> str:
    """Equal for the same part of the same delivery in the same place, also after a crash; 24 of at most 25 characters.

    `removed`: how many of its parts we took away again: one that is posted anew must not be taken for the one before.
    """
    return hashlib.sha256(f"{delivery}/{channel}/{index}/{removed}".encode()).hexdigest()[:24]


def render(delivery: Delivery, *, waiting: str) -> tuple[Wanted, ...]:
    """The messages of a delivery, in order. `waiting` stands for a text that is yet to come."""
    if delivery.poll is not None:
        return (_polling(delivery.poll),)
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


def growing(wanted: Sequence[Wanted], standing: int) -> tuple[Wanted, ...]:
    """What is shown of a text that still grows, where so many messages stand.

    One message more at most, so that each is written down before the next is sent, with the buttons under it. And none
    less: where a restarted answer is shorter than before, the others are blank until it has grown or is final.
    """
    shown = list(wanted[: standing + 1])
    if len(shown) < len(wanted):
        shown[-1] = _wanted(shown[-1].content, wanted[-1].components)
    return (*shown, *[BLANK] * (standing - len(shown)))


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


def _polling(poll: Poll) -> Wanted:
    """Discord counts the votes, closes it and tells the result by itself."""
    form = {
        "question": {"text": poll.question},
        "answers": [{"poll_media": {"text": answer}} for answer in poll.answers],
        "duration": poll.hours,
        "allow_multiselect": poll.several,
        "layout_type": 1,
    }
    digest = hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()[:16]
    return Wanted(content="", components=(), digest=digest, poll=form)


BLANK = _wanted("-# …", ())
"""Stands where a restarted answer has not got to yet."""


def buttons(actions: Sequence[Action]) -> tuple[dict[str, Any], ...]:
    """Rows of buttons. A press names the action's id, so that it is understood after a restart, too."""
    shown = [
        {"type": 2, "style": 4 if action.danger else 2, "label": action.label[:_LABEL_LIMIT], "custom_id": action.id}
        for action in actions[: _ROW * _ROWS]
    ]
    return tuple({"type": 1, "components": shown[start : start + _ROW]} for start in range(0, len(shown), _ROW))


def poll_of(message: Mapping[str, Any]) -> tuple[str, ...]:
    """Question and answers of the poll in a message; nothing where there is none."""
    poll = message.get("poll")
    if not poll:
        return ()
    answers = ((each.get("poll_media") or {}).get("text", "") for each in poll.get("answers") or ())
    return (str((poll.get("question") or {}).get("text", "")), *map(str, answers))


def custom_ids(components: Sequence[dict[str, Any]]) -> list[str]:
    return [str(button.get("custom_id")) for row in components for button in row.get("components", ())]
