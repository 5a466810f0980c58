"""Who said what, and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class PlaceKind(StrEnum):
    CHANNEL = "channel"
    THREAD = "thread"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somewhere people talk. `id` is the platform's own; `guild` and `parent` are ids of the same platform.

    `open`: of a thread, that all who can read its channel can read it. What is not known to be open is not.
    """

    platform: str
    id: str
    kind: PlaceKind = PlaceKind.CHANNEL
    name: str = ""
    guild: str | None = None
    parent: str | None = None
    open: bool = False

    @property
    def key(self) -> str:
        """Unique over all platforms."""
        return f"{self.platform}:{self.id}"

    @property
    def room(self) -> str:
        """The key of the place whose readers can read this one: an open thread's channel, else itself."""
        return f"{self.platform}:{self.parent}" if self.open and self.parent is not None else self.key

    @property
    def channel(self) -> Place | None:
        """The channel that a thread belongs to; None elsewhere."""
        if self.kind is not PlaceKind.THREAD or self.parent is None:
            return None
        return Place(platform=self.platform, id=self.parent, guild=self.guild)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The unit of memory, lane and audience: a place and who may read what is said in it.

    `only` is the key of the one person who reads a private answer; None means everyone who can read the place.
    """

    place: Place
    only: str | None = None

    @property
    def key(self) -> str:
        return self.place.key if self.only is None else f"{self.place.key}/{self.only}"

    @property
    def alone(self) -> bool:
        """Whether one person alone reads it."""
        return self.only is not None or self.place.kind is PlaceKind.DIRECT


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whoever writes: `id` is the platform's own, `name` what others see, `bot` also covers webhooks."""

    platform: str
    id: str
    name: str
    bot: bool = False
    locale: str | None = None

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file beside a message.

    `source` is what the platform needs to fetch the bytes again, even after a signed address has expired;
    it is never an address. `media_type` is what the sender claims; `size` is in bytes.
    """

    id: str
    name: str
    media_type: str
    size: int
    source: str = ""


class QuoteKind(StrEnum):
    REPLIED = "replied"
    FORWARDED = "forwarded"
    EMBED = "embed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Somebody else's words carried by a message.

    `author_key` (as `Person.key`) and `message` (as `Message.id`) say whose and which, so that a deletion, an opt-out
    and a "forget me" find them; None where the platform does not tell, as with what is forwarded.
    """

    kind: QuoteKind
    author: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    author_key: str | None = None
    message: str | None = None


class Addressed(StrEnum):
    """Why a message is for us; NO means that it is only part of the transcript."""

    NO = "no"
    MENTION = "mention"
    REPLY = "reply"
    DIRECT = "direct"
    FOLLOW_UP = "follow-up"
    SUPPORT = "support"
    """It is asked in a support channel; it may be the last of several messages that are one question."""
    ALLOWED = "allowed"
    """Nobody said it: a call was allowed, and is to be carried out and told of."""
    PRIVATELY = "privately"
    """Nobody said it once more: it is to be answered again, to its author alone."""


MADE = frozenset({Addressed.ALLOWED, Addressed.PRIVATELY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, as people see it: mentions are written as names, our own mention is taken out.

    `sent_at` and `edited_at` are aware and in UTC. `reply_to` is the id of the message it answers. `only`: it is
    answered privately, to the person with this key alone. `above`: it is a part of a thread that was opened for it, and
    stands in the thread's channel. `named`: whom it mentions, as `Person.key`; known only while it is heard.
    """

    id: str
    place: Place
    author: Person
    text: str
    sent_at: datetime
    addressed: Addressed = Addressed.NO
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = ()
    quotes: tuple[Quote, ...] = ()
    edited_at: datetime | None = None
    only: str | None = None
    above: bool = False
    named: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def conversation(self) -> Conversation:
        return Conversation(place=self.place, only=self.only)

    @property
    def made(self) -> bool:
        """Whether we made it of a press: no platform knows its id, and it goes with the message that it replies to."""
        return self.addressed in MADE

    @property
    def replies_to(self) -> str | None:
        """The id of the message that people see its answer under; None where that stands elsewhere."""
        if self.only is not None or self.above:
            return None
        return self.reply_to if self.made else self.id

    @property
    def stands_in(self) -> Place:
        """Where people see it."""
        channel = self.place.channel
        return channel if self.above and channel is not None else self.place

    @property
    def about(self) -> frozenset[str]:
        """The ids of the messages whose deletion takes it along."""
        made_for = {self.reply_to} if self.made and self.reply_to is not None else set[str]()
        return frozenset({self.id, *made_for})

    def source(self, quote: Quote) -> str:
        """The id of the message whose deletion takes the quote along: its own where the platform does not tell."""
        replied = self.reply_to if quote.kind is QuoteKind.REPLIED else None
        return quote.message or replied or self.id
