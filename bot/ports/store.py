"""What keeps: the seams of the store, which is written by verbs, read by pages, and asked for pictures by engines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

from bot.ports.approvals import ApprovalStore
from bot.ports.digests import DigestStore
from bot.ports.history import MessageSearch, SearchIndex
from bot.ports.knowledge import KnowledgeStore
from bot.ports.languages import LanguageStore
from bot.ports.mirrors import MirrorStore
from bot.ports.moments import Moments
from bot.ports.outbox import OutboxStore
from bot.ports.oversight import OversightStore
from bot.ports.plans import PlanStore
from bot.ports.reminders import ZoneStore
from bot.ports.seen import PostedFiles
from bot.ports.support import Cases, SupportStore
from bot.talk.approval import Request
from bot.talk.delivery import Delivery
from bot.talk.message import Conversation, Message, Place
from bot.talk.oversight import Assessed
from bot.talk.policy import Ambient, Consent, Forgotten, Permissions, Policy
from bot.talk.record import (
    Answered,
    Aside,
    Entry,
    Incoming,
    Ledger,
    OpenTurn,
    Outgoing,
    Recent,
    Recorded,
    StoredSummary,
    Upload,
    Usage,
)
from bot.talk.turn import Image, Part, Piece, TurnState


class Store(
    ApprovalStore,
    Cases,
    DigestStore,
    KnowledgeStore,
    LanguageStore,
    MessageSearch,
    MirrorStore,
    Moments,
    OutboxStore,
    OversightStore,
    PlanStore,
    PostedFiles,
    SearchIndex,
    SupportStore,
    ZoneStore,
    Protocol,
):
    """What is kept. Every method is one transaction. Raises DatabaseUnusable."""

    def hold(self, shards: str) -> AbstractAsyncContextManager[None]:
        """Be the only process for these shards on this database; raises AlreadyRunning. Ends with the process."""
        ...

    # what may be kept
    async def save_place(self, place: Place) -> None:
        """Insert, or update name, kind, guild and parent. Every other method that takes a place does this, too."""
        ...

    async def policy(self, place: Place) -> Policy: ...
    async def save_policy(self, place: Place, policy: Policy, *, told: Delivery | None = None) -> None:
        """`told`: what people are told of it, READY in the same transaction: nobody is told twice, or not at all."""
        ...

    async def consent(self, person: str) -> Consent: ...
    async def save_consent(self, person: str, consent: Consent) -> None:
        """What was made of messages, and stands somewhere, tells of nobody who opts out."""

    async def permissions(self, places: Collection[Place], people: Collection[str]) -> Permissions:
        """The rules of all these places and people at one moment."""
        ...

    # inbox and transcript
    async def record(self, message: Message, *, keep: bool, age: timedelta = timedelta()) -> bool:
        """Write a message down, unique by platform and id; False if known. As `Incoming` says."""
        ...

    async def record_all(self, incoming: Sequence[Incoming]) -> Sequence[Recorded]:
        """Write messages down, in this order and all together or none; what became of each, in the same order."""
        ...

    async def revise(self, message: Message) -> Answered | None:
        """What is known of the message becomes what it is now; an unknown one is left alone.

        Where its words have changed, `corrections` names it from now on in conversations whose pieces hold the older
        ones, and what it returns is the last answer to it, unless that is still being written.
        """
        ...

    async def corrections(self, conversation: Conversation, *, limit: int) -> tuple[Message, ...]:
        """Messages as they read now whose older words stand in what the model sees of the conversation, and that no
        turn has told of yet; the oldest edit first.

        A turn has told of it when it is closed with a question that has a correcting line of the message, and these
        very words.
        """
        ...

    async def overheard(
        self, conversation: Conversation, *, before: Message, limit: int, since_turn: bool = False
    ) -> tuple[Message, ...]:
        """The last `limit` kept messages that no turn of it has covered, oldest first, before `before`. `since_turn`:
        none where no turn has been yet."""
        ...

    async def aside(self, message: Message, *, turn: str, ambient: Ambient, overheard: int, changed: int) -> Aside:
        """What its turn is told beside the question, at most so many messages of each; one read of all together.

        `ambient`: the rule of a place that has none of its own.
        """
        ...

    async def waiting(self, *, since: datetime) -> tuple[Message, ...]:
        """Addressed messages recorded at or after `since` without a finished turn, oldest first."""
        ...

    async def late(self, *, before: datetime) -> tuple[Message, ...]:
        """The others without a finished turn: they are owed a word, and no answer any more. Oldest first."""
        ...

    async def close_late(self, place: Place, ids: Sequence[str], notice: Delivery) -> tuple[Outgoing, ...]:
        """End the turns of these messages and write the notice of it down as READY, in one transaction.

        Returns what is to be shown now: the notice, and the views of theirs that stand half written, which shall go.
        Nothing, and nothing is written, where none of them waits any more.
        """
        ...

    async def recent(self, platform: str, *, since: datetime, limit: int) -> tuple[Recent, ...]:
        """Messages with words, or with copies elsewhere, that were sent since, among the last `limit` recorded."""
        ...

    # turns
    async def open_turn(
        self, message: Message, *, at: datetime, anew: str | None = None, handle: str | None = None
    ) -> OpenTurn | None:
        """The turn of this message, with its delivery row, new or taken up again; None if it is finished already, or
        was let go.

        `handle`: of the press that asked for it, by which a private answer goes.

        `anew`: the id of a finished turn of this message that shall be answered once more; once for each turn. Such a
        turn is taken up again, and waits, like any other.
        """
        ...

    async def count_attempt(self, turn: str, *, by: int = 1) -> int:
        """The turn is about to be brought before the engine: how often that was so with this time, over all processes;
        0 for a turn that is not open any more. `by` -1: the last of these does not count, because it was ended by us.
        """
        ...

    async def asked(self, turn: str) -> Message | None:
        """The question of a turn as it reads now; None where it is gone."""
        ...

    async def ledger(self, conversation: Conversation) -> Ledger: ...
    async def save_head(self, conversation: Conversation, piece: Piece, *, fingerprint: str) -> None: ...
    async def parts(self, conversation: Conversation, seqs: Sequence[int]) -> Mapping[int, Part]:
        """With the words of messages as they read now, where they have been changed since."""
        ...

    async def save_rendered(self, conversation: Conversation, pieces: Mapping[int, tuple[Part, Piece]]) -> None:
        """Each with the part that it was made from, as `parts` gave it: where words of it changed or went meanwhile,
        what is there is left as it is."""
        ...

    async def cut(
        self, conversation: Conversation, *, before: int, cause: str, summary: StoredSummary | None, revision: int
    ) -> bool:
        """Pieces with a smaller seq no longer belong to the ledger; they stay in the store until retention.

        The summary takes the place of what is there (None: there is none any more). Edits are written through in what
        is left: its pieces are to be rendered again, so the ledger is to be read anew before it is sent. False, and
        nothing has changed, where `revision` is not the ledger's any more (words may have been deleted that the summary
        holds) or where it was cut further already.
        """
        ...

    async def turn_away(self, conversation: Conversation) -> bool:
        """Nothing of what the model was told so far is shown to it again, not even summed up. False, and nothing has
        changed, where it was told of nothing that was said elsewhere (`Ledger.audience`)."""
        ...

    async def save_summary(self, conversation: Conversation, summary: StoredSummary, *, revision: int) -> bool:
        """Another summary in the place of the one that is there, or went; `revision` as in `cut`."""
        ...

    async def past(self, conversation: Conversation, *, before: int, limit: int) -> Mapping[int, Part]:
        """The last `limit` parts with a smaller seq, whether cut or not, in their order; the words as in `parts`."""
        ...

    async def latest(self, *, since: datetime, limit: int) -> tuple[Conversation, ...]:
        """Conversations with a turn that was closed since, the latest first."""
        ...

    async def close_turn(
        self,
        turn: str,
        *,
        state: TurnState,
        delivery: Delivery,
        parts: Sequence[tuple[Part, Piece]] = (),
        usage: Usage | None = None,
        audience: str | None = None,
        requests: Sequence[Request] = (),
        assessed: Assessed | None = None,
        at: datetime,
    ) -> None:
        """Turn, pieces, what it asks approval for, and the delivery's final text (READY) in one transaction.
        `audience`: the turn's pieces hold what was said elsewhere, as `Ledger.audience` says from now on. `assessed`:
        staff may look at the answer, and it is counted.

        A turn whose message was recorded with `keep` False, whose message was deleted meanwhile, or whose asker has
        opted out meanwhile leaves neither pieces nor requests, and the message's words go.
        """
        ...

    # images and uploads
    async def save_image(self, image: Image, data: bytes) -> None: ...
    async def images(self, digests: Collection[str]) -> Mapping[str, bytes]: ...
    async def save_upload(self, upload: Upload, *, at: datetime) -> None: ...
    async def upload(self, upload_id: str) -> Upload | None: ...

    # forgetting: transcript, turns, pieces (marked to be rendered again without the words), images, uploads, deliveries
    async def delete_messages(self, place: Place, ids: Collection[str]) -> Forgotten:
        """Those that are ours are marked as `gone` in what shows their delivery."""
        ...

    async def forget(self, person: str) -> Forgotten: ...
    async def forget_place(self, place: Place, *, rules: bool = False) -> Forgotten:
        """With its threads. `rules`: what people decided there stays, and keeping begins anew with a question."""
        ...

    async def forget_guild(self, platform: str, guild: str) -> Forgotten: ...
    async def expire(self, *, now: datetime, default_days: int) -> Forgotten:
        """Retention: what is older than its place's policy, and images and uploads that nothing refers to any more."""
        ...

    # small facts, e.g. the digest of the commands last registered with a platform
    async def fact(self, name: str) -> str | None: ...
    async def save_fact(self, name: str, value: str) -> None: ...


class Views(Protocol):
    """Reading for pages and programs; never for the model."""

    async def places(self, platform: str) -> tuple[Place, ...]: ...
    async def entries(self, place: Place, *, before: datetime | None = None, limit: int) -> tuple[Entry, ...]:
        """The latest entries before a moment, oldest first."""
        ...


class ImageBytes(Protocol):
    """What an engine adapter needs of the store: the pictures of a prompt."""

    async def images(self, digests: Collection[str]) -> Mapping[str, bytes]: ...
