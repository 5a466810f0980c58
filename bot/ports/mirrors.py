"""Channels side by side: what is kept of them, and what `hear` tells of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.event import CaughtUp, Left, ThreadChanged, Typing
from bot.talk.message import Message, Place
from bot.talk.mirror import Carried, Copy, Link, Missed, Owing, Unseen, Way
from bot.talk.record import Outgoing
from bot.talk.shape import Change, Owed, Part, Shape


class Mirrors(Protocol):
    """What is told of all that people say. Raises DatabaseUnusable for what is to be told again; a replay is harmless.
    Nothing here waits for an engine or a platform."""

    async def said(self, message: Message) -> None:
        """By somebody who has not opted out."""
        ...

    async def between(self, message: Message) -> bool:
        """Whether people say it to each other, although it looks as if it were for us: they reply to a copy, or write
        in a thread that we began for others."""
        ...

    async def edited(self, message: Message) -> None: ...
    async def noticed(self, event: Typing | ThreadChanged | CaughtUp) -> None: ...
    async def left(self, event: Left) -> None: ...
    def look(self) -> None:
        """Something may be to be done: a message went, a minute is over."""
        ...


class MirrorStore(Protocol):
    """A part of the store: every method is one transaction. Raises DatabaseUnusable.

    Copies of messages that are deleted, and of people who opt out or want to be forgotten, become `gone` with these
    transactions of the store; links go with their guild, and a place that is gone leaves its link.
    """

    async def links(self) -> tuple[Link, ...]:
        """All that are active; those with a single side are left over from a place that went."""
        ...

    async def link(self, link_id: str) -> Link | None: ...
    async def propose_link(self, link: Link, *, forget_before: datetime) -> None:
        """Write it down, not active; earlier proposals that nobody has confirmed go."""
        ...

    async def confirm_link(self, link: Link, *, most: int, told: Sequence[Delivery], at: datetime) -> bool:
        """It is active from now on, and people are told of it, READY in the same transaction. False, and nothing has
        changed, where it is not proposed any more, a side of it is linked already, or its guild has `most` links."""
        ...

    async def end_link(self, link_id: str, *, told: Sequence[Delivery], at: datetime) -> bool:
        """What still waited is not shown any more; what is shown goes with its message. Whether it was active."""
        ...

    async def drop_side(self, place: Place) -> None:
        """The channel is gone, and is in no link any more; nor does anything of it stand elsewhere."""
        ...

    async def take_copies(
        self, link: Link, message: Message, words: Carried, *, most: int, at: datetime
    ) -> frozenset[str]:
        """One for each other side, each once; a message that is known and was edited since is revised. The sides (keys)
        that are left out because `most` copies wait for them already. Of somebody who has opted out none is taken."""
        ...

    async def revise_copies(self, message: Message, words: Carried) -> bool:
        """Whether there are any that have to be shown anew."""
        ...

    async def waiting_targets(self, *, limit: int) -> tuple[str, ...]:
        """Keys of places where something is to be done, whoever waits longest first."""
        ...

    async def copies_waiting(self) -> int:
        """How many are to be shown, or to be shown anew."""
        ...

    async def next_copy(self, target: str) -> Copy | None:
        """The one that is to be shown next there: what the outbox is at, then what shall go, then in the order in which
        it was said or edited."""
        ...

    async def way_into(self, copy: Copy, *, forum: bool, shape: Shape | None = None) -> Way:
        """Where in its target what was said in a thread goes; from then on that is the thread's counterpart. `shape`:
        the thread's, where it is known."""
        ...

    async def head_of(self, copy: Copy, words: Carried, *, at: datetime) -> Copy | None:
        """What is to be shown in the target so that the thread's counterpart can begin there, made where there is none;
        None where it was shown and does not stand there, or cannot be."""
        ...

    async def save_copy(self, copy: Copy, delivery: Delivery, *, at: datetime) -> Outgoing | None:
        """Put it into the outbox, READY, as a reply to the message in the target that stands for the one which it
        replies to; its words go from here and from the outbox once they are shown. None, and nothing is
        shown, where it reads otherwise by now, or is gone and the delivery is not."""
        ...

    async def settle_copy(self, copy: Copy, *, revision: int, given_up: bool = False) -> DeliveryState | Unseen | None:
        """What became of its delivery, None where there is none any more; if that is over, so far the copy is, and for
        BARRED if it is `given_up`. One that was refused where it would have begun a thread goes, and the copy is to be
        put into the outbox anew. One that is HIDDEN is gone."""
        ...

    async def take_back_copy(self, copy: Copy) -> None:
        """It was BARRED, and is to be put into the outbox anew."""
        ...

    async def drop_copy(self, copy: Copy) -> None:
        """It is not shown any more as it reads now; what stands there stays."""
        ...

    async def tell_threads(self, told: Mapping[Place, Shape], *, at: datetime) -> bool:
        """Threads are so now. Whether something of that is owed to their counterparts, as far as it is new, and not a
        change of ours."""
        ...

    async def miss_threads(self, platform: str, *, since: datetime) -> None:
        """What became of threads since then may not have been told. Of several moments the first counts."""
        ...

    async def missed_threads(self, platform: str) -> Missed | None: ...
    async def found_threads(self, platform: str, missed: Missed) -> None:
        """It has been told by now, unless something was missed again."""
        ...

    async def owing_threads(self, *, limit: int) -> tuple[str, ...]:
        """Keys of threads that are to be changed."""
        ...

    async def owing(self, thread: str) -> Owing | None: ...
    async def ask_thread(self, before: Owing, change: Change, *, then: Mapping[Part, Owed], at: datetime) -> bool:
        """Just before it is asked for, so that it is known when it is told. `then`: what is owed afterwards. False
        where something else is owed by now."""
        ...

    async def answer_thread(self, thread: Place, change: Change, made: Change, *, done: Mapping[Part, Owed]) -> None:
        """Of the change this was made; what is `done` is owed no more."""
        ...

    async def recall_copies(self) -> None:
        """At start, before the outbox and anything that is heard: what is gone and was not begun to be sent will not be
        sent. What was made of threads is not told of any more."""
        ...

    async def is_copy(self, place: Place, message: str) -> bool:
        """Whether a message of ours stands there for somebody else's, also while it is being sent."""
        ...

    async def is_answered_unknown(self, copy: Copy) -> bool:
        """Whether what it replies to may be a message of ours that is being sent, so that its counterpart is not known
        yet."""
        ...

    async def words_at(self, place: Place, message: str) -> str | None:
        """Of a message that is kept and was said to all there."""
        ...
