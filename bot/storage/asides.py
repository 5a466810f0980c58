"""What a turn is told beside its question, in one read: it stands between a question and its answer."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.storage import corrections, places, transcript, turns
from bot.storage.support_questions import joined
from bot.talk.message import Addressed, Message, Place
from bot.talk.policy import Ambient, Policy
from bot.talk.record import Aside


def aside(
    connection: Connection, message: Message, *, turn: str, ambient: Ambient, overheard: int, changed: int
) -> Aside:
    rules = _rules(connection, message.place)
    conversation, heard = message.conversation, rules.ambient or ambient
    return Aside(
        rules=rules,
        asked=turns.asked(connection, turn),
        overheard=()
        if heard is Ambient.OFF
        else transcript.overheard(
            connection, conversation, before=message, limit=overheard, since_turn=heard is Ambient.SINCE
        ),
        changed=corrections.owed(connection, conversation, limit=changed),
        parts=tuple(joined(connection, message)) if message.addressed is Addressed.SUPPORT else (),
    )


def _rules(connection: Connection, place: Place) -> Policy:
    own = places.known_policy(connection, place) or Policy()
    return own if place.channel is None else own.within(places.known_policy(connection, place.channel) or Policy())
