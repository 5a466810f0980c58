"""What the store gives back: the shapes between the verbs and the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.talk.delivery import Delivery, DeliveryState, Shown
from bot.talk.message import Message, Place
from bot.talk.policy import Policy
from bot.talk.turn import Piece, Summary


class Recorded(StrEnum):
    """What became of a message that was to be written down; only NEW and nothing else was.

    KNOWN: it is there already. OWED: likewise, and waits for an answer. CHANGED: it is there, as it read before it was
    edited. REWORDED: its id is there with other words, though it was not edited. FOREIGN: its id is there in another
    place, or by another author.
    """

    NEW = "new"
    KNOWN = "known"
    OWED = "owed"
    CHANGED = "changed"
    REWORDED = "reworded"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message to be written down. `keep` False: erased with its turn.

    `age`: how long ago it was said, by the platform's own time; it counts as recorded then.
    """

    message: Message
    keep: bool
    age: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTurn:
    """A turn that is being answered. `shown` is not empty when an earlier process had begun to show its answer;
    `attempts` counts how often it was brought before the engine until now. `anew`: its message was answered before.
    `handle`: as in `Delivery`."""

    id: str
    delivery_id: str
    shown: Shown
    attempts: int
    anew: bool = False
    handle: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPiece:
    """`seq` orders the pieces of a conversation; `piece` is None where it must be rendered again from its part."""

    seq: int
    turn: str
    piece: Piece | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSummary:
    """A summary of pieces that were cut. It may hold words of all pieces from `first` to `last`, whether cut or not:
    when words of one of them are deleted, it goes. `by_model` False: put together without the model."""

    summary: Summary
    piece: Piece
    first: int
    last: int
    by_model: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What the next prompt of a conversation starts with: the head, the summary and the pieces after the last cut.

    `fingerprint` tells from which persona and tools `head` was made; both are empty before the first turn. Pieces with
    a seq below `cut_before` were cut; without a `summary` then, it went with words that were deleted, and is to be made
    anew. `revision` counts cuts, summaries and deletions of words, but neither new pieces nor pieces rendered again.
    `audience`: who could read the place (as `Rights.audience`) when the model was given what was said elsewhere and
    still sees; None where it sees nothing of the kind.
    """

    head: Piece | None
    fingerprint: str
    pieces: tuple[StoredPiece, ...]
    summary: StoredSummary | None = None
    cut_before: int = 0
    revision: int = 0
    audience: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCost:
    """How one call went. `outcome`: ok, failed or asked; `chars`: of what the model read of it; `secret`: names of its
    arguments that are shown to nobody."""

    id: str
    outcome: str
    seconds: float
    chars: int
    secret: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a turn cost, summed over its steps. `predicted` and `reported` are prompt tokens of the last step. `calls`:
    in the order in which they were made."""

    steps: int = 0
    predicted: int = 0
    reported: int | None = None
    reply_tokens: int = 0
    prompt_seconds: float = 0.0
    reply_seconds: float = 0.0
    calls: tuple[CallCost, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A delivery as the outbox knows it. `created_at` is ours; `turn` is the id of the turn it answers, if any."""

    delivery: Delivery
    state: DeliveryState
    shown: Shown
    created_at: datetime
    turn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """What a turn is told beside its question, as it stands at the moment of asking.

    `rules`: as they count in the place. `asked`: the question as it reads now, None where it is gone. `overheard`: what
    the place's rules let the model see of it, oldest first; `changed`: corrections that are owed, oldest edit first.
    `parts`: earlier messages that are a part of the question, oldest first.
    """

    rules: Policy
    asked: Message | None = None
    overheard: tuple[Message, ...] = ()
    changed: tuple[Message, ...] = ()
    parts: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A turn that was closed with an answer, and the delivery that shows it."""

    turn: str
    closed_at: datetime
    outgoing: Outgoing


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """That a message is kept, and which of its edits: to be compared with what stands on the platform."""

    place: Place
    message: str
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that a person put on a platform that stores files with us (the local page)."""

    id: str
    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a transcript view: exactly one of `message` (somebody's) and `outgoing` (ours) is set."""

    at: datetime
    message: Message | None = None
    outgoing: Outgoing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits in the store: deliveries that are not over, by state; questions without an answer, and when the oldest
    of them was sent."""

    deliveries: Mapping[DeliveryState, int] = field(default_factory=dict[DeliveryState, int])
    questions: int = 0
    oldest: datetime | None = None
