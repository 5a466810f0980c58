"""Deleting words wherever they came to: transcript, turns, other turns' pieces, quotes, pictures, files, deliveries.

A message whose words go stays for a while as a tombstone (platform, id, place: neither words nor author), so that a
replay of it is not taken for a new one. A turn whose question goes is dropped wholly. In other turns the lines of the
message or person go (`taking_out`). Whatever was forgotten twice counts once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select

from bot.storage import support, support_questions, support_talks, unmirroring
from bot.storage.added import forget_added, forget_adder, forget_pinned_of, forget_said, forget_said_of
from bot.storage.approvals import forget_decider, forget_rules
from bot.storage.batches import batches
from bot.storage.blobs import drop_unlinked
from bot.storage.cases import forget_messages, forget_person
from bot.storage.connection import guard_words
from bot.storage.expiry import drop_tombstones
from bot.storage.mirroring import forget_linker, forget_links
from bot.storage.outbox import erase_deliveries
from bot.storage.outbox_shown import mark_gone
from bot.storage.oversight import forget_answers, forget_feedback
from bot.storage.oversight import forget_person as forget_feedback_of
from bot.storage.places import place_columns, save_place, save_policy, to_place, to_policy
from bot.storage.stages import forget_stages
from bot.storage.tables import (
    conversations,
    deliveries,
    messages,
    piece_images,
    piece_sources,
    places,
    turns,
)
from bot.storage.taking_out import Reached
from bot.storage.tongues import forget_languages, forget_pins
from bot.storage.transcript import MADE_OF_A_PRESS, erase_words
from bot.storage.unplanning import forget_plans, forget_scope
from bot.storage.withdrawing import withdraw, withdraw_of_places
from bot.storage.zones import forget_timezone
from bot.talk.delivery import DeliveryState
from bot.talk.message import Place, PlaceKind
from bot.talk.policy import Forgotten, Policy


def _forget_ids(reach: Reached, platform: str, ids: Sequence[str], author: str | None = None, *, now: datetime) -> int:
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
        reach.edited |= withdraw(connection, platform, batch, now=now)
        forget_stages(connection, seqs)
        forget_messages(connection, platform, [*batch, *support_questions.wholes(connection, seqs)])
        forget_said(connection, platform, batch)
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


def delete_messages(connection: Connection, place: Place, ids: Collection[str], *, now: datetime) -> Forgotten:
    """By platform and id; the place need not be the one that the message was recorded in."""
    guard_words(connection, forgetting=True)
    mark_gone(connection, place, ids)
    unmirroring.withdraw(connection, place.platform, ids)
    forget_answers(connection, place, ids)
    reach = Reached(connection)
    return reach.forgotten(_forget_ids(reach, place.platform, sorted(ids), now=now))


def forget(connection: Connection, person: str, *, now: datetime) -> Forgotten:
    """What they allow stays known: it holds no words, and forgetting it would undo an opt-out."""
    guard_words(connection, forgetting=True)
    reach = Reached(connection)
    platform = person.partition(":")[0]
    forget_pinned_of(connection, person)
    ids = connection.execute(select(messages.c.id).where(messages.c.author == person)).scalars().all()
    words = _forget_ids(reach, platform, ids, author=person, now=now)
    reach.strip_pieces(piece_sources.c.author == person, ids=(), author=person)
    reach.strip_quotes_of(person)
    _forget_private(reach, person)
    forget_plans(connection, person)
    unmirroring.withdraw_of_person(connection, person)
    forget_timezone(connection, person)
    forget_languages(connection, person)
    forget_said_of(connection, person)
    forget_adder(connection, person)
    forget_linker(connection, person)
    forget_decider(connection, person)
    reach.edited |= forget_person(connection, person)
    forget_feedback_of(connection, person)
    support.forget_set_ups(connection, person)
    support_talks.forget_talks(connection, person)
    erase_deliveries(connection, deliveries.c.owner == person)
    drop_tombstones(connection, now=now)
    return reach.forgotten(words)


def _forget_private(reach: Reached, person: str) -> None:
    """Conversations that nobody else can read."""
    connection = reach.connection
    own = select(conversations.c.id).where(conversations.c.only == person)
    reach.drop_turns(connection.execute(select(turns.c.id).where(turns.c.conversation.in_(own))).scalars().all())
    theirs = deliveries.c.only == person
    connection.execute(delete(deliveries).where(theirs, deliveries.c.state != DeliveryState.OPEN.value))
    erase_deliveries(connection, theirs)
    left = select(turns.c.conversation)
    connection.execute(delete(conversations).where(conversations.c.only == person, conversations.c.id.not_in(left)))


def forget_place(connection: Connection, place: Place, *, rules: bool, now: datetime) -> Forgotten:
    """The place, its threads and all rows about them; with `rules` those stay that people made there.

    Keeping begins anew then: with the next question and a new announcement.
    """
    threads = (
        (places.c.platform == place.platform)
        & (places.c.parent == place.id)
        & (places.c.kind == PlaceKind.THREAD.value)
    )
    which = or_(places.c.key == place.key, threads)
    if connection.execute(select(places.c.key).where(places.c.key == place.key)).first() is None:
        save_place(connection, place)  # what people added of it, or decided, is known also where nothing was said
    ruled: list[tuple[Place, Policy]] = []
    keys = list(connection.execute(select(places.c.key).where(which)).scalars())
    copies = unmirroring.standing_at(connection, keys) if rules else None
    if copies is not None:
        for row in connection.execute(select(places, *place_columns()).where(which)).mappings():
            policy = replace(to_policy(row), since=None, announced=False)
            # What people called a thread is theirs.
            known = to_place(row) if row["key"] == place.key else replace(to_place(row), name="")
            if policy != Policy() or row["key"] == place.key or row["key"] in copies.places:
                ruled.append((known, policy))
    helped = support.at(connection, keys) if rules else ()
    if rules:
        unmirroring.withdraw_said_in(connection, keys)
    else:
        unmirroring.withdraw_of_places(connection, keys)
        forget_rules(connection, places=keys)
        forget_pins(connection, places=keys)
        forget_links(connection, places=[place.key])
        forget_feedback(connection, places=keys)
    gone = _forget_places(connection, which, rules=rules, now=now)
    for known, policy in ruled:
        save_policy(connection, known, policy)
    for channel in helped:
        support.save(connection, channel)
    if copies is not None:
        unmirroring.stand_again(connection, copies)
    return gone


def forget_guild(connection: Connection, platform: str, guild: str, *, now: datetime) -> Forgotten:
    which = (places.c.platform == platform) & (places.c.guild == guild)
    keys = list(connection.execute(select(places.c.key).where(which)).scalars())
    forget_rules(connection, guild=f"{platform}:{guild}", places=keys)
    forget_pins(connection, guild=f"{platform}:{guild}", places=keys)
    forget_feedback(connection, guild=f"{platform}:{guild}", places=keys)
    forget_scope(connection, f"{platform}:{guild}")
    forget_links(connection, scope=f"{platform}:{guild}")
    unmirroring.forget_guild(connection, platform, guild)
    forget_added(connection, guild=f"{platform}:{guild}")
    return _forget_places(connection, which, now=now)


def _forget_places(
    connection: Connection, which: ColumnElement[bool], *, rules: bool = False, now: datetime
) -> Forgotten:
    guard_words(connection, forgetting=True)
    keys = list(connection.execute(select(places.c.key).where(which)).scalars())
    words = asked = 0
    reach = Reached(connection)
    reach.strip_found(keys)
    edited = withdraw_of_places(connection, keys, now=now)
    forget_added(connection, places=keys, own=not rules)
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
    images = drop_unlinked(connection, digests)
    return Forgotten(messages=words, turns=asked, images=images, edited=frozenset(edited))


def expire(connection: Connection, place: str, ids: Sequence[str], *, now: datetime) -> Forgotten:
    guard_words(connection, forgetting=True)
    reach = Reached(connection)
    return reach.forgotten(_forget_ids(reach, place.partition(":")[0], ids, now=now))
