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
                 `sent_at`: when it was shown whole for the first time; `quiet`: it notifies nobody
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
language_pins    languages that were chosen for a person, a place or a server (`pins`), by its key
languages_spoken which languages a person last wrote in, the latest last
knowledge        the community's own files and pages, and who may read each (`guild` and `room`; neither: everyone).
                 `stamp`: of the file as it was read; `lengths`: words in each passage, packed; `length`: their sum
                 `labels`: of its collections, a line each; `embedded`: of how many passages `embedder` made vectors
knowledge_chunks its passages
knowledge_said   which messages a document was made of: it goes with any of them
knowledge_sources what moderators and staff added to the knowledge
knowledge_vectors what passages from the position `first` on mean, packed (`storage/vectors.py`)
digest_stages    what a model made of messages of a place, from the number `low` to `high`: it goes with any of them
mirror_links     channels side by side. `scope`: their platform and guild; `exposures`: who confirmed to read what
mirror_sides     the channels of each, which need not be `places` of ours
mirror_threads   threads of linked channels: those of one `family` are each other's counterparts, one for each side
mirror_copies    one message in one other channel: `seq` is their order. Its words are there until they are shown
reviews, review_flags, votes, support_counts, feedback_rules
                 what people and staff think of answers, see oversight_tables.py
support_…        how support channels are set up, what somebody was shown before (`set_ups`), who asks where and whether
                 the bot is silent there (`talks`), and how often it has answered (`answers`)
question_parts   messages that are a part of the question that another message (`head`) ends
knowledge_terms  the words of a document, and in which passages each stands how often, packed (`storage/ranking.py`)
cases            questions that a person is called for; one of a place is not solved. `latest`, `times`: the last for
                 which one was called there, and how often; `by`: who of staff has seen, claimed or solved it
case_relays      what staff wrote for the asker of a case; it goes with its message

Words go for good: foreign keys delete what hangs on a row, and nothing refers to words by copying them elsewhere.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    false,
    text,
)

from bot.storage.approval_tables import requests, tool_rules
from bot.storage.case_tables import case_relays, cases
from bot.storage.codec import HAS_FILES
from bot.storage.columns import Moment, Serial, Words
from bot.storage.digest_tables import delivery_sources, digest_stages
from bot.storage.image_tables import images, piece_images, uploads
from bot.storage.knowledge_tables import (
    knowledge,
    knowledge_chunks,
    knowledge_said,
    knowledge_sources,
    knowledge_terms,
    knowledge_vectors,
)
from bot.storage.language_tables import language_pins, languages_spoken
from bot.storage.ledger_tables import conversations, corrections, piece_sources, pieces, turns
from bot.storage.metadata import metadata
from bot.storage.mirror_tables import mirror_copies, mirror_links, mirror_sides, mirror_threads
from bot.storage.outbox_tables import deliveries, shown
from bot.storage.oversight_tables import feedback_rules, review_flags, reviews, support_counts, votes
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
from bot.storage.support_tables import (
    question_parts,
    support_answers,
    support_channels,
    support_set_ups,
    support_talks,
)

__all__ = [
    "case_relays",
    "cases",
    "conversations",
    "corrections",
    "deliveries",
    "delivery_sources",
    "digest_stages",
    "facts",
    "feedback_rules",
    "images",
    "knowledge",
    "knowledge_chunks",
    "knowledge_said",
    "knowledge_sources",
    "knowledge_terms",
    "knowledge_vectors",
    "language_pins",
    "languages_spoken",
    "messages",
    "metadata",
    "mirror_copies",
    "mirror_links",
    "mirror_sides",
    "mirror_threads",
    "people",
    "piece_images",
    "piece_sources",
    "pieces",
    "places",
    "plan_runs",
    "plan_subscribers",
    "plans",
    "question_parts",
    "requests",
    "review_flags",
    "reviews",
    "search_days",
    "search_due",
    "search_postings",
    "search_segments",
    "search_stale",
    "search_words",
    "server_tools",
    "shown",
    "support_answers",
    "support_channels",
    "support_counts",
    "support_set_ups",
    "support_talks",
    "tool_rules",
    "turns",
    "uploads",
    "votes",
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
    Column("above", Boolean, nullable=False, server_default=false()),
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

facts = Table(
    "facts",
    metadata,
    Column("name", Words, primary_key=True),
    Column("value", Words, nullable=False),
)
