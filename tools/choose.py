"""Choosing and shuffling by chance, because a language model has favourites."""

from __future__ import annotations

from random import SystemRandom
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.ports.tool import CallContext, Effect, tool

MOST_OPTIONS = 100

Option = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Options = Annotated[list[Option], Field(min_length=2, max_length=MOST_OPTIONS, description="What to choose from.")]
Count = Annotated[
    int, Field(ge=1, le=MOST_OPTIONS, description="How many to draw, each once; as many as there are options: shuffle.")
]


@tool(Effect.READS, seconds=2, beside=True, doing="doing-choose")
async def choose(_context: CallContext, options: Options, count: Count = 1) -> str:
    """Choose among options by chance, draw several, or shuffle all into an order."""
    if count > len(options):
        raise ValueError(f"there are only {len(options)} options to draw {count} from")
    drawn = SystemRandom().sample(options, count)
    if count == 1:
        return f"chosen of {len(options)}: {drawn[0]}"
    return f"drawn of {len(options)}, in this order:\n" + "\n".join(f"{at}. {each}" for at, each in enumerate(drawn, 1))
