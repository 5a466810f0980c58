"""Somebody who asks, for tools that are called by themselves."""

from __future__ import annotations

from datetime import datetime

from bot.ports.tool import CallContext
from bot.talk.message import Conversation
from tests.fakes import ANA, GENERAL, START


def context(now: datetime = START, *, timezone: str = "Europe/Paris") -> CallContext:
    return CallContext(asker=ANA, conversation=Conversation(place=GENERAL), now=now, timezone=timezone)
