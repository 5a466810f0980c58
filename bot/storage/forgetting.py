"""Deleting words wherever they came to: transcript, turns, other turns' pieces, quotes, pictures, files, deliveries.

A message whose words go stays for a while as a tombstone (platform, id, place: neither words nor author), so that a
replay of it is not taken for a new one. A turn whose question goes is dropped wholly. In other turns the lines of the
message or person go, and the piece is marked to be rendered again. What a tool found of them goes with the whole result
that holds it. Whatever was forgotten twice counts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update

from bot.storage import codec
from bot.storage.approvals import forget_rules
from bot.storage.batches import batches
from bot.storage.blobs import drop_unlinked
from bot.storage.connection import guard_words
from bot.storage.conversations import image_rows, source_rows, sources_of
from bot.storage.cuts import forget_summaries
from bot.storage.expiry import drop_tombstones
from bot.storage.ledgers import touch
from bot.storage.outbox import erase_deliveries, mark_gone, of_turns
from bot.storage.places import place_columns, save_policy, to_place, to_policy
from bot.storage.plans import forget_plans
from bot.storage.tables import (
    conversations,
    deliveries,
    messages,
    piece_images,
    piece_sources,
    pieces,
    places,
    turns,
)
from bot.storage.transcript import MADE_OF_A_PRESS, erase_words
from bot.storage.zones import forget_timezone
from bot.talk.delivery import DeliveryState
from bot.talk.message import Place, PlaceKind
from bot.talk.policy import Forgotten, Policy
from bot.talk.turn import Question, Results, TurnState


class _Reach:
    """What one deletion has reached so far."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.turns: set[str] = set()
        self.digests: set[str] = set()

    def drop_turns(self, ids: Collection[str]) -> None:
        """Running ones are ended: `close_turn` then keeps nothing of them."""
        for batch in batches(ids):
            talks = select(turns.c.conversation).where(turns.c.id.in_(batch))
            touch(self.connection, conversations.c.id.in_(talks))
            forget_summaries(self.connection, pieces.c.turn.in_(batch))
            erase_deliveries(self.connection, of_turns(batch))
            self.digests.update(
                self.connection.execute(
                    select(piece_images.c.digest)
                    .join(
                        pieces,
                        (pieces.c.conversation == piece_images.c.conversation) & (pieces.c.seq == piece_images.c.seq),
                    )
                    .where(pieces.c.turn.in_(batch))
                ).scalars()
            )
            chosen = turns.c.id.in_(batch)
            running = turns.c.state == TurnState.OPEN.value
            ended = self.connection.execute(
                update(turns).where(chosen, running).values(state=TurnState.FAILED.value).returning(turns.c.id)
            ).scalars()
            rest = set(batch) - set(ended)
            if rest:
                self.connection.execute(delete(turns).where(turns.c.id.in_(rest)))
        self.turns.update(ids)

    def strip_pieces(self, which: ColumnElement[bool], *, ids: Collection[str], author: str | None) -> None:
        found = self.connection.execute(
            select(pieces.c.conversation, pieces.c.seq, pieces.c.turn, pieces.c.part)
            .join(
                piece_sources,
                (piece_sources.c.conversation == pieces.c.conversation) & (piece_sources.c.seq == pieces.c.seq),
            )
            .join(conversations, conversations.c.id == pieces.c.conversation)
            .join(places, places.c.key == conversations.c.place)
            .where(which)
            .distinct()
        ).all()
        emptied: set[str] = set()
        for row in found:
            part = codec.load_part(row.part)
            assert isinstance(part, Question | Results)
            rest = part.without(messages=ids, author=author)
            if sources_of(rest) or all(found for _, _, found in sources_of(part)):
                self._rewrite(row.conversation, row.seq, rest)
            else:
                emptied.add(row.turn)
        self.drop_turns(emptied)

    def strip_found(self, keys: Collection[str]) -> None:
        """What tools found in these places, in conversations of all others."""
        for batch in batches(keys):
            rows = self.connection.execute(
                select(piece_sources.c.conversation, piece_sources.c.seq, messages.c.id, pieces.c.part)
                .join(messages, messages.c.id == piece_sources.c.message)
                .join(
                    pieces,
                    (pieces.c.conversation == piece_sources.c.conversation) & (pieces.c.seq == piece_sources.c.seq),
                )
                .join(conversations, conversations.c.id == pieces.c.conversation)
                .join(places, places.c.key == conversations.c.place)
                .where(
                    messages.c.place.in_(batch),
                    piece_sources.c.found.is_(True),
                    places.c.platform == messages.c.platform,
                )
            ).all()
            gone: dict[tuple[int, int], set[str]] = defaultdict(set)
            for row in rows:
                gone[row.conversation, row.seq].add(row.id)
            for (conversation, seq), stored in {(row.conversation, row.seq): row.part for row in rows}.items():
                part = codec.load_part(stored)
                assert isinstance(part, Question | Results)
                self._rewrite(conversation, seq, part.without(messages=gone[conversation, seq]))

    def _rewrite(self, conversation: int, seq: int, part: Question | Results) -> None:
        touch(self.connection, conversations.c.id == conversation)
        forget_summaries(self.connection, (pieces.c.conversation == conversation) & (pieces.c.seq == seq))
        for table in (piece_sources, piece_images):
            here = (table.c.conversation == conversation, table.c.seq == seq)
            if table is piece_images:
                self.digests.update(self.connection.execute(select(piece_images.c.digest).where(*here)).scalars())
            self.connection.execute(delete(table).where(*here))
        self.connection.execute(
            update(pieces)
            .where(pieces.c.conversation == conversation, pieces.c.seq == seq)
            .values(part=codec.dump_part(part), text=None, tokens=0, images=None)
        )
        if sources := source_rows(conversation, seq, part):
            self.connection.execute(piece_sources.insert(), sources)
        if shown := image_rows(conversation, seq, part):
            self.connection.execute(piece_images.insert(), shown)

    def strip_quotes(self, platform: str, ids: Collection[str]) -> None:
        """Replies in the transcript carry the words that they reply to."""
        rows = self.connection.execute(
            select(messages.c.seq, messages.c.body).where(
                messages.c.platform == platform, messages.c.reply_to.in_(list(ids)), messages.c.body.is_not(None)
            )
        ).all()
        for row in rows:
            self.connection.execute(
                update(messages).where(messages.c.seq == row.seq).values(body=codec.without_replied(row.body))
            )

    def strip_quotes_of(self, person: str) -> None:
        """Also of messages of theirs that were never recorded. Reads all bodies: people rarely ask for it."""
        rows = self.connection.execute(
            select(messages.c.seq, messages.c.body).where(
                messages.c.body.contains(codec.quoting(person), autoescape=True)
            )
        ).all()
        for row in rows:
            body = codec.without_quoted(row.body, person)
            self.connection.execute(update(messages).where(messages.c.seq == row.seq).values(body=body))

    def forgotten(self, words: int) -> Forgotten:
        return Forgotten(messages=words, turns=len(self.turns), images=drop_unlinked(self.connection, self.digests))


def _forget_ids(reach: _Reach, platform: str, ids: Sequence[str], author: str | None = None) -> int:
    """Everything about these messages, known or not; how many had words."""
    connection = reach.connection
    words = 0
    for batch in batches([*ids, *_made_of(connection, platform, ids)]):
        known = connection.execute(
            select(messages.c.seq, messages.c.body.is_not(None).label("has_words"))
            .where(messages.c.platform == platform, messages.c.id.in_(batch))
            .with_for_update()
        ).all()
        seqs = [row.seq for row in known]
        alive = [row.seq for row in known if row.has_words]
        asked = connection.execute(select(turns.c.id).where(turns.c.message.in_(alive))).scalars().all()
        reach.drop_turns(asked)
        # The answer to an erased question may still be on its way.
        answers = select(turns.c.id).where(turns.c.message.in_(seqs))
        erase_deliveries(connection, deliveries.c.turn.in_(answers))
        reach.strip_pieces(
            (places.c.platform == platform) & piece_sources.c.message.in_(batch), ids=frozenset(batch), author=author
        )
        reach.strip_quotes(platform, batch)
        erase_words(connection, seqs)
        words += len(alive)
    return words


def _made_of(connection: Connection, platform: str, ids: Sequence[str]) -> list[str]:
    """The messages that we made of presses under answers to these: they go with them."""
    made = (messages.c.platform == platform, messages.c.addressed.in_(MADE_OF_A_PRESS))
    found: set[str] = set()
    for batch in batches(ids):
        which = select(messages.c.id).where(*made, messages.c.reply_to.in_(batch))
        found.update(connection.execute(which).scalars())
    return sorted(found - set(ids))


def delete_messages(connection: Connection, place: Place, ids: Collection[str]) -> Forgotten:
    """By platform and id; the place need not be the one that the message was recorded in."""
    guard_words(connection, forgetting=True)
    mark_gone(connection, place, ids)
    reach = _Reach(connection)
    return reach.forgotten(_forget_ids(reach, place.platform, sorted(ids)))


def forget(connection: Connection, person: str, *, now: datetime) -> Forgotten:
    """What they allow stays known: it holds no words, and forgetting it would undo an opt-out."""
    guard_words(connection, forgetting=True)
    reach = _Reach(connection)
    platform = person.partition(":")[0]
    ids = connection.execute(select(messages.c.id).where(messages.c.author == person)).scalars().all()
    words = _forget_ids(reach, platform, ids, author=person)
    reach.strip_pieces(piece_sources.c.author == person, ids=(), author=person)
    reach.strip_quotes_of(person)
    _forget_private(reach, person)
    forget_plans(connection, person)
    forget_timezone(connection, person)
    erase_deliveries(connection, deliveries.c.owner == person)
    drop_tombstones(connection, now=now)
    return reach.forgotten(words)


def _forget_private(reach: _Reach, person: str) -> None:
    """Conversations that nobody else can read."""
    connection = reach.connection
    own = select(conversations.c.id).where(conversations.c.only == person)
    reach.drop_turns(connection.execute(select(turns.c.id).where(turns.c.conversation.in_(own))).scalars().all())
    theirs = deliveries.c.only == person
    connection.execute(delete(deliveries).where(theirs, deliveries.c.state != DeliveryState.OPEN.value))
    erase_deliveries(connection, theirs)
    left = select(turns.c.conversation)
    connection.execute(delete(conversations).where(conversations.c.only == person, conversations.c.id.not_in(left)))


def forget_place(connection: Connection, place: Place, *, rules: bool) -> Forgotten:
    """The place, its threads and all rows about them; with `rules` those stay that people made there.

    Keeping begins anew then: with the next question and a new announcement.
    """
    threads = (
        (places.c.platform == place.platform)
        & (places.c.parent == place.id)
        & (places.c.kind == PlaceKind.THREAD.value)
    )
    which = or_(places.c.key == place.key, threads)
    ruled: list[tuple[Place, Policy]] = []
    if rules:
        for row in connection.execute(select(places, *place_columns()).where(which)).mappings():
            policy = replace(to_policy(row), since=None, announced=False)
            # What people called a thread is theirs.
            known = to_place(row) if row["key"] == place.key else replace(to_place(row), name="")
            if policy != Policy() or row["key"] == place.key:
                ruled.append((known, policy))
    if not rules:
        forget_rules(connection, places=list(connection.execute(select(places.c.key).where(which)).scalars()))
    gone = _forget_places(connection, which)
    for known, policy in ruled:
        save_policy(connection, known, policy)
    return gone


def forget_guild(connection: Connection, platform: str, guild: str) -> Forgotten:
    which = (places.c.platform == platform) & (places.c.guild == guild)
    keys = list(connection.execute(select(places.c.key).where(which)).scalars())
    forget_rules(connection, guild=f"{platform}:{guild}", places=keys)
    return _forget_places(connection, which)


def _forget_places(connection: Connection, which: ColumnElement[bool]) -> Forgotten:
    guard_words(connection, forgetting=True)
    keys = list(connection.execute(select(places.c.key).where(which)).scalars())
    words = asked = 0
    reach = _Reach(connection)
    reach.strip_found(keys)
    digests = reach.digests
    for batch in batches(keys):
        here = select(conversations.c.id).where(conversations.c.place.in_(batch))
        words += connection.execute(
            select(func.count()).where(messages.c.place.in_(batch), messages.c.body.is_not(None))
        ).scalar_one()
        asked += connection.execute(select(func.count()).where(turns.c.conversation.in_(here))).scalar_one()
        digests.update(
            connection.execute(select(piece_images.c.digest).where(piece_images.c.conversation.in_(here))).scalars()
        )
        connection.execute(delete(places).where(places.c.key.in_(batch)))
    return Forgotten(messages=words, turns=asked, images=drop_unlinked(connection, digests))


def expire(connection: Connection, place: str, ids: Sequence[str]) -> Forgotten:
    guard_words(connection, forgetting=True)
    reach = _Reach(connection)
    return reach.forgotten(_forget_ids(reach, place.partition(":")[0], ids))
