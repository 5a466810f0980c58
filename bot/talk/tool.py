"""What a tool is to the program: a typed function, what it does to the world, and what it is told about who asks."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Concatenate, Generic, ParamSpec

from bot.talk.message import Conversation, Person

P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """Who asked, where, when. `timezone` is the community's, an IANA name."""

    asker: Person
    conversation: Conversation
    now: datetime
    timezone: str


class Effect(StrEnum):
    """What a call does to the world outside the program's own head."""

    READS = "reads"
    """It computes, or looks something up on this machine. Doing it twice harms nobody."""
    WRITES = "writes"
    """It changes something that stays. It runs alone, and the same call runs once in a turn."""
    LEAVES = "leaves the house"
    """It sends something to another machine. What was sent cannot be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(Generic[P]):
    """A function that the model may call, made by `@tool(...)`; called like the function itself.

    `seconds`: its own time limit, where that is shorter than the one of all tools. `beside`: whether it may run while
    other calls of the same step do. Raises TypeError, at import, for a declaration that cannot be kept.
    """

    run: Callable[Concatenate[CallContext, P], Awaitable[str]]
    effect: Effect
    seconds: float | None = None
    beside: bool = False

    def __post_init__(self) -> None:
        if not inspect.iscoroutinefunction(self.run):
            raise TypeError(f"the tool {self.name} must be an async function")
        if not (self.run.__doc__ or "").strip():
            raise TypeError(f"the tool {self.name} needs a docstring: it is what the model is told")
        if not isinstance(self.effect, Effect):  # pyright: ignore[reportUnnecessaryIsInstance] # `@tool` for `@tool(…)`
            raise TypeError(f"the tool {self.name} must declare its effect: @tool(Effect.READS), for example")
        if self.beside and self.effect is Effect.WRITES:
            raise TypeError(f"the tool {self.name} writes, so it cannot run beside others")
        if self.seconds is not None and not self.seconds > 0:
            raise TypeError(f"the time limit of the tool {self.name} must be more than 0 seconds")

    def __call__(self, context: CallContext, /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[str]:
        return self.run(context, *args, **kwargs)

    @property
    def name(self) -> str:
        return self.run.__name__


AnyTool = Tool[...]


def tool(
    effect: Effect, *, seconds: float | None = None, beside: bool = False
) -> Callable[[Callable[Concatenate[CallContext, P], Awaitable[str]]], Tool[P]]:
    """Declare a tool: `@tool(Effect.READS, seconds=2, beside=True)` above
    `async def name(context: CallContext, argument: Annotated[type, Field(description=…)] = …) -> str`.

    The function's name is the tool's name and its docstring the description; the model sees what it returns. An error
    that the model can act on is a ValueError whose message says what would be right. What is not declared is assumed
    to need care: a tool without `beside` runs alone, and one without an effect does not load.
    """

    def declare(function: Callable[Concatenate[CallContext, P], Awaitable[str]]) -> Tool[P]:
        return Tool(run=function, effect=effect, seconds=seconds, beside=beside)

    return declare
