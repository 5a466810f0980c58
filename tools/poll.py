"""Polls, because asking everyone is not the model's to answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.ports.tool import CallContext, Effect, tool
from bot.talk.poll import ANSWER, LEAST_ANSWERS, MOST_ANSWERS, MOST_HOURS, QUESTION

Question = Annotated[str, Field(min_length=1, max_length=QUESTION, description="What everyone here is asked.")]
Answers = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=ANSWER)]],
    Field(min_length=LEAST_ANSWERS, max_length=MOST_ANSWERS, description="The answers to choose from."),
]
Hours = Annotated[int, Field(ge=1, le=MOST_HOURS, description="How long it is open.")]
Several = Annotated[bool, Field(description="Whether one may choose more than one answer.")]


@tool(Effect.WRITES, seconds=60, needs="polls", doing="doing-poll")
async def poll(
    context: CallContext, question: Question, answers: Answers, hours: Hours = 24, several: Several = False
) -> str:
    """Post a poll in this channel for everyone to vote in. Only when somebody asks for one."""
    polls = context.services.polls
    if polls is None:
        raise ValueError("polls cannot be posted here")
    stands = await polls.open(question, answers, hours=hours, several=several, call=context.call)
    if not stands:
        return "The poll is posted as soon as the platform can be reached; do not post it again"
    return "The poll is posted as a message of its own, for everyone here to vote in; do not repeat it"
