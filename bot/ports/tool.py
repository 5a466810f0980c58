"""What a tool is to the program: a typed function, what it does to the world, and what it is told about who asks."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, get_type_hints

from bot.ports.services import NONE, Services
from bot.talk.approval import Request
from bot.talk.found import Found
from bot.talk.message import Conversation, Person
from bot.talk.turn import Part

P = ParamSpec("P")
R_co = TypeVar("R_co", bound=str | Found, covariant=True)
G = TypeVar("G", bound=str | Found)

SERVICES = frozenset(each.name for each in fields(Services))


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """Who asked, where, when. `timezone` is the community's, an IANA name. `message` is the question's id.

    `call` names this very call: it is the same when it is carried out again after a crash, so what a tool writes under
    it is written once. `services` act for this asker and this audience.

    The rest is for the gate. `words`: the question itself; `parts`: what the turn has made so far, calls and results;
    `across`: something in them may have been said elsewhere, whatever the results are of; `approved`: the request that
    a person has allowed, which this turn carries out.
    """

    asker: Person
    conversation: Conversation
    now: datetime
    timezone: str
    message: str = ""
    call: str = ""
    services: Services = NONE
    words: str = field(default="", repr=False)
    parts: tuple[Part, ...] = field(default=(), repr=False)
    across: bool = False
    approved: Request | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Secret:
    """Marks an argument that is kept out of traces and progress: `Annotated[str, Secret(), Field(…)]`. Who is asked to
    allow a call sees all of it all the same: nobody can allow what they do not see."""


class Effect(StrEnum):
    """What a call does to the world outside the program's own head."""

    READS = "reads"
    """It computes, or looks something up on this machine. Doing it twice harms nobody."""
    WRITES = "writes"
    """It changes something that stays. It runs alone, and the same call runs once in a turn."""
    LEAVES = "leaves the house"
    """It sends something to another machine. What was sent cannot be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(Generic[P, R_co]):
    """A function that the model may call, made by `@tool(...)`; called like the function itself.

    `seconds`: its own time limit, where that is shorter than the one of all tools. `beside`: whether it may run while
    other calls of the same step do. `needs`: a service without which it is not offered. `across`: it may give what was
    said or kept elsewhere than in the conversation. `outside`: it gives words of others, which the model is told are
    data. `unasked`: nobody has to allow it although it writes, as all that it does is to call people. `doing`: the key
    of the sentence that people read while it works, filled with its arguments. Raises TypeError, at import, for a
    declaration that cannot be kept.
    """

    run: Callable[Concatenate[CallContext, P], Awaitable[R_co]]
    effect: Effect
    seconds: float | None = None
    beside: bool = False
    needs: str = ""
    across: bool = False
    outside: bool = False
    doing: str = ""
    unasked: bool = False

    def __post_init__(self) -> None:
        if not inspect.iscoroutinefunction(self.run):
            raise TypeError(f"the tool {self.name} must be an async function")
        if not (self.run.__doc__ or "").strip():
            raise TypeError(f"the tool {self.name} needs a docstring: it is what the model is told")
        if not isinstance(self.effect, Effect):  # pyright: ignore[reportUnnecessaryIsInstance] # `@tool` for `@tool(…)`
            raise TypeError(f"the tool {self.name} must declare its effect: @tool(Effect.READS), for example")
        if self.beside and self.effect is Effect.WRITES:
            raise TypeError(f"the tool {self.name} writes, so it cannot run beside others")
        if self.unasked and self.effect is not Effect.WRITES:
            raise TypeError(f"nobody is ever asked about the tool {self.name}: it does not write")
        if self.seconds is not None and not self.seconds > 0:
            raise TypeError(f"the time limit of the tool {self.name} must be more than 0 seconds")
        if self.needs and self.needs not in SERVICES:
            raise TypeError(f"the tool {self.name} needs {self.needs!r}; there is {', '.join(sorted(SERVICES))}")

    def __call__(self, context: CallContext, /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[R_co]:
        return self.run(context, *args, **kwargs)

    @property
    def name(self) -> str:
        return self.run.__name__

    @property
    def secret(self) -> frozenset[str]:
        """The names of the arguments that are marked so."""
        hints = get_type_hints(self.run, include_extras=True)
        return frozenset(name for name, hint in hints.items() if _is_secret(hint))


def _is_secret(hint: object) -> bool:
    marks: tuple[object, ...] = getattr(hint, "__metadata__", ())
    return any(isinstance(mark, Secret) or mark is Secret for mark in marks)


AnyTool = Tool[..., str | Found]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignTool:
    """A tool of a server that is not ours. `parameters` is its JSON schema; `check` raises BadCall for arguments that
    do not fit it. `definition` is a digest of all that it says of itself, so that a change is noticed."""

    name: str
    server: str
    description: str
    parameters: Mapping[str, object]
    definition: str
    effect: Effect
    check: Callable[[object], dict[str, Any]]
    call: Callable[[CallContext, dict[str, Any]], Awaitable[str | Found]]
    seconds: float | None = None
    beside: bool = False
    across: bool = False
    outside: bool = True
    doing: str = "doing-foreign"
    secret: frozenset[str] = frozenset()


def tool(
    effect: Effect,
    *,
    seconds: float | None = None,
    beside: bool = False,
    needs: str = "",
    across: bool = False,
    outside: bool = False,
    doing: str = "",
    unasked: bool = False,
) -> Callable[[Callable[Concatenate[CallContext, P], Awaitable[G]]], Tool[P, G]]:
    """Declare a tool: `@tool(Effect.READS, seconds=2, beside=True)` above
    `async def name(context: CallContext, argument: Annotated[type, Field(description=…)] = …) -> str`.

    The function's name is the tool's name and its docstring the description; the model sees what it returns. An error
    that the model can act on is a ValueError whose message says what would be right. What is not declared is assumed
    to need care: a tool without `beside` runs alone, and one without an effect does not load.
    """

    def declare(function: Callable[Concatenate[CallContext, P], Awaitable[G]]) -> Tool[P, G]:
        return Tool(
            run=function,
            effect=effect,
            seconds=seconds,
            beside=beside,
            needs=needs,
            across=across,
            outside=outside,
            doing=doing,
            unasked=unasked,
        )

    return declare
