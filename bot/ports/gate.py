"""Whether a call may be carried out: by the rules of the place, the rights of the asker, and a person's approval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.ports.tool import CallContext, Effect
from bot.talk.message import Conversation
from bot.talk.turn import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a tool gives, as `Tool` says."""

    across: bool = False
    outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A call whose arguments were checked. The rest says of its tool what `Tool` and `ForeignTool` say.

    `known`: all tools that there are now, by name; a result of any other may hold anything.
    """

    call: Call
    arguments: Mapping[str, object]
    effect: Effect
    across: bool = False
    unasked: bool = False
    server: str = ""
    definition: str = ""
    known: Mapping[str, Traits] = field(default_factory=dict[str, Traits])


@dataclass(frozen=True, slots=True)
class Admitted:
    """Carry it out."""


@dataclass(frozen=True, slots=True)
class Denied:
    """`reason`: for the model, which may try something else."""

    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A person is asked with buttons when the turn ends; `told` is for the model."""

    told: str


Verdict = Admitted | Denied | Asked


class Gate(Protocol):
    def offers(self, tool: str, server: str, conversation: Conversation) -> bool:
        """Whether the model is told of this tool there; `server` "" for one of ours."""
        ...

    async def admit(self, requested: Requested, context: CallContext) -> Verdict:
        """Decided anew for each call, as of now. What cannot be decided is denied."""
        ...


class Reading:
    """Admits what only reads; where nobody can be asked."""

    def offers(self, tool: str, server: str, conversation: Conversation) -> bool:
        return True

    async def admit(self, requested: Requested, context: CallContext) -> Verdict:
        if requested.effect is Effect.READS:
            return Admitted()
        return Denied("this would do more than read, and nobody can be asked here whether it may")
