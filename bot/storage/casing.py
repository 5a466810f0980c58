"""The part of the store that keeps what is left to people: each verb is one transaction over `storage/cases.py`."""

from __future__ import annotations

from collections.abc import Sequence

from bot.ports import Clock
from bot.storage import case_notes, cases
from bot.storage.connection import Connections
from bot.talk.delivery import Action, Delivery
from bot.talk.digest import Told
from bot.talk.message import Message, Place
from bot.talk.plan import Plan
from bot.talk.record import Outgoing
from bot.talk.support import Case, Relayed


class SqlCases:
    """Implements `bot.ports.support.Cases`."""

    _db: Connections
    _clock: Clock

    async def open_case(self, case: Case, *, plan: Plan, more: Told) -> tuple[Case, Outgoing | None]:
        now = self._clock.now()
        return await self._db.write(lambda c: cases.open_case(c, case, plan=plan, more=more, at=now))

    async def case(self, case_id: str) -> Case | None:
        return await self._db.read(lambda c: cases.load(c, case_id))

    async def unsolved_case(self, place: Place, asker: str | None = None) -> Case | None:
        return await self._db.read(lambda c: cases.unsolved(c, place.key, asker))

    async def note_may_stand(self, place: Place) -> bool:
        return await self._db.read(lambda c: case_notes.may_stand(c, place))

    async def case_of(self, place: Place, message: str) -> Case | None:
        return await self._db.read(lambda c: cases.case_of(c, place.key, message))

    async def change_case(
        self, before: Case, after: Case, *, line: str, actions: tuple[Action, ...], leaves: Sequence[Delivery] = ()
    ) -> tuple[Outgoing, ...] | None:
        now = self._clock.now()
        return await self._db.write(
            lambda c: cases.change(c, before, after, line=line, actions=actions, leaves=leaves, at=now)
        )

    async def note_escalation(self, case_id: str, times: int) -> None:
        await self._db.write(lambda c: cases.note_escalation(c, case_id, times))

    async def case_talk(self, case: Case, *, limit: int) -> tuple[Message, ...]:
        return await self._db.read(lambda c: cases.talk(c, case, limit=limit))

    async def save_relay(self, relay: Relayed, plan: Plan) -> None:
        now = self._clock.now()
        await self._db.write(lambda c: cases.save_relay(c, relay, plan, at=now))

    async def relay(self, relay_id: str) -> Relayed | None:
        return await self._db.read(lambda c: cases.relay(c, relay_id))
