"""The store as the program sees it: each verb is one transaction over the functions of this room."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from bot.ports import Clock
from bot.settings import Database as DatabaseSettings
from bot.storage import (
    asides,
    codec,
    conversations,
    corrections,
    cuts,
    facts,
    hold,
    inbox,
    outbox,
    permissions,
    places,
    rendering,
    tally,
    transcript,
    turns,
    waiting,
)
from bot.storage.address import find
from bot.storage.approving import SqlApprovals
from bot.storage.blobs import Blobs
from bot.storage.casing import SqlCases
from bot.storage.connection import BUSY_SECONDS, Connections
from bot.storage.delivering import SqlOutbox
from bot.storage.digesting import SqlDigests
from bot.storage.erasing import Erasing
from bot.storage.examine import DatabaseExam
from bot.storage.knowing import NEAR_BYTES, SqlKnowledge
from bot.storage.latest import Latest
from bot.storage.ledgers import Ledgers
from bot.storage.migrate import migrate
from bot.storage.mirroring import SqlMirrors
from bot.storage.moments import SqlMoments
from bot.storage.overseeing import SqlOversight
from bot.storage.planning import SqlPlans
from bot.storage.searching import SqlSearch
from bot.storage.servers import SqlServers
from bot.storage.supporting import SqlSupport
from bot.storage.tongues import SqlLanguages
from bot.storage.views import Looks
from bot.storage.zones import SqlZones
from bot.talk.approval import Request
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.finding import Finding
from bot.talk.message import Conversation, Message, Place
from bot.talk.oversight import Assessed
from bot.talk.policy import Ambient, Consent, Permissions, Policy
from bot.talk.record import (
    Answered,
    Aside,
    Backlog,
    Incoming,
    Ledger,
    OpenTurn,
    Outgoing,
    Recent,
    Recorded,
    StoredSummary,
    Usage,
)
from bot.talk.turn import Part, Piece, TurnState


class SqlStore(
    Blobs,
    Erasing,
    Looks,
    SqlApprovals,
    SqlCases,
    SqlDigests,
    SqlKnowledge,
    SqlLanguages,
    SqlMirrors,
    SqlMoments,
    SqlOutbox,
    SqlOversight,
    SqlPlans,
    SqlSearch,
    SqlServers,
    SqlSupport,
    SqlZones,
):
    """Implements `bot.ports.Store`, `Views`, `ImageBytes` and `Examined`. Made by `open_store`."""

    def __init__(self, connections: Connections, exam: DatabaseExam, clock: Clock) -> None:
        self._db = connections
        self._exam = exam
        self._clock = clock
        self._ledgers = Ledgers()
        self._readable, self._held = Latest(), Latest()
        self.hold_vectors(NEAR_BYTES)

    def hold(self, shards: str) -> AbstractAsyncContextManager[None]:
        return hold.hold(self._db.address, shards, clock=self._clock)

    async def examine(self) -> Sequence[Finding]:
        return await self._exam.examine()

    # what may be kept

    async def save_place(self, place: Place) -> None:
        await self._db.write(lambda c: places.save_place(c, place))

    async def policy(self, place: Place) -> Policy:
        known = await self._db.read(lambda c: places.known_policy(c, place))
        return known if known is not None else await self._db.write(lambda c: places.policy(c, place))

    async def save_policy(self, place: Place, policy: Policy, *, told: Delivery | None = None) -> None:
        now = self._clock.now()

        def save(connection: Connection) -> None:
            if told is not None:
                outbox.save_delivery(connection, told, DeliveryState.READY, at=now)
            places.save_policy(connection, place, policy)

        await self._db.write(save)

    async def consent(self, person: str) -> Consent:
        return await self._db.read(lambda c: places.consent(c, person))

    async def permissions(self, places: Collection[Place], people: Collection[str]) -> Permissions:
        known = await self._db.read(lambda c: permissions.known(c, places, people))
        if known is not None:
            return known
        return await self._db.write(lambda c: permissions.saved(c, places, people))

    # inbox and transcript

    async def record(self, message: Message, *, keep: bool, age: timedelta = timedelta()) -> bool:
        (recorded,) = await self.record_all([Incoming(message=message, keep=keep, age=age)])
        return recorded is Recorded.NEW

    async def record_all(self, incoming: Sequence[Incoming]) -> Sequence[Recorded]:
        now = self._clock.now()
        return await self._db.write(lambda c: inbox.record_all(c, incoming, now=now))

    async def revise(self, message: Message) -> Answered | None:
        now = self._clock.now()

        def work(connection: Connection) -> Answered | None:
            changed = corrections.revise(connection, message, now=now)
            return None if changed is None else turns.answered(connection, changed)

        return await self._db.write(work)

    async def corrections(self, conversation: Conversation, *, limit: int) -> tuple[Message, ...]:
        return await self._db.read(lambda c: corrections.owed(c, conversation, limit=limit))

    async def overheard(
        self, conversation: Conversation, *, before: Message, limit: int, since_turn: bool = False
    ) -> tuple[Message, ...]:
        return await self._db.read(
            lambda c: transcript.overheard(c, conversation, before=before, limit=limit, since_turn=since_turn)
        )

    async def aside(self, message: Message, *, turn: str, ambient: Ambient, overheard: int, changed: int) -> Aside:
        limits = {"overheard": overheard, "changed": changed}
        return await self._db.read(lambda c: asides.aside(c, message, turn=turn, ambient=ambient, **limits))

    async def waiting(self, *, since: datetime) -> tuple[Message, ...]:
        return await self._db.read(lambda c: waiting.waiting(c, since=since))

    async def late(self, *, before: datetime) -> tuple[Message, ...]:
        return await self._db.read(lambda c: waiting.late(c, before=before))

    async def close_late(self, place: Place, ids: Sequence[str], notice: Delivery) -> tuple[Outgoing, ...]:
        now = self._clock.now()
        return await self._db.write(lambda c: waiting.close_late(c, place, ids, notice, at=now))

    async def recent(self, platform: str, *, since: datetime, limit: int) -> tuple[Recent, ...]:
        return await self._db.read(lambda c: waiting.recent(c, platform, since=since, limit=limit))

    # turns

    async def open_turn(
        self, message: Message, *, at: datetime, anew: str | None = None, handle: str | None = None
    ) -> OpenTurn | None:
        return await self._db.write(lambda c: turns.open_turn(c, message, at=at, anew=anew, handle=handle))

    async def count_attempt(self, turn: str, *, by: int = 1) -> int:
        return await self._db.write(lambda c: turns.count_attempt(c, turn, by=by))

    async def asked(self, turn: str) -> Message | None:
        return await self._db.read(lambda c: turns.asked(c, turn))

    async def ledger(self, conversation: Conversation) -> Ledger:
        return await self._db.read(lambda c: self._ledgers.read(c, conversation))

    async def save_head(self, conversation: Conversation, piece: Piece, *, fingerprint: str) -> None:
        await self._db.write(lambda c: conversations.save_head(c, conversation, piece, fingerprint=fingerprint))

    async def parts(self, conversation: Conversation, seqs: Sequence[int]) -> Mapping[int, Part]:
        found = await self._db.read(lambda c: rendering.raw_parts(c, conversation, seqs))
        return {seq: codec.load_part(found[seq]) for seq in seqs if seq in found}

    async def save_rendered(self, conversation: Conversation, pieces: Mapping[int, tuple[Part, Piece]]) -> None:
        await self._db.write(lambda c: rendering.save_rendered(c, conversation, pieces))

    async def past(self, conversation: Conversation, *, before: int, limit: int) -> Mapping[int, Part]:
        found = await self._db.read(lambda c: rendering.raw_past(c, conversation, before=before, limit=limit))
        return {seq: codec.load_part(part) for seq, part in found.items()}

    async def cut(
        self, conversation: Conversation, *, before: int, cause: str, summary: StoredSummary | None, revision: int
    ) -> bool:
        return await self._db.write(
            lambda c: cuts.cut(c, conversation, before=before, cause=cause, summary=summary, revision=revision)
        )

    async def turn_away(self, conversation: Conversation) -> bool:
        return await self._db.write(lambda c: cuts.turn_away(c, conversation))

    async def save_summary(self, conversation: Conversation, summary: StoredSummary, *, revision: int) -> bool:
        return await self._db.write(lambda c: cuts.save_summary(c, conversation, summary, revision=revision))

    async def latest(self, *, since: datetime, limit: int) -> tuple[Conversation, ...]:
        return await self._db.read(lambda c: turns.latest(c, since=since, limit=limit))

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
        await self._db.write(
            lambda c: turns.close_turn(
                c,
                turn,
                state=state,
                delivery=delivery,
                parts=parts,
                usage=usage,
                audience=audience,
                requests=requests,
                assessed=assessed,
                at=at,
            )
        )

    async def tally(self, platforms: Collection[str]) -> Backlog:
        return await self._db.read(lambda c: tally.tally(c, platforms))

    async def fact(self, name: str) -> str | None:
        return await self._db.read(lambda c: facts.load(c, name))

    async def save_fact(self, name: str, value: str) -> None:
        await self._db.write(lambda c: facts.save(c, name, value))


@asynccontextmanager
async def open_store(
    settings: DatabaseSettings, data_dir: Path, *, clock: Clock, busy_seconds: float = BUSY_SECONDS
) -> AsyncGenerator[SqlStore]:
    """Bring the database up to date and serve it. Raises DatabaseTooNew, DatabaseUnusable, SettingsError.

    `busy_seconds`: how long SQLite waits for another program's lock.
    """
    await migrate(settings, data_dir, busy_seconds=busy_seconds)
    connections = Connections(find(settings, data_dir), busy_seconds=busy_seconds)
    try:
        yield SqlStore(connections, DatabaseExam(settings, data_dir), clock)
    finally:
        await connections.close()
