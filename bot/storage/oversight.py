"""Votes, reasons and reviews of answers. All of it hangs on the answer's turn, and goes with its question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    delete,
    exists,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from bot.storage import delivery_codec, support_counts
from bot.storage.batches import batches
from bot.storage.connection import guard_words
from bot.storage.outbox import save_delivery
from bot.storage.places import has_opted_out, insert, place_columns, save_place, to_place
from bot.storage.tables import (
    conversations,
    deliveries,
    feedback_rules,
    messages,
    places,
    review_flags,
    reviews,
    shown,
    turns,
    votes,
)
from bot.storage.transcript import OF_WHO_ALLOWS_IT, message_columns, to_message
from bot.talk.delivery import Delivery, DeliveryState
from bot.talk.message import Place
from bot.talk.oversight import (
    LOW,
    Assessed,
    Ballot,
    Counted,
    Cursor,
    Flag,
    Reviewed,
    ReviewState,
    Vote,
    Which,
)
from bot.talk.turn import TurnState

_FLAG = review_flags.c.turn == reviews.c.turn
_LOW = exists().where(_FLAG, review_flags.c.flag.in_(sorted(flag.value for flag in LOW)))
_HANDED = exists().where(_FLAG, review_flags.c.flag == Flag.HANDED_OVER.value)
_DOWN = exists().where(votes.c.turn == reviews.c.turn, votes.c.up.is_(False))
_WHICH = {Which.ALL: or_(_LOW, _HANDED, _DOWN), Which.LOW: _LOW, Which.DOWN: _DOWN, Which.HANDED: _HANDED}


def note(connection: Connection, turn: str, assessed: Assessed, *, words: bool, at: datetime) -> None:
    """A turn that ends just now. `words`: of its question and answer are kept, so that there is something to review; it
    is counted in any case, but not when a question is answered anew, nor where a person is to answer it."""
    if Flag.HANDED_OVER not in assessed.flags and not _answered_before(connection, turn):
        language = assessed.language
        support_counts.add(connection, assessed.room, Counted.ANSWERED, language=language, at=at)
    if not words:
        return
    row = {
        "turn": turn,
        "at": at,
        "room": assessed.room.key,
        "language": assessed.language,
        "state": ReviewState.OPEN.value,
    }
    save_place(connection, assessed.room)
    connection.execute(insert(connection, reviews).values(row).on_conflict_do_nothing())
    for flag in sorted(assessed.flags):
        mark(connection, turn, flag)


def _answered_before(connection: Connection, turn: str) -> bool:
    """Whether an earlier turn of its question had come to its end."""
    now = turns.alias()
    same = (now.c.message == turns.c.message) & (now.c.conversation == turns.c.conversation)
    earlier = select(turns.c.id).join(now, same & (turns.c.round < now.c.round))
    which = (now.c.id == turn, turns.c.state == TurnState.DONE.value)
    return connection.execute(earlier.where(*which).limit(1)).first() is not None


def mark(connection: Connection, turn: str, flag: Flag) -> bool:
    known = connection.execute(select(turns.c.id).where(turns.c.id == turn).with_for_update(read=True)).first()
    if known is None:
        return False
    connection.execute(insert(connection, review_flags).values(turn=turn, flag=flag.value).on_conflict_do_nothing())
    return True


def cast(connection: Connection, turn: str, person: str, *, up: bool, reason: str | None, now: datetime) -> Ballot:
    """`reason` None: an earlier one stays, as long as the vote does."""
    guard_words(connection, forgetting=False)
    if has_opted_out(connection, person):
        return Ballot.SILENT
    review = connection.execute(_kept().where(reviews.c.turn == turn).with_for_update(of=reviews)).mappings().first()
    if review is None:
        return Ballot.GONE
    mine = (votes.c.turn == turn, votes.c.person == person)
    before = connection.execute(select(votes.c.up, votes.c.reason, votes.c.at).where(*mine)).first()
    if before is not None and before.up == up and reason in (None, before.reason):
        return Ballot.SAME
    moved = before is None or before.up != up
    values: dict[str, Any] = {"up": up, "reason": before.reason if before and not moved and reason is None else reason}
    if moved:
        values["at"] = now
        told = {"language": review["language"]}
        if before is not None:
            support_counts.take_back(connection, review["room"], _counted(before.up), **told, at=before.at)
        support_counts.add_known(connection, review["room"], _counted(up), **told, at=now)
    if before is None:
        connection.execute(votes.insert(), {"turn": turn, "person": person, **values})
        return Ballot.COUNTED
    connection.execute(update(votes).where(*mine).values(**values))
    return Ballot.CHANGED


def _counted(up: bool) -> Counted:
    return Counted.UP if up else Counted.DOWN


def one(connection: Connection, turn: str) -> Reviewed | None:
    row = connection.execute(_kept().where(reviews.c.turn == turn)).mappings().first()
    return None if row is None else next(iter(_whole(connection, [row])), None)


def listed(
    connection: Connection,
    which: Which,
    state: ReviewState,
    *,
    rooms: Collection[str],
    at: Cursor | None,
    newer: bool,
    limit: int,
) -> tuple[Reviewed, ...]:
    asked = _kept().where(reviews.c.state == state.value, reviews.c.room.in_(sorted(rooms)), _WHICH[which])
    key = (reviews.c.at, reviews.c.turn)
    here = tuple_(*key)
    asked = asked.order_by(*(column.asc() if newer else column.desc() for column in key))
    found: list[Reviewed] = []
    while len(found) < limit:  # of some nothing stands any more
        page = asked.limit(limit - len(found))
        if at is not None:
            there = tuple_(literal(at.at, reviews.c.at.type), literal(at.turn, reviews.c.turn.type))
            page = page.where(here > there if newer else here < there)
        rows = connection.execute(page).mappings().all()
        if not rows:
            break
        found += _whole(connection, rows)
        at = Cursor(at=rows[-1]["review_at"], turn=rows[-1]["review"])
    return tuple(reversed(found) if newer else found)


def rooms(
    connection: Connection, state: ReviewState, *, platform: str, guild: str | None, limit: int
) -> tuple[Place, ...]:
    here = places.c.guild.is_(None) if guild is None else places.c.guild == guild
    found = exists().where(reviews.c.room == places.c.key, reviews.c.state == state.value)
    rows = connection.execute(
        select(*place_columns()).where(places.c.platform == platform, here, found).order_by(places.c.key).limit(limit)
    )
    return tuple(to_place(row) for row in rows.mappings())


def settle(connection: Connection, turn: str, state: ReviewState) -> bool:
    if one(connection, turn) is None:
        return False
    connection.execute(update(reviews).where(reviews.c.turn == turn).values(state=state.value))
    return True


def save_correction(connection: Connection, turn: str, delivery: Delivery, *, by: str, at: datetime) -> bool:
    guard_words(connection, forgetting=False)
    if not settle(connection, turn, ReviewState.DONE):
        return False
    if connection.execute(select(deliveries.c.id).where(deliveries.c.id == delivery.id)).first() is not None:
        return False
    save_delivery(connection, delivery, DeliveryState.READY, at=at)
    connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(owner=by))
    return True


def _kept() -> Select[*tuple[Any, ...]]:
    """Answers that can be looked at: for everyone who reads the place, shown, and with their question, of whoever
    allows that it is kept."""
    return (
        select(
            reviews.c.turn.label("review"),
            reviews.c.at.label("review_at"),
            reviews.c.room,
            reviews.c.language,
            reviews.c.state,
            deliveries.c.text.label("answer"),
            deliveries.c.shown.label("answer_shown"),
            *message_columns(),
        )
        .join(turns, turns.c.id == reviews.c.turn)
        .join(conversations, conversations.c.id == turns.c.conversation)
        .join(messages, messages.c.seq == turns.c.message)
        .join(places, places.c.key == messages.c.place)
        .join(deliveries, deliveries.c.turn == reviews.c.turn)
        .where(messages.c.body.is_not(None), OF_WHO_ALLOWS_IT, conversations.c.only.is_(None), deliveries.c.text != "")
    )


def _whole(connection: Connection, rows: Sequence[RowMapping]) -> Iterable[Reviewed]:
    ids = [row["review"] for row in rows]
    flags: defaultdict[str, set[Flag]] = defaultdict(set)
    cast_by: defaultdict[str, list[tuple[str, Vote]]] = defaultdict(list)
    for batch in batches(ids):
        for row in connection.execute(select(review_flags).where(review_flags.c.turn.in_(batch))):
            flags[row.turn].add(Flag(row.flag))
        for row in connection.execute(select(votes).where(votes.c.turn.in_(batch)).order_by(votes.c.at)):
            cast_by[row.turn].append((row.person, Vote(up=row.up, reason=row.reason or "")))
    for row in rows:
        question, stands = to_message(row), delivery_codec.load_shown(row["answer_shown"])
        if stands.withdrawn:
            continue
        asker = question.author.key
        yield Reviewed(
            turn=row["review"],
            question=question,
            answer=row["answer"],
            shown=tuple(each.id for each in stands.messages if not each.gone),
            at=row["review_at"],
            language=row["language"],
            flags=frozenset(flags[row["review"]]),
            votes=tuple(
                Vote(up=vote.up, asker=person == asker, reason=vote.reason) for person, vote in cast_by[row["review"]]
            ),
            state=ReviewState(row["state"]),
        )


# where votes are wanted


def feedback(connection: Connection, place: Place) -> bool | None:
    keys = [place.key, *([] if place.channel is None else [place.channel.key])]
    rows = connection.execute(select(feedback_rules).where(feedback_rules.c.place.in_(keys)))
    known = {row.place: row.wanted for row in rows}
    return next((known[key] for key in keys if key in known), None)


def save_feedback(connection: Connection, place: Place, *, wanted: bool) -> None:
    guild = None if place.guild is None else f"{place.platform}:{place.guild}"
    new = insert(connection, feedback_rules).values(place=place.key, guild=guild, wanted=wanted)
    connection.execute(new.on_conflict_do_update(index_elements=["place"], set_={"wanted": wanted}))


# forgetting


def forget_person(connection: Connection, person: str) -> None:
    """Their votes and reasons. What was counted of a day stays as it was."""
    connection.execute(delete(votes).where(votes.c.person == person))


def forget_answers(connection: Connection, place: Place, ids: Collection[str]) -> None:
    """What people thought of answers of which nothing stands any more, because somebody deleted these messages."""
    gone: set[str] = set()
    for batch in batches(ids):
        rows = connection.execute(
            select(deliveries.c.turn, deliveries.c.shown)
            .join(shown, shown.c.delivery == deliveries.c.id)
            .where(shown.c.place == place.key, shown.c.message.in_(batch), deliveries.c.turn.is_not(None))
        )
        gone |= {row.turn for row in rows if delivery_codec.load_shown(row.shown).withdrawn}
    for batch in batches(gone):
        for table in (votes, review_flags, reviews):
            connection.execute(delete(table).where(table.c.turn.in_(batch)))


def forget_feedback(connection: Connection, *, guild: str | None = None, places: Collection[str] = ()) -> None:
    """Of a server that we left, or of places that are gone; by key."""
    which: list[ColumnElement[bool]] = [] if guild is None else [feedback_rules.c.guild == guild]
    which += [feedback_rules.c.place.in_(batch) for batch in batches(places)]
    for each in which:
        connection.execute(delete(feedback_rules).where(each))
