"""A tool as the toolbox holds it, ours or another server's: how it is described, checked and run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from bot.agent.arguments import Arguments, check, model_of, read, spec_of
from bot.ports.tool import AnyTool, CallContext, Effect, ForeignTool
from bot.talk.found import Found
from bot.talk.turn import Call, ToolSpec

REMEMBERED = 128
"""Tools of ours that are described once and not again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """`check` raises BadCall with what is wrong, for the model; `definition` changes when what it says of itself does;
    `secret` names the arguments that are shown to nobody.

    The rest as in `Tool`.
    """

    spec: ToolSpec
    effect: Effect
    check: Callable[[Call], dict[str, Any]]
    run: Callable[[CallContext, dict[str, Any]], Awaitable[str | Found]]
    seconds: float | None
    beside: bool
    needs: str
    across: bool
    outside: bool
    doing: str
    unasked: bool = False
    secret: frozenset[str] = frozenset()
    server: str = ""
    definition: str = ""

    @property
    def name(self) -> str:
        return self.spec.name


@lru_cache(maxsize=REMEMBERED)
def ours(tool: AnyTool) -> Offer:
    """Worked out once for each tool: it takes some milliseconds. Raises TypeError where arguments could not be
    checked."""
    model = model_of(tool)
    return Offer(
        spec=spec_of(tool, model),
        effect=tool.effect,
        check=partial(_checked, model),
        run=partial(_run, tool),
        seconds=tool.seconds,
        beside=tool.beside,
        needs=tool.needs,
        across=tool.across,
        outside=tool.outside,
        doing=tool.doing,
        unasked=tool.unasked,
        secret=tool.secret,
    )


def foreign(tool: ForeignTool) -> Offer:
    return Offer(
        spec=ToolSpec(name=tool.name, description=tool.description, parameters=tool.parameters),
        effect=tool.effect,
        check=partial(_fits, tool),
        run=tool.call,
        seconds=tool.seconds,
        beside=tool.beside,
        needs="",
        across=tool.across,
        outside=tool.outside,
        doing=tool.doing,
        secret=tool.secret,
        server=tool.server,
        definition=tool.definition,
    )


def _checked(model: type[Arguments], call: Call) -> dict[str, Any]:
    return check(call, model)


def _fits(tool: ForeignTool, call: Call) -> dict[str, Any]:
    return tool.check(read(call))


async def _run(tool: AnyTool, context: CallContext, arguments: dict[str, Any]) -> str | Found:
    return await tool.run(context, **arguments)
