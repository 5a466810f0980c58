"""Support channels: what the verbs of support keep, and what others ask of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.talk.delivery import Action, Delivery
from bot.talk.digest import Told
from bot.talk.message import Message, Place
from bot.talk.plan import Plan
from bot.talk.record import Outgoing
from bot.talk.support import Case, Handed, Relayed, SupportChannel


class SupportChannels(Protocol):
    """How channels are set up. Every method is one transaction. Raises DatabaseUnusable."""

    async def support_channel(self, place: Place) -> SupportChannel | None:
        """Of this place, or, for a thread, of its channel or forum."""
        ...

    async def support_channels(self, platform: str, guild: str | None) -> Sequence[SupportChannel]:
        """Of a guild; on a platform without guilds, all."""
        ...

    async def save_support_channel(self, channel: SupportChannel) -> None: ...

    async def drop_support_channel(self, place: Place) -> bool:
        """Whether there was one."""
        ...


class Cases(Protocol):
    """What is left to people. Every method is one transaction. Raises DatabaseUnusable."""

    async def open_case(self, case: Case, *, plan: Plan, more: Told) -> tuple[Case, Outgoing | None]:
        """Insert it, with what is planned for it; where one of the place is not solved, count it there, and add `more`
        to its note: that case, and the note where it is to be shown anew. The same question is counted once."""
        ...

    async def case(self, case_id: str) -> Case | None: ...

    async def unsolved_case(self, place: Place) -> Case | None: ...

    async def change_case(
        self, before: Case, after: Case, *, line: str, actions: tuple[Action, ...], leaves: Sequence[Delivery] = ()
    ) -> tuple[Outgoing, ...] | None:
        """With the last line of its note and the buttons under it, and what leaves because of it: all that is to be
        shown now. Nobody is told again of a case that is claimed or solved. None, and nothing has changed, where it is
        not as `before` any more."""
        ...

    async def note_escalation(self, case_id: str, times: int) -> None:
        """Staff are told of it for the `times`-th time again; to say so twice changes nothing."""
        ...

    async def unclaimed_cases(self) -> int:
        """How many nobody has claimed although staff were told again."""
        ...

    async def case_talk(self, case: Case, *, limit: int) -> tuple[Message, ...]:
        """What was said to all in its place and may be told of, the last `limit`, oldest first."""
        ...

    async def save_relay(self, relay: Relayed, plan: Plan) -> None:
        """With the plan that tells it; what is known already stays as it is."""
        ...

    async def relay(self, relay_id: str) -> Relayed | None: ...


class HandsOver(Protocol):
    """Calls a person."""

    async def hand_over(self, message: Message, *, channel: SupportChannel, reason: str) -> None:
        """Staff are told of it, soon and once, also over a crash. Once in a place as long as the case is not solved:
        what comes meanwhile is added. Raises DatabaseUnusable."""
        ...


class Helps(HandsOver, Protocol):
    """What answers need of support channels. Raises DatabaseUnusable."""

    async def channel(self, message: Message) -> SupportChannel | None:
        """The support channel that it was asked in."""
        ...

    async def called(self, message: Message, *, channel: SupportChannel, unfound: bool) -> Handed:
        """A person is called, unless one is already; what stands there instead of an answer. `unfound`: because
        knowledge said nothing; else because the model asked for it."""
        ...

    async def unfound(self, message: Message) -> Handed:
        """That nothing was found, where nobody can be called."""
        ...

    async def thanked(self, message: Message) -> Handed:
        """What is said to thanks and the like."""
        ...


class NoHelp:
    """There are no support channels. Implements `Helps`."""

    async def channel(self, message: Message) -> SupportChannel | None:
        return None

    async def hand_over(self, message: Message, *, channel: SupportChannel, reason: str) -> None:
        raise AssertionError("there is no support channel")

    async def called(self, message: Message, *, channel: SupportChannel, unfound: bool) -> Handed:
        raise AssertionError("there is no support channel")

    async def unfound(self, message: Message) -> Handed:
        raise AssertionError("there is no support channel")

    async def thanked(self, message: Message) -> Handed:
        raise AssertionError("there is no support channel")
