"""Requests for approval, and the rules of tools.

A request hangs on its turn: it goes with the question, its author, its place, and retention. Deciding on one takes its
buttons from the stored answer in the same transaction, so that a crash leaves no button that still does something.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, update

from bot.ports.approvals import Settled
from bot.storage.batches import batches
from bot.storage.connection import guard_words
from bot.storage.inbox import record_all
from bot.storage.outbox import change_actions
from bot.storage.places import has_opted_out, insert, place_columns, to_place
from bot.storage.tables import conversations, deliveries, places, requests, tool_rules, turns
from bot.talk.approval import Request, RequestState, ToolRule
from bot.talk.delivery import DeliveryState
from bot.talk.message import Conversation
from bot.talk.record import Incoming, Outgoing
from bot.talk.turn import Call


def add(connection: Connection, turn: str, asked: Sequence[Request]) -> None:
    rows = [
        {
            "id": each.id,
            "turn": turn,
            "asker": each.asker,
            "call": each.call.id,
            "tool": each.call.name,
            "arguments": each.call.arguments,
            "server": each.server,
            "definition": each.definition,
            "until": each.until,
            "state": each.state.value,
            "begun": each.begun,
        }
        for each in asked
    ]
    if rows:
        connection.execute(requests.insert(), rows)


def load(connection: Connection, request_id: str) -> Request | None:
    row = (
        connection.execute(
            select(requests, conversations.c.only, *place_columns())
            .join(turns, turns.c.id == requests.c.turn)
            .join(conversations, conversations.c.id == turns.c.conversation)
            .join(places, places.c.key == conversations.c.place)
            .where(requests.c.id == request_id)
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    return Request(
        id=row["id"],
        turn=row["turn"],
        conversation=Conversation(place=to_place(row), only=row["only"]),
        asker=row["asker"],
        call=Call(id=row["call"], name=row["tool"], arguments=row["arguments"]),
        until=row["until"],
        server=row["server"],
        definition=row["definition"],
        state=RequestState(row["state"]),
        begun=row["begun"],
        decided_at=row["decided_at"],
        decided_by=row["decided_by"],
    )


def settle(
    connection: Connection,
    request_id: str,
    state: RequestState,
    *,
    by: str | None,
    follows: Incoming | None,
    now: datetime,
) -> Settled | None:
    guard_words(connection, forgetting=False)
    if by is not None and has_opted_out(connection, by):
        by = None
    values: dict[str, Any] = {"state": state.value, "decided_at": now, "decided_by": by}
    if state is not RequestState.ALLOWED:
        values["arguments"] = ""
    turn = connection.execute(
        update(requests)
        .where(requests.c.id == request_id, requests.c.state == RequestState.WAITING.value)
        .values(values)
        .returning(requests.c.turn)
    ).scalar()
    if turn is None:
        found = connection.execute(select(requests.c.state).where(requests.c.id == request_id)).scalar()
        return None if found is None else Settled(now=RequestState(found))
    if follows is not None:
        record_all(connection, [follows], now=now)
    return Settled(now=state, ours=True, outgoing=_without_buttons(connection, turn, request_id))


def _without_buttons(connection: Connection, turn: str, request_id: str) -> Outgoing | None:
    """One that is about to be shown is not shown with them either."""
    standing = deliveries.c.state.in_([DeliveryState.SENT.value, DeliveryState.READY.value])
    return change_actions(
        connection,
        deliveries.c.turn == turn,
        standing,
        change=lambda before: tuple(each for each in before if each.id.partition(":")[2] != request_id),
    )


def forget_decider(connection: Connection, person: str) -> None:
    """What others asked for, and this person decided on, stays; who it was does not."""
    connection.execute(update(requests).where(requests.c.decided_by == person).values(decided_by=None))


def begin(connection: Connection, request_id: str) -> bool:
    begun = connection.execute(
        update(requests)
        .where(
            requests.c.id == request_id,
            requests.c.state == RequestState.ALLOWED.value,
            requests.c.begun.is_(False),
        )
        .values(begun=True)
        .returning(requests.c.id)
    )
    return begun.scalar() is not None


def lapsed(connection: Connection, *, now: datetime, limit: int) -> tuple[str, ...]:
    rows = connection.execute(
        select(requests.c.id)
        .where(requests.c.state == RequestState.WAITING.value, requests.c.until <= now)
        .order_by(requests.c.until, requests.c.id)
        .limit(limit)
    )
    return tuple(rows.scalars())


def rules(connection: Connection) -> tuple[ToolRule, ...]:
    rows = connection.execute(select(tool_rules).order_by(tool_rules.c.scope, tool_rules.c.tool, tool_rules.c.role))
    return tuple(
        ToolRule(tool=row.tool, allowed=row.allowed, place=row.place, guild=row.guild, role=row.role or None)
        for row in rows
    )


def save_rule(connection: Connection, rule: ToolRule) -> None:
    new = insert(connection, tool_rules).values(
        scope=rule.scope,
        tool=rule.tool,
        role=rule.role or "",
        place=rule.place,
        guild=rule.guild,
        allowed=rule.allowed,
    )
    connection.execute(
        new.on_conflict_do_update(index_elements=["scope", "tool", "role"], set_={"allowed": new.excluded.allowed})
    )


def remove_rule(connection: Connection, rule: ToolRule) -> None:
    connection.execute(delete(tool_rules).where(*_same(rule)))


def _same(rule: ToolRule) -> tuple[ColumnElement[bool], ...]:
    return (tool_rules.c.scope == rule.scope, tool_rules.c.tool == rule.tool, tool_rules.c.role == (rule.role or ""))


def forget_rules(connection: Connection, *, guild: str | None = None, places: Collection[str] = ()) -> None:
    """Of a server that we left, or of places that are gone; by key."""
    if guild is not None:
        connection.execute(delete(tool_rules).where(tool_rules.c.guild == guild))
    for batch in batches(places):
        connection.execute(delete(tool_rules).where(tool_rules.c.place.in_(batch)))
