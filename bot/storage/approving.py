"""The part of the store that keeps approvals and rules: each verb is one transaction over `storage/approvals.py`."""

from __future__ import annotations

from datetime import datetime

from bot.ports import Clock
from bot.ports.approvals import Settled
from bot.storage import approvals
from bot.storage.connection import Connections
from bot.talk.approval import Request, RequestState, ToolRule
from bot.talk.record import Incoming


class SqlApprovals:
    """Implements `bot.ports.approvals.ApprovalStore`."""

    _db: Connections
    _clock: Clock

    async def request(self, request_id: str) -> Request | None:
        return await self._db.read(lambda c: approvals.load(c, request_id))

    async def settle_request(
        self, request_id: str, state: RequestState, *, by: str | None = None, follows: Incoming | None = None
    ) -> Settled | None:
        now = self._clock.now()
        return await self._db.write(lambda c: approvals.settle(c, request_id, state, by=by, follows=follows, now=now))

    async def begin_request(self, request_id: str) -> bool:
        return await self._db.write(lambda c: approvals.begin(c, request_id))

    async def lapsed_requests(self, *, now: datetime, limit: int) -> tuple[str, ...]:
        return await self._db.read(lambda c: approvals.lapsed(c, now=now, limit=limit))

    async def tool_rules(self) -> tuple[ToolRule, ...]:
        return await self._db.read(approvals.rules)

    async def save_tool_rule(self, rule: ToolRule) -> None:
        await self._db.write(lambda c: approvals.save_rule(c, rule))

    async def remove_tool_rule(self, rule: ToolRule) -> None:
        await self._db.write(lambda c: approvals.remove_rule(c, rule))
