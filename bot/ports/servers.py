"""Tool servers of others: what an operator has approved of what they offer, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.ports.tool import ForeignTool
from bot.talk.message import Conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """A tool's definition as the operator approved it. `text`: its canonical JSON, `digest` of that.

    `withdrawn`: since when it is not to be used, because the server changed it after it was approved.
    """

    server: str
    tool: str
    digest: str
    text: str
    at: datetime
    withdrawn: datetime | None = None


class ApprovedTools(Protocol):
    """What is approved outlives the process, and is approved by another one. Raises DatabaseUnusable."""

    async def approved_tools(self) -> Sequence[Approved]: ...

    async def approve_tools(self, approved: Sequence[Approved]) -> None:
        """What was approved of the same tools before is replaced."""
        ...

    async def withdraw_tool(self, server: str, tool: str, *, digest: str, at: datetime) -> bool:
        """Not to be used until it is approved anew. False where that definition is not the approved one any more."""
        ...

    async def forget_tools(self, server: str, tool: str | None = None) -> int:
        """Of a server, or one tool of it; returns how many were approved."""
        ...


class ToolServers(Protocol):
    """The servers that there are, while the program runs."""

    def tools(self) -> Sequence[ForeignTool]:
        """Those that may be offered somewhere, as of now."""
        ...

    def allowed(self, server: str, conversation: Conversation) -> bool:
        """Whether a server may be used where the conversation is."""
        ...

    def up(self) -> Mapping[str, float]:
        """By server: 1 while it is there."""
        ...

    def facts(self) -> Mapping[str, str]:
        """By server: how it is, in a sentence of our own."""
        ...


class NoServers:
    """Where the operator names none."""

    def tools(self) -> Sequence[ForeignTool]:
        return ()

    def allowed(self, server: str, conversation: Conversation) -> bool:
        return False

    def up(self) -> Mapping[str, float]:
        return {}

    def facts(self) -> Mapping[str, str]:
        return {}
