"""Support channels: what the verbs of support keep, and what others ask of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.talk.delivery import Delivery
from bot.talk.message import Message, Place
from bot.talk.record import Outgoing
from bot.talk.support import SetUp, Silence, SupportChannel, Talk


class SupportChannels(Protocol):
    """How channels are set up. Every method is one transaction. Raises DatabaseUnusable."""

    async def support_channel(self, place: Place) -> SupportChannel | None:
        """Of this place, or, for a thread, of its channel or forum."""
        ...

    async def support_channels(self, platform: str | None = None, guild: str | None = None) -> Sequence[SupportChannel]:
        """Of a guild; without one, of a platform; without that, all."""
        ...

    async def save_support_channel(self, channel: SupportChannel) -> None: ...

    async def drop_support_channel(self, place: Place) -> bool:
        """Whether there was one."""
        ...

    async def save_set_up(self, set_up: SetUp, *, at: datetime) -> None:
        """What somebody was shown. Of one person and channel only the last counts; what is old goes."""
        ...

    async def set_up(self, set_up_id: str, *, now: datetime) -> SetUp | None:
        """None where it was saved, cancelled or followed by another, or is old."""
        ...

    async def drop_set_up(self, set_up_id: str) -> None: ...

    async def take_set_up(self, set_up: SetUp) -> bool:
        """Set the channel up as shown. False, and nothing has changed, where it was set up otherwise meanwhile."""
        ...


class Talks(Protocol):
    """Who asks in support channels, and whether the bot answers them. Raises DatabaseUnusable."""

    async def talks(self, place: Place) -> Sequence[Talk]:
        """The latest of this place, the last that was spoken in first."""
        ...

    async def talk(self, place: Place, asker: str | None = None) -> Talk | None:
        """This asker's; without one, the first of the place."""
        ...

    async def open_talk(self, place: Place, asker: str, *, at: datetime) -> Talk:
        """A new one. What was said there between the same person and us before is over."""
        ...

    async def spoke(self, talk: Talk, *, at: datetime) -> None: ...

    async def silence(
        self, talk: Talk, why: Silence, *, at: datetime, told: Delivery | None, once: bool = True
    ) -> tuple[bool, bool]:
        """From `at` on; `told` is READY in the same transaction, with `once` only where the asker has been told nothing
        yet. Whether anything has changed (not where it is silent already, or was called back later than `at`), and
        whether `told` was written down."""
        ...

    async def call_back(self, talk: Talk, *, at: datetime, overruled: Collection[str], anew: bool) -> bool:
        """The bot answers again. `anew`: so does the count of its answers. Whether anything has changed."""
        ...

    async def count_answer(self, talk: Talk, message: Message) -> None:
        """The message is answered in the talk; a replay counts once."""
        ...

    async def answers_counted(
        self, place: Place, person: str, *, since: datetime, of_thread: datetime | None, besides: str = ""
    ) -> tuple[int, int]:
        """How many answers there were in the place (after `of_thread`, where given), and to the person in all places
        since, but for the message `besides` (an id)."""
        ...


class Questions(Protocol):
    """Questions that consist of several messages, and those that are answered by somebody else. Raises
    DatabaseUnusable."""

    async def join(self, message: Message, earlier: Collection[str]) -> Collection[str] | None:
        """These earlier messages (ids) are a part of the question that the message ends: they need no answer of their
        own, and end as it does. One whose answer was begun stays as it is. Those that were joined; None where the
        message itself needs no answer any more."""
        ...

    async def joined(self, message: Message) -> Sequence[Message]:
        """The parts of its question as they read now, oldest first."""
        ...

    async def let_go(self, place: Place, asker: str, *, besides: Collection[str] = ()) -> Sequence[Outgoing]:
        """What the asker asked there needs no answer any more, but for these messages (ids). Returns what stands half
        written and is to go."""
        ...


class SupportStore(SupportChannels, Talks, Questions, Protocol):
    """A part of the store."""


class FallsSilent(Protocol):
    async def fall_silent(self, place: Place, why: Silence) -> None:
        """The bot says nothing more in this thread until it is called back. Raises DatabaseUnusable."""
        ...


class HandsOver(Protocol):
    async def hand_over(self, message: Message, *, channel: SupportChannel, reason: str) -> None:
        """A person is called for what the message asks. `reason`: for staff, in a line. Raises DatabaseUnusable."""
        ...
