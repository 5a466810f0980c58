"""Calls a person, because some questions are not a program's to answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.ports.tool import CallContext, Effect, tool

Reason = Annotated[
    str,
    Field(min_length=1, max_length=300, description="What the person is to look at, in one plain sentence, no names."),
]


@tool(Effect.WRITES, seconds=10, needs="human", unasked=True, doing="doing-needs-human")
async def needs_human(context: CallContext, reason: Reason) -> str:
    """Call a person of the team, in support channels: when what you were given does not answer the question, when
    something has to be done that you cannot do, or when the person asks for somebody. Once is enough."""
    human = context.services.human
    if human is None:
        raise ValueError("nobody can be called from here; answer with what you know, and say what you do not know")
    await human.call(reason)
    return (
        "A person is called. Say only that, in one short sentence, and end your answer: nothing about when they come, "
        "what they will do or decide"
    )
