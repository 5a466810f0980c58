"""Tools of servers that are not ours, without a server, and a gate that is open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.ports.gate import Admitted, Requested
from bot.ports.tool import CallContext, Effect, ForeignTool
from bot.talk.message import Conversation


class OpenGate:
    """Lets everything through, where it is not the gate that is tested."""

    def offers(self, tool: str, server: str, conversation: Conversation) -> bool:
        return True

    async def admit(self, requested: Requested, context: CallContext) -> Admitted:
        return Admitted()


def foreign_tool(
    name: str, *, gives: str = "six", effect: Effect = Effect.READS, server: str = "harbour"
) -> ForeignTool:
    """One that takes whatever it is given."""

    def check(arguments: object) -> dict[str, Any]:
        assert isinstance(arguments, dict)
        return arguments

    async def call(_context: CallContext, _arguments: dict[str, Any]) -> str:
        return gives

    return ForeignTool(
        name=name,
        server=server,
        description=f"Tells of the {name}.",
        parameters={"type": "object", "properties": {}},
        definition=name,
        effect=effect,
        check=check,
        call=call,
    )


@dataclass(frozen=True, slots=True)
class FakeServers:
    """Servers that are up. `guilds`: where they may be used; None: everywhere."""

    foreign: Callable[[], Sequence[ForeignTool]] = tuple
    guilds: Collection[str | None] | None = None

    def tools(self) -> Sequence[ForeignTool]:
        return self.foreign()

    def allowed(self, server: str, conversation: Conversation) -> bool:
        return self.guilds is None or conversation.place.guild in self.guilds

    def up(self) -> Mapping[str, float]:
        return {}

    def facts(self) -> Mapping[str, str]:
        return {}
