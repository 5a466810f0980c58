"""Where and when the contract of the store plays: one room, its conversation, and moments counted from its start."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.talk.message import Conversation
from tests.fakes import GENERAL, START

ROOM = GENERAL
TALK = Conversation(place=ROOM)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)
