"""Takes words out of what was made of them: turns, pieces, quotes, pictures and answers that are under way.

In other turns the lines of the message or person go, and the piece is marked to be rendered again. What a tool found of
them goes with the whole result that holds it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, delete, select, update

from bot.storage import codec
from bot.storage.batches import batches
from bot.storage.blobs import drop_unlinked
from bot.storage.conversations import image_rows, source_rows, sources_of
from bot.storage.cuts import forget_summaries
from bot.storage.ledgers import touch
from bot.storage.outbox import erase_deliveries, of_turns
from bot.storage.stages import forget_stages
from bot.storage.tables import conversations, messages, piece_images, piece_sources, pieces, places, turns
from bot.talk.policy import Forgotten
from bot.talk.turn import Question, Results, TurnState


class Reached:
    """What one deletion has reached so far."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.turns: set[str] = set()
        self.digests: set[str] = set()
        self.edited: set[str] = set()

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
        forget_stages(self.connection, [row.seq for row in rows])
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
        forget_stages(self.connection, [row.seq for row in rows])
        for row in rows:
            body = codec.without_quoted(row.body, person)
            self.connection.execute(update(messages).where(messages.c.seq == row.seq).values(body=body))

    def forgotten(self, words: int) -> Forgotten:
        images = drop_unlinked(self.connection, self.digests)
        return Forgotten(messages=words, turns=len(self.turns), images=images, edited=frozenset(self.edited))
