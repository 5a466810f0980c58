"""What the store keeps of deliveries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.talk.delivery import Action, Delivery, DeliveryState, Shown
from bot.talk.message import Place
from bot.talk.record import Outgoing


class OutboxStore(Protocol):
    """Every method is one transaction. Raises DatabaseUnusable."""

    async def save_delivery(self, delivery: Delivery, state: DeliveryState, *, at: datetime) -> None:
        """Insert or update by id; what is shown stays as it is. Of `told` what tells of messages that are gone is left
        out, and goes later with messages that go."""
        ...

    async def save_actions(self, turn: str, actions: Sequence[Action], *, kind: str) -> Outgoing | None:
        """Other buttons of this kind (an id's part before the colon) under the answer of a closed turn: its delivery as
        it is now, READY again. None where it has these already, is not shown, or its words went."""
        ...

    async def save_shown(self, delivery_id: str, shown: Shown, state: DeliveryState | None = None) -> bool:
        """Whether it has changed while it was being sent, and is to be shown once more. A message that is known to be
        `gone` stays so."""
        ...

    async def undelivered(self, ids: Collection[str] | None = None) -> tuple[Outgoing, ...]:
        """READY deliveries and OPEN ones without an open turn, oldest first; of these ids only, where given."""
        ...

    async def backlog(self, *, limit: int) -> tuple[str, ...]:
        """Ids of the oldest that `undelivered` would name, at most so many."""
        ...

    async def unknown(self, *, limit: int) -> tuple[Outgoing, ...]:
        """The latest UNKNOWN deliveries, for whoever has to look whether they stand there."""
        ...

    async def claimed(self, place: Place | None, message_ids: Collection[str]) -> Mapping[str, str]:
        """Of these messages of ours those that are known to show a delivery, with its id; None: in any place."""
        ...

    async def delivery_state(self, delivery_id: str) -> DeliveryState | None:
        """What became of it; None where there is none of this id."""
        ...

    async def shown_by(self, place: Place, message_id: str) -> Outgoing | None:
        """The delivery that a message of ours on the platform belongs to."""
        ...
