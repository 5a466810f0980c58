"""Support channels: what the verbs of support keep, and what others ask of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.ports.rights import Rights
from bot.ports.support_threads import QuestionThreads
from bot.talk.delivery import Action, Delivery
from bot.talk.digest import Told
from bot.talk.message import Message, Person, Place
from bot.talk.plan import Plan
from bot.talk.record import Outgoing
from bot.talk.support import Case, Handed, Relayed, SetUp, Silence, SupportChannel, Talk


async def is_staff(rights: Rights, channel: SupportChannel | None, person: str, place: Place) -> bool:
    """Whether the person (as `Person.key`) manages the place, or has a role of the channel's staff, as of now: who
    left, or lost the role, is no longer."""
    if await rights.moderates(person, place):
        return True
    return channel is not None and bool(channel.staff and channel.staff & await rights.roles(person, place))


WritesDown = Callable[[], Awaitable[None]]
"""Writes something down; what is known already stays as it is. Raises DatabaseUnusable."""

Relays = Callable[[Message], Awaitable[WritesDown | None]]
"""Whether a message is meant for somebody else, whom nobody but us tells of it: then, what sees to it that they are
told, to be called once the message itself is written down. What was told before could not go with it when it is
deleted. Raises DatabaseUnusable."""


class KnownChannels(Protocol):
    """Which channels are support channels. Raises DatabaseUnusable."""

    async def support_channel(self, place: Place) -> SupportChannel | None:
        """Of this place, or, for a thread, of its channel or forum."""
        ...

    async def support_channels(self, platform: str | None = None, guild: str | None = None) -> Sequence[SupportChannel]:
        """Of a guild; without one, of a platform; without that, all."""
        ...


class SupportChannels(KnownChannels, Protocol):
    """How channels are set up. Every method is one transaction. Raises DatabaseUnusable."""

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


class KnownCases(Protocol):
    """Which questions a person was called for. Raises DatabaseUnusable."""

    async def case_of(self, place: Place, message: str) -> Case | None:
        """The latest that was opened for this question (its id), or to which it was added last."""
        ...


class Cases(KnownCases, Protocol):
    """What is left to people. Every method is one transaction. Raises DatabaseUnusable."""

    async def open_case(self, case: Case, *, plan: Plan, more: Told) -> tuple[Case, Outgoing | None]:
        """Insert it, with what is planned for it; where one of the thread, or in a channel of the asker, is not solved,
        count it there, and add `more` to its note: that case, and the note where it is to be shown anew. The same
        question is counted once."""
        ...

    async def case(self, case_id: str) -> Case | None: ...

    async def unsolved_case(self, place: Place, asker: str | None = None) -> Case | None:
        """Of this asker; without one, any of the place."""
        ...

    async def change_case(
        self, before: Case, after: Case, *, line: str, actions: tuple[Action, ...], leaves: Sequence[Delivery] = ()
    ) -> tuple[Outgoing, ...] | None:
        """With the last line of its note and the buttons under it, and what leaves because of it: all that is to be
        shown now. Nobody is told again of a case that is claimed or solved. None, and nothing has changed, where it is
        not as `before` any more."""
        ...

    async def note_may_stand(self, place: Place) -> bool:
        """Whether a note may stand there of which it is not known yet in which message."""
        ...

    async def note_escalation(self, case_id: str, times: int) -> None:
        """Staff are told of it for the `times`-th time again; to say so twice changes nothing."""
        ...

    async def case_talk(self, case: Case, *, limit: int) -> tuple[Message, ...]:
        """What was said to all in its thread, or by its asker in a channel, and may be told of: the last `limit`, the
        oldest first."""
        ...

    async def save_relay(self, relay: Relayed, plan: Plan) -> None:
        """With the plan that tells it; what is known already stays as it is. Nothing where the words of its message
        are gone, or its case is."""
        ...

    async def relay(self, relay_id: str) -> Relayed | None: ...


class HandsOver(Protocol):
    """Calls a person."""

    async def hand_over(self, message: Message, *, channel: SupportChannel) -> None:
        """Because the bot has answered as often as it may. Staff are told of it, soon and once, also over a crash. Once
        in a thread, and for each asker in a channel, as long as the case is not solved: what comes meanwhile is added.
        Raises DatabaseUnusable."""
        ...


class TakesUp(Protocol):
    """Is told what becomes of questions where they stand, so that nobody has to press a button for it as well. Raises
    DatabaseUnusable."""

    async def taken_up(self, talk: Talk, by: Person, *, at: datetime) -> None:
        """Somebody of staff has answered there then. What a person was called for before is theirs, if it is
        nobody's."""
        ...

    async def settled(self, talk: Talk) -> None:
        """A tag says that it is solved."""
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

    async def hand_over(self, message: Message, *, channel: SupportChannel) -> None:
        raise AssertionError("there is no support channel")

    async def called(self, message: Message, *, channel: SupportChannel, unfound: bool) -> Handed:
        raise AssertionError("there is no support channel")

    async def unfound(self, message: Message) -> Handed:
        raise AssertionError("there is no support channel")

    async def thanked(self, message: Message) -> Handed:
        raise AssertionError("there is no support channel")


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


class SupportStore(SupportChannels, Talks, Questions, QuestionThreads, Protocol):
    """A part of the store."""


class FallsSilent(Protocol):
    async def fall_silent(self, place: Place, why: Silence, *, asker: str) -> None:
        """The bot says nothing more in this thread, or, in a channel without threads, to the asker (as `Person.key`),
        until it is called back. Raises DatabaseUnusable."""
        ...
