"""What keeps requests for approval, and rules of tools. Every method is one transaction. Raises DatabaseUnusable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.talk.approval import Request, RequestState, ToolRule
from bot.talk.record import Incoming, Outgoing


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """`now`: how it stands. `ours`: this very call settled it. `outgoing`: the answer without its buttons, to show."""

    now: RequestState
    ours: bool = False
    outgoing: Outgoing | None = None


class ApprovalStore(Protocol):
    """A part of the store. Requests are written with the end of their turn (`Store.close_turn`)."""

    async def request(self, request_id: str) -> Request | None:
        """None where it was never written down, or went with its question, place or guild."""
        ...

    async def settle_request(
        self, request_id: str, state: RequestState, *, by: str | None = None, follows: Incoming | None = None
    ) -> Settled | None:
        """Decide on one that waits, once; its buttons go in the same transaction. None where it is not there.

        `by`: the key of whoever decided; it is not written down of a person who has opted out. `follows`: the message
        of our own that the next turn answers, written down with it. What is not allowed loses its arguments.
        """
        ...

    async def begin_request(self, request_id: str) -> bool:
        """An allowed one is about to be carried out. False where it was begun before, so that it may have been done."""
        ...

    async def lapsed_requests(self, *, now: datetime, limit: int) -> tuple[str, ...]:
        """Ids of those that wait although their time is over, the oldest first."""
        ...

    async def tool_rules(self) -> tuple[ToolRule, ...]: ...
    async def save_tool_rule(self, rule: ToolRule) -> None: ...
    async def remove_tool_rule(self, rule: ToolRule) -> None:
        """What `allowed` says does not matter."""
        ...
