"""What is left to people: one case of a place at a time, its note to staff, and what staff wrote for the asker.

A case changes in one transaction with its note, and with the plans that would tell of it: whoever comes first decides.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, or_, select, update

from bot.storage import outbox, plans, support_counts
from bot.storage.case_notes import note_now, shown_anew
from bot.storage.case_tables import UNSOLVED
from bot.storage.connection import guard_words
from bot.storage.digests import TOLD, read_as
from bot.storage.places import insert, place_columns, save_place, to_place
from bot.storage.tables import case_relays, cases, messages, places
from bot.storage.transcript import message_columns, to_message
from bot.talk.delivery import Action, Delivery, DeliveryState
from bot.talk.digest import Told
from bot.talk.message import Message, PlaceKind
from bot.talk.oversight import Counted, room_of
from bot.talk.plan import Plan
from bot.talk.record import Outgoing
from bot.talk.support import Case, CaseState, Relayed, note_of, relaying, told_again

MOST_MORE = 5
"""Times that what comes meanwhile is added to one note."""
KEPT = timedelta(days=180)
"""So long a solved case is known, and what was written for an asker."""

_UNSOLVED = cases.c.state != CaseState.SOLVED.value


def open_case(
    connection: Connection, case: Case, *, plan: Plan, more: Told, at: datetime
) -> tuple[Case, Outgoing | None]:
    guard_words(connection, forgetting=False)
    save_place(connection, case.place)
    if not read_as(connection, case.place.platform, [case.message]):
        case = replace(case, reason="")  # it holds what nothing is kept of
    known = _opened(connection, case)
    if known is None:
        plans.save(connection, plan)
        support_counts.add(connection, room_of(case.place), Counted.HANDED_OVER, language=case.language, at=at)
        return case, None
    if case.message in (known.message, known.latest):
        return known, None
    counted = replace(known, latest=case.message, times=known.times + 1)
    values = {"latest": counted.latest, "times": counted.times}
    connection.execute(update(cases).where(cases.c.id == known.id).values(**values))
    note = note_now(connection, known.id)
    if note is None or counted.times > MOST_MORE + 1:
        return counted, None
    told = note.delivery.told
    return counted, next(iter(shown_anew(connection, note, told=(*told[:-1], more, *told[-1:]))), None)


def _opened(connection: Connection, case: Case) -> Case | None:
    """The one that is open there already; None: it is opened. One that is solved just now does not count."""
    known: Case | None = None
    once = {"index_elements": ["place", "whose"], "index_where": UNSOLVED}
    new = insert(connection, cases).values(_row(case)).on_conflict_do_nothing(**once)
    here = (cases.c.place == case.place.key, cases.c.whose == _whose(case), _UNSOLVED)
    while known is None and not connection.execute(new).rowcount:
        known = _one(connection, *here, held=True)
    return known


def load(connection: Connection, case_id: str) -> Case | None:
    return _one(connection, cases.c.id == case_id)


def unsolved(connection: Connection, place: str, asker: str | None) -> Case | None:
    return _one(connection, cases.c.place == place, *([] if asker is None else [cases.c.asker == asker]), _UNSOLVED)


def case_of(connection: Connection, place: str, message: str) -> Case | None:
    about = or_(cases.c.message == message, cases.c.latest == message)
    which = select(cases.c.id).where(cases.c.place == place, about).order_by(cases.c.opened_at.desc()).limit(1)
    found = connection.execute(which).scalar_one_or_none()
    return None if found is None else load(connection, found)


def change(
    connection: Connection,
    before: Case,
    after: Case,
    *,
    line: str,
    actions: tuple[Action, ...],
    leaves: Sequence[Delivery],
    at: datetime,
) -> tuple[Outgoing, ...] | None:
    guard_words(connection, forgetting=False)
    known = _one(connection, cases.c.id == before.id, held=True)
    if known is None or (known.state, known.by) != (before.state, before.by):
        return None
    now = {name: getattr(after, name) for name in ("by", "by_name", "changed_at")}
    connection.execute(update(cases).where(cases.c.id == before.id).values(state=after.state.value, **now))
    if after.state in (CaseState.CLAIMED, CaseState.SOLVED):
        plans.end(connection, told_again(before.id), at=at)
    if after.state is CaseState.SOLVED:
        plans.end(connection, note_of(before.id), at=at)
        support_counts.add(connection, room_of(before.place), Counted.SOLVED, language=before.language, at=at)
    shown: list[Outgoing] = []
    note = note_now(connection, before.id)
    if note is not None:
        told = (*note.delivery.told[:-1], Told(text=line))
        shown += shown_anew(connection, note, told=told, actions=actions)
    for one in leaves:
        outbox.save_delivery(connection, one, DeliveryState.READY, at=at)
        shown += outbox.undelivered(connection, [one.id])
    return tuple(shown)


def note_escalation(connection: Connection, case_id: str, times: int) -> None:
    which = (cases.c.id == case_id, cases.c.escalated < times)
    connection.execute(update(cases).where(*which).values(escalated=times))


def talk(connection: Connection, case: Case, *, limit: int) -> tuple[Message, ...]:
    whose = _whose(case)  # others ask in the same channel
    rows = connection.execute(
        select(*message_columns())
        .join(places, places.c.key == messages.c.place)
        .where(messages.c.place == case.place.key, *TOLD, *([messages.c.author == whose] if whose else []))
        .order_by(messages.c.seq.desc())
        .limit(limit)
    )
    return tuple(reversed([to_message(row) for row in rows.mappings()]))


def save_relay(connection: Connection, relay: Relayed, plan: Plan, *, at: datetime) -> None:
    guard_words(connection, forgetting=False)
    erased = (messages.c.body.is_(None), messages.c.author.is_(None))
    which = (messages.c.platform == relay.place.platform, messages.c.id == relay.message)
    if connection.execute(select(messages.c.seq).where(*which, *erased)).first() is not None:
        return
    if load(connection, relay.case) is None:
        return
    save_place(connection, relay.place)
    values = {
        "id": relay.id,
        "case": relay.case,
        "place": relay.place.key,
        "message": relay.message,
        "author": relay.author,
        "author_name": relay.author_name,
        "text": relay.text,
        "at": at,
    }
    if connection.execute(insert(connection, case_relays).values(values).on_conflict_do_nothing()).rowcount > 0:
        plans.save(connection, plan)


def relay(connection: Connection, relay_id: str) -> Relayed | None:
    row = (
        connection.execute(
            select(case_relays, *place_columns())
            .join(places, places.c.key == case_relays.c.place)
            .where(case_relays.c.id == relay_id)
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    place = to_place(row)
    return Relayed(
        id=row["id"],
        case=row["case"],
        place=place,
        message=row["message"],
        author=row["author"],
        author_name=row["author_name"],
        text=row["text"],
        kept=row["message"] in read_as(connection, place.platform, [row["message"]]),
    )


def forget_messages(connection: Connection, platform: str, ids: Collection[str]) -> None:
    """What was written of these, and what these told askers."""
    here = cases.c.place.startswith(f"{platform}:", autoescape=True)
    named = or_(cases.c.message.in_(ids), cases.c.latest.in_(ids))
    connection.execute(update(cases).where(here, named).values(reason=""))
    there = case_relays.c.place.startswith(f"{platform}:", autoescape=True)
    gone = delete(case_relays).where(there, case_relays.c.message.in_(ids)).returning(case_relays.c.id)
    for relay_id in connection.execute(gone).scalars().all():
        plans.remove(connection, relaying(relay_id))


def forget_words_of(connection: Connection, person: str) -> None:
    connection.execute(update(cases).where(cases.c.asker == person).values(reason=""))


def forget_person(connection: Connection, person: str) -> set[str]:
    """Their cases, and their name where they are staff; the ids of the notes that are to be shown without it."""
    connection.execute(delete(case_relays).where(case_relays.c.author == person))
    theirs = delete(cases).where(cases.c.asker == person).returning(cases.c.id)
    for case_id in connection.execute(theirs).scalars().all():
        plans.remove(connection, note_of(case_id))
    edited: set[str] = set()
    for case_id in connection.execute(select(cases.c.id).where(cases.c.by == person)).scalars().all():
        note = note_now(connection, case_id)
        if note is not None:
            told = (*note.delivery.told[:-1], Told(text=""))
            edited.update(each.delivery.id for each in shown_anew(connection, note, told=told))
    connection.execute(update(cases).where(cases.c.by == person).values(by="", by_name=""))
    return edited


def drop_old_cases(connection: Connection, *, now: datetime) -> None:
    """And what was told long ago of those that nobody says are solved."""
    old = (cases.c.state == CaseState.SOLVED.value, cases.c.changed_at < now - KEPT)
    connection.execute(delete(cases).where(*old))
    connection.execute(delete(case_relays).where(case_relays.c.at < now - KEPT))


def _one(connection: Connection, *which: ColumnElement[bool], held: bool = False) -> Case | None:
    found = select(cases, *place_columns()).join(places, places.c.key == cases.c.place).where(*which)
    row = connection.execute(found.with_for_update(of=cases) if held else found).mappings().first()
    return None if row is None else _to_case(row)


def _to_case(row: RowMapping) -> Case:
    plain = (
        "id",
        "message",
        "latest",
        "times",
        "asker",
        "language",
        "reason",
        "opened_at",
        "by",
        "by_name",
        "changed_at",
        "escalated",
    )
    return Case(place=to_place(row), state=CaseState(row["state"]), **{name: row[name] for name in plain})


def _row(case: Case) -> dict[str, Any]:
    plain = {
        name: getattr(case, name)
        for name in ("id", "message", "times", "asker", "language", "reason", "opened_at", "by", "by_name")
    }
    rest = {"latest": case.latest or case.message, "changed_at": case.changed_at, "escalated": case.escalated}
    return {"place": case.place.key, "whose": _whose(case), "state": case.state.value, **plain, **rest}


def _whose(case: Case) -> str:
    """A thread has one case at a time, in a channel everybody who asks."""
    return "" if case.place.kind is PlaceKind.THREAD else case.asker
