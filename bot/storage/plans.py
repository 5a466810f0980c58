"""What is planned, who has taken it up, and what was carried out: each planned moment of a plan once.

A claim is a token in the plan's row. What a run leaves is written in the transaction that takes the token away again,
so a run that lost its claim (the plan was changed or went, or the lease is over) leaves nothing, and one that ends does
so once. `plan_runs` remembers the moments themselves, for clocks that are set back.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    bindparam,
    case,
    delete,
    exists,
    func,
    select,
    update,
)

from bot.storage import codec, recurrences
from bot.storage.connection import guard_words
from bot.storage.outbox_ready import save_ready
from bot.storage.places import DIALECTS, place_columns, save_place, to_place, upsert
from bot.storage.tables import deliveries, places, plan_runs, plans
from bot.talk.delivery import Delivery
from bot.talk.message import Conversation
from bot.talk.plan import Claimed, Plan, PlanState, Run, RunOutcome, RunRecord

AHEAD = timedelta(minutes=1)
"""A clock that shows so much less than what a row was reckoned with was set back; less is two machines' difference."""
ILLEGIBLE_FOR = timedelta(hours=1)
"""A row that cannot be read is left alone so long, and holds up no other."""

log = logging.getLogger(__name__)

_WAITING = plans.c.state == PlanState.WAITING.value
_FREE: dict[str, Any] = {"holder": None, "token": None}


def _ahead_of(horizon: Any) -> tuple[ColumnElement[bool], ...]:
    return plans.c.touched_at > horizon, plans.c.due.is_not(None)


_OF_KIND = (plans.c.kind == bindparam("of_kind"), _WAITING)
# Made once: building a statement costs more than running it, and ten thousand may be due.
_OUTLOOK = select(
    exists().where(*_OF_KIND, *_ahead_of(bindparam("horizon"))),
    select(func.min(plans.c.look_at)).where(*_OF_KIND).scalar_subquery(),
)
_DONE = select(exists().where(plan_runs.c.plan == bindparam("plan"), plan_runs.c.at == bindparam("moment")))
_TAKE = (
    update(plans)
    .where(plans.c.id == bindparam("plan"))
    .values({name: bindparam(name) for name in ("look_at", "touched_at", "attempts", "holder", "token")})
)
_MOVE_ON = (
    update(plans)
    .where(plans.c.id == bindparam("plan"), plans.c.token.is_not_distinct_from(bindparam("claim")))
    .values(
        due=bindparam("following"),
        look_at=bindparam("following"),
        touched_at=bindparam("now"),
        state=bindparam("then"),
        payload=case((bindparam("over"), "{}"), else_=plans.c.payload),
        attempts=0,
        **_FREE,
    )
)


def _put(dialect: str) -> Any:
    new = upsert(dialect, plans)
    others = {column.name: new.excluded[column.name] for column in plans.c if not column.primary_key}
    return new.on_conflict_do_update(index_elements=["id"], set_=others)


_PUT = {dialect: _put(dialect) for dialect in DIALECTS}
_RECORD = {dialect: upsert(dialect, plan_runs).on_conflict_do_nothing() for dialect in DIALECTS}


def save(connection: Connection, plan: Plan, *, of: str | None = None, reckoned: datetime | None = None) -> bool:
    """A claim on what stood there is void. `reckoned`: what the clock showed when a run of it said when it is due."""
    guard_words(connection, forgetting=False)
    if of is not None and connection.execute(select(plans.c.id).where(plans.c.id == of, _WAITING)).first() is None:
        return False
    talk = plan.conversation
    if talk is not None:
        save_place(connection, talk.place)
    row: dict[str, Any] = {
        "id": plan.id,
        "kind": plan.kind,
        "place": None if talk is None else talk.place.key,
        "only": None if talk is None else talk.only,
        "owner": plan.owner,
        "scope": plan.scope,
        "recurrence": recurrences.dump(plan.recurrence),
        "timezone": plan.timezone,
        "payload": codec.dump(dict(plan.payload)),
        "state": plan.state.value,
        "due": plan.due,
        "look_at": plan.due,
        "touched_at": reckoned,
        "attempts": 0,
        **_FREE,
    }
    connection.execute(_PUT[connection.dialect.name], row)
    return True


def keep(connection: Connection, plan: Plan, *, now: datetime) -> None:
    row = connection.execute(
        select(plans.c.recurrence, plans.c.timezone, plans.c.state, plans.c.due)
        .where(plans.c.id == plan.id)
        .with_for_update()
    ).first()
    rule, waits = recurrences.dump(plan.recurrence), PlanState.WAITING.value
    if row is None or row.state != waits:
        save(connection, plan)
    elif (row.recurrence, row.timezone) != (rule, plan.timezone):
        values: dict[str, Any] = {"recurrence": rule, "timezone": plan.timezone}
        if row.due is None or row.due > now:
            values |= {"due": plan.due, "look_at": plan.due, "touched_at": None, "attempts": 0, **_FREE}
        connection.execute(update(plans).where(plans.c.id == plan.id).values(**values))


def remove(connection: Connection, plan_id: str) -> bool:
    return connection.execute(delete(plans).where(plans.c.id == plan_id)).rowcount > 0


def end(connection: Connection, plan_id: str, *, at: datetime) -> bool:
    over = {"state": PlanState.OVER.value, "payload": "{}", "due": None, "look_at": None, "touched_at": at, **_FREE}
    return connection.execute(update(plans).where(plans.c.id == plan_id, _WAITING).values(**over)).rowcount > 0


def carry_out_anew(connection: Connection, plan_id: str) -> None:
    """A run of it that is under way leaves nothing: what it was made of has changed."""
    under_way = (plans.c.id == plan_id, _WAITING, plans.c.token.is_not(None))
    anew = {"look_at": plans.c.due, "attempts": plans.c.attempts - 1, **_FREE}
    connection.execute(update(plans).where(*under_way).values(**anew))


def known(connection: Connection, plan_id: str, *, held: bool = False) -> Plan | None:
    found = _plans().where(plans.c.id == plan_id)
    row = connection.execute(found.with_for_update(of=plans) if held else found).mappings().first()
    return None if row is None else _to_plan(row)


def waiting(connection: Connection, which: Mapping[str, str | None], *, limit: int) -> tuple[Plan, ...]:
    """`which`: by columns; None is any."""
    asked = [plans.c[name] == value for name, value in which.items() if value is not None]
    rows = connection.execute(_plans().where(_WAITING, *asked).order_by(plans.c.due, plans.c.id).limit(limit))
    return tuple(_to_plan(row) for row in rows.mappings())


def outlook(connection: Connection, kind: str, *, now: datetime) -> tuple[bool, datetime | None]:
    """Whether there is anything to claim, and when one of the kind has to be looked at next; None: at no time."""
    ahead, following = connection.execute(_OUTLOOK, {"of_kind": kind, "horizon": now + AHEAD}).one()
    return bool(ahead) or (following is not None and following <= now), following


def claim(connection: Connection, kind: str, *, now: datetime, holder: str, until: datetime, limit: int) -> Claimed:
    of_kind = _plans().where(plans.c.kind == kind, _WAITING).limit(limit).with_for_update(skip_locked=True, of=plans)
    for row in connection.execute(of_kind.where(*_ahead_of(now + AHEAD))).mappings().all():
        _reckon_anew(connection, row, now=now)
    found = of_kind.where(plans.c.look_at <= now).order_by(plans.c.look_at, plans.c.id)
    rows = connection.execute(found).mappings().all()
    runs = [run for row in rows if (run := _taken(connection, row, now=now, holder=holder, until=until))]
    return Claimed(runs=tuple(runs), next=now if len(rows) == limit else outlook(connection, kind, now=now)[1])


def finish(
    connection: Connection, run: Run, *, outcome: RunOutcome, left: Sequence[Delivery | Plan], at: datetime
) -> bool:
    guard_words(connection, forgetting=False)
    if not _move_on(connection, run.plan, run.at, claim=run.token, now=at):
        return False
    row = {"plan": run.plan.id, "at": run.at, "outcome": outcome.value, "attempts": run.attempt, "ended_at": at}
    if connection.execute(_RECORD[connection.dialect.name], row).rowcount == 0:
        return False
    save_ready(connection, [one for one in left if isinstance(one, Delivery)], at=at)
    for one in left:
        if isinstance(one, Plan):
            save(connection, one, reckoned=at)
        # What tells of others goes with their messages; erased with its owner, it could not be withdrawn.
        elif run.plan.owner is not None and not one.told:
            connection.execute(update(deliveries).where(deliveries.c.id == one.id).values(owner=run.plan.owner))
    return True


def postpone(connection: Connection, run: Run, *, until: datetime, at: datetime, counted: bool) -> bool:
    mine = (plans.c.id == run.plan.id, plans.c.token == run.token)
    now = {"look_at": until, "touched_at": at, "attempts": run.attempt - (not counted), **_FREE}
    return connection.execute(update(plans).where(*mine).values(now)).rowcount > 0


def release(connection: Connection, holder: str, *, counted: bool) -> int:
    attempts = plans.c.attempts if counted else plans.c.attempts - 1
    free = update(plans).where(plans.c.holder == holder).values(look_at=plans.c.due, attempts=attempts, **_FREE)
    return connection.execute(free).rowcount


def records(connection: Connection, plan_id: str, *, limit: int) -> tuple[RunRecord, ...]:
    rows = connection.execute(
        select(plan_runs).where(plan_runs.c.plan == plan_id).order_by(plan_runs.c.at.desc()).limit(limit)
    )
    return tuple(
        RunRecord(at=row.at, outcome=RunOutcome(row.outcome), attempts=row.attempts, ended_at=row.ended_at)
        for row in rows
    )


def _plans() -> Select[*tuple[Any, ...]]:
    return select(plans, *place_columns()).outerjoin(places, places.c.key == plans.c.place)


def _to_plan(row: RowMapping) -> Plan:
    """Raises ValueError or KeyError for what none of ours has written."""
    return Plan(
        id=row["id"],
        kind=row["kind"],
        recurrence=recurrences.load(row["recurrence"]),
        due=row["due"],
        timezone=row["timezone"],
        conversation=None if row["place"] is None else Conversation(place=to_place(row), only=row["only"]),
        owner=row["owner"],
        scope=row["scope"],
        payload=json.loads(row["payload"]),
        state=PlanState(row["state"]),
    )


def _reckon_anew(connection: Connection, row: RowMapping, *, now: datetime) -> None:
    """The clock was ahead when this was reckoned: its next moment may come sooner, and a lease last too long."""
    due = row["due"]
    if due > now:
        try:
            due = min(due, _to_plan(row).next_after(now) or due)
        except (ValueError, KeyError):
            _leave_alone(connection, row, now=now)
            return
    values = {"due": due, "look_at": due, "touched_at": now, **_FREE}
    connection.execute(update(plans).where(plans.c.id == row["id"]).values(**values))


def _taken(connection: Connection, row: RowMapping, *, now: datetime, holder: str, until: datetime) -> Run | None:
    """None where there is nothing to carry out after all."""
    try:
        plan = _to_plan(row)
        at = plan.occurrence(now)
        if at is None:
            raise ValueError("looked at before it is due")
        if connection.execute(_DONE, {"plan": plan.id, "moment": at}).scalar():
            _move_on(connection, plan, at, claim=row["token"], now=now)
            return None
    except (ValueError, KeyError):
        _leave_alone(connection, row, now=now)
        return None
    run = Run(plan=plan, at=at, claimed_at=now, attempt=row["attempts"] + 1, token=uuid4().hex)
    taken = {"look_at": until, "touched_at": now, "attempts": run.attempt, "holder": holder, "token": run.token}
    connection.execute(_TAKE, {"plan": plan.id, **taken})
    return run


def _leave_alone(connection: Connection, row: RowMapping, *, now: datetime) -> None:
    log.error("plan %s cannot be read; it is looked at again in an hour", row["id"])
    values = {"look_at": now + ILLEGIBLE_FOR, "touched_at": now, **_FREE}
    connection.execute(update(plans).where(plans.c.id == row["id"]).values(**values))


def _move_on(connection: Connection, plan: Plan, at: datetime, *, claim: str | None, now: datetime) -> bool:
    """It waits for the moment after this one; the words of one that has none go. Whether the claim still stands."""
    following = plan.next_after(at)
    state = PlanState.OVER if following is None else PlanState.WAITING
    values = {"following": following, "then": state.value, "over": following is None, "now": now}
    return connection.execute(_MOVE_ON, {"plan": plan.id, "claim": claim, **values}).rowcount > 0
