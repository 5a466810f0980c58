"""What a tool is to the program: a typed function, and what it is told about who asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.talk.message import Conversation, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """Who asked, where, when. `timezone` is the community's, an IANA name."""

    asker: Person
    conversation: Conversation
    now: datetime
    timezone: str


ToolFunction = Callable[..., Awaitable[str]]
"""`async def name(context: CallContext, argument: Annotated[type, Field(description=…)] = …) -> str`.

The function's name is the tool's name and its docstring the description; the model sees what it returns. An error
that the model can act on is a ValueError whose message says what would be right.
"""
