"""Tells whether what heads a conversation has changed, and what of it: two digests, `persona:tools`."""

from __future__ import annotations

import hashlib
import json

from bot.talk.turn import Instructions


def fingerprint_of(instructions: Instructions) -> str:
    tools = json.dumps([[tool.name, tool.description, tool.parameters] for tool in instructions.tools], sort_keys=True)
    return f"{_digest(instructions.persona)}:{_digest(tools)}"


def persona(fingerprint: str) -> str:
    """The part that stands for the persona."""
    return fingerprint.partition(":")[0]


def what_changed(before: str, now: str) -> str:
    """The cause of a break: where neither persona nor tools did, it was the model."""
    if before == now:
        return "model"
    return "tools" if persona(before) == persona(now) else "persona"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
