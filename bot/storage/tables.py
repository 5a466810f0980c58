"""Every table, and what it is for. `migrations/` makes exactly these; `python -m migrations.check` compares.

places           where people talk, and each place's policy
people           what a person allows, by `Person.key`, and the zone of their clocks
messages         inbox and transcript. `seq` is the recorded order. `body` holds all words (author's name, text,
                 attachments, quotes); NULL: a tombstone, kept only so that a replay is recognised.
                 `transient`: erased with its turn. `pending`: addressed to us and not finished. `only`: who alone reads
                 its answer; such ones, and those `addressed` as "allowed", were made by us of a press
conversations    a place and an audience: head, cut, and `covered`: the last message that a turn has taken up;
                 `revision` counts changes to pieces that were there already, `past_revision` cuts, summaries and
                 deletions. The summary may hold words of the pieces from `summary_first` to `summary_last`.
                 `audience`: who could read the place when the model was given what was said elsewhere; NULL: it sees
                 nothing of the kind. Pieces before `unseen_before` never come back into its view, not even summed up
turns            one question and its answer; unique per message and conversation, and `round`: a finished turn may
                 be followed by one that answers the message anew
pieces           a turn's parts: `part` is the meaning (JSON), `text` is how one engine reads it, NULL: render again
piece_sources    whose words, of which message, a piece holds, so that forgetting finds them; `found`: by a tool
piece_images     which pictures a piece shows
corrections      messages that were changed after a piece held their words; `told`: by a turn, since
images, uploads  bytes
deliveries       the outbox. `transient`: its text goes once it is shown. `owner`: whose words a plan had it say.
                 `told`: the stretches of its text, each with its messages; `changed`: some went while it was READY;
                 `sent_at`: when it was shown whole for the first time
delivery_sources messages that a delivery's `told` names, so that their deletion finds it
shown            which messages on a platform show a delivery
plans            what is to be done when (`due`). `look_at`: when it may be taken up: then, or later while somebody has
                 it (`holder`, `token`) or it failed. `touched_at`: what the clock showed when these were last reckoned
plan_runs        planned moments that were carried out, each once
plan_subscribers people who want to be sent what a plan leaves
search_…         the search index, see search_tables.py
requests         calls that a person is asked about; an allowed one is carried out by the turn of a message of our own
tool_rules       which tools are offered where, and to whom; role "": to anybody
server_tools     what an operator approved of other tool servers; `withdrawn`: since when the server says otherwise
facts            small things to remember
knowledge        the community's own files and pages, and who may read each (`guild` and `room`; neither: everyone).
                 `stamp`: of the file as it was read; `lengths`: words in each passage, packed; `length`: their sum
knowledge_chunks its passages
digest_stages    what a model made of messages of a place, from the number `low` to `high`: it goes with any of them
knowledge_terms  the words of a document, and in which passages each stands how often, packed (`storage/ranking.py`)

Words go for good: foreign keys delete what hangs on a row, and nothing refers to words by copying them elsewhere.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    false,
    text,
)

from bot.storage.approval_tables import requests, tool_rules
from bot.storage.codec import HAS_FILES
from bot.storage.columns import Moment, Serial, Words
from bot.storage.digest_tables import delivery_sources, digest_stages
from bot.storage.image_tables import images, piece_images, uploads
from bot.storage.knowledge_tables import knowledge, knowledge_chunks, knowledge_terms
from bot.storage.metadata import metadata
from bot.storage.outbox_tables import deliveries, shown
from bot.storage.plan_tables import plan_runs, plan_subscribers, plans
from bot.storage.search_tables import (
    search_days,
    search_due,
    search_postings,
    search_segments,
    search_stale,
    search_words,
)
from bot.storage.server_tables import server_tools

__all__ = [
    "conversations",
    "corrections",
    "deliveries",
    "delivery_sources",
    "digest_stages",
    "facts",
    "images",
    "knowledge",
    "knowledge_chunks",
    "knowledge_terms",
    "messages",
    "metadata",
    "people",
    "piece_images",
    "piece_sources",
    "pieces",
    "places",
    "plan_runs",
    "plan_subscribers",
    "plans",
    "requests",
    "search_days",
    "search_due",
    "search_postings",
    "search_segments",
    "search_stale",
    "search_words",
    "server_tools",
    "shown",
    "tool_rules",
    "turns",
    "uploads",
]

places = Table(
    "places",
    metadata,
    Column("key", Words, primary_key=True),
    Column("platform", Words, nullable=False),
    Column("id", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("guild", Words),
    Column("parent", Words),
    Column("open", Boolean, nullable=False, server_default=false()),
    Column("keep", Words, nullable=False, server_default="mentioned"),
    Column("retention_days", Integer),
    Column("since", Moment),
    Column("announced", Boolean, nullable=False, server_default=false()),
    Column("ambient", Words),
    Column("ambient_tokens", Integer),
    Index(None, "platform", "guild"),
    Index(None, "platform", "parent"),
)

people = Table(
    "people",
    metadata,
    Column("key", Words, primary_key=True),
    Column("opted_out", Boolean, nullable=False),
    Column("timezone", Words),
)

messages = Table(
    "messages",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("platform", Words, nullable=False),
    Column("id", Words, nullable=False),
    Column("place", Words, ForeignKey("places.key", ondelete="CASCADE"), nullable=False),
    Column("author", Words),
    Column("addressed", Words, nullable=False),
    Column("reply_to", Words),
    Column("sent_at", Moment, nullable=False),
    Column("edited_at", Moment),
    Column("recorded_at", Moment, nullable=False),
    Column("transient", Boolean, nullable=False),
    Column("pending", Boolean, nullable=False),
    Column("body", Words),
    Column("only", Words),
    UniqueConstraint("platform", "id"),
    Index(None, "place", "seq"),
    Index(None, "place", "sent_at"),
    Index(
        "ix_messages_with_files",
        "place",
        "seq",
        sqlite_where=text(HAS_FILES["sqlite"].replace("messages.", "")),
        postgresql_where=text(HAS_FILES["postgresql"].replace("messages.", "")),
    ),
    Index(None, "author"),
    Index(None, "platform", "reply_to"),
    Index(None, "pending", "sent_at"),
    # Without this SQLite would hand out the number of a deleted last row again, and a cursor would skip it.
    sqlite_autoincrement=True,
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("key", Words, nullable=False),
    Column("place", Words, ForeignKey("places.key", ondelete="CASCADE"), nullable=False),
    Column("only", Words),
    Column("head", Words),
    Column("fingerprint", Words, nullable=False),
    Column("next_seq", BigInteger, nullable=False, server_default="1"),
    Column("cut_before", BigInteger, nullable=False, server_default="0"),
    Column("cut_cause", Words),
    Column("covered", BigInteger, nullable=False, server_default="0"),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    Column("past_revision", BigInteger, nullable=False, server_default="0"),
    Column("summary", Words),
    Column("summary_piece", Words),
    Column("summary_first", BigInteger),
    Column("summary_last", BigInteger),
    Column("summary_by_model", Boolean),
    Column("unseen_before", BigInteger, nullable=False, server_default="0"),
    Column("audience", Words),
    UniqueConstraint("key"),
    Index(None, "place"),
    Index(None, "only"),
    sqlite_autoincrement=True,
)

turns = Table(
    "turns",
    metadata,
    Column("id", Words, primary_key=True),
    Column("conversation", BigInteger, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("message", BigInteger, ForeignKey("messages.seq", ondelete="CASCADE"), nullable=False),
    Column("round", Integer, nullable=False, server_default="0"),
    Column("state", Words, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("usage", Words),
    UniqueConstraint("message", "conversation", "round"),
    Index(None, "conversation"),
    Index(None, "state"),
    Index(None, "closed_at"),
)

pieces = Table(
    "pieces",
    metadata,
    Column("conversation", BigInteger, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("turn", Words, ForeignKey("turns.id", ondelete="CASCADE"), nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("template", Words, nullable=False),
    Column("images", Words),
    Column("text", Words),
    # Last, so that loading a ledger never walks over it.
    Column("part", Words, nullable=False),
    PrimaryKeyConstraint("conversation", "seq"),
    Index(None, "turn"),
)

piece_sources = Table(
    "piece_sources",
    metadata,
    Column("conversation", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("message", Words),
    Column("author", Words),
    Column("found", Boolean, nullable=False, server_default=false()),
    ForeignKeyConstraint(["conversation", "seq"], ["pieces.conversation", "pieces.seq"], ondelete="CASCADE"),
    Index(None, "conversation", "seq"),
    Index(None, "message"),
    Index(None, "author"),
)

corrections = Table(
    "corrections",
    metadata,
    Column("conversation", BigInteger, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("message", BigInteger, ForeignKey("messages.seq", ondelete="CASCADE"), nullable=False),
    Column("noted_at", Moment, nullable=False),
    Column("told", Boolean, nullable=False),
    PrimaryKeyConstraint("conversation", "message"),
    Index(None, "message"),
)

facts = Table(
    "facts",
    metadata,
    Column("name", Words, primary_key=True),
    Column("value", Words, nullable=False),
)
