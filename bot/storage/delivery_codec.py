"""What a delivery consists of as compact JSON text, and back; the rules are those of `codec.py`."""

from __future__ import annotations

import json
from datetime import datetime

from bot.storage.codec import Json, dump, lean
from bot.talk.delivery import Action, Shown, ShownMessage
from bot.talk.digest import Point, Section, Source, Told
from bot.talk.message import Place
from bot.talk.poll import Poll


def dump_actions(actions: tuple[Action, ...]) -> str | None:
    return dump([[one.id, one.label, one.danger] for one in actions]) if actions else None


def load_actions(text: str | None) -> tuple[Action, ...]:
    if not text:
        return ()
    return tuple(Action(id=row[0], label=row[1], danger=row[2]) for row in json.loads(text))


def dump_poll(poll: Poll | None) -> str | None:
    return None if poll is None else dump([poll.question, list(poll.answers), poll.hours, poll.several])


def load_poll(text: str | None) -> Poll | None:
    if not text:
        return None
    question, answers, hours, several = json.loads(text)
    return Poll(question=question, answers=tuple(answers), hours=hours, several=several)


def dump_told(told: tuple[Told, ...]) -> str | None:
    rows = [
        [
            each.text,
            sorted(each.messages),
            sorted(each.rooms),
            *([each.heading, each.seen] if each.seen else [True] if each.heading else []),
        ]
        for each in told
    ]
    return dump(rows) if rows else None


def load_told(text: str | None) -> tuple[Told, ...]:
    if not text:
        return ()
    return tuple(
        Told(
            text=row[0],
            messages=frozenset(row[1]),
            rooms=frozenset(row[2]),
            heading=len(row) > 3 and row[3],
            seen=row[4] if len(row) > 4 else "",
        )
        for row in json.loads(text)
    )


def dump_points(points: tuple[Point, ...]) -> str:
    """All of one place, which is not written down."""
    return dump(
        [
            [one.section.value, one.text, [[of.message, of.author_key, of.sent_at.isoformat()] for of in one.sources]]
            for one in points
        ]
    )


def load_points(text: str, place: Place) -> tuple[Point, ...]:
    return tuple(
        Point(
            section=Section(section),
            text=words,
            sources=tuple(
                Source(message=of[0], place=place, author_key=of[1], sent_at=datetime.fromisoformat(of[2]))
                for of in sources
            ),
        )
        for section, words, sources in json.loads(text)
    )


def dump_shown(shown: Shown) -> str | None:
    """Most are no more than a list of messages."""
    rows = [[one.id, one.digest, *([True] if one.gone else [])] for one in shown.messages]
    if shown.since is None and not shown.removed:
        return dump(rows) if rows else None
    return dump(lean({"m": rows, "s": None if shown.since is None else shown.since.isoformat(), "r": shown.removed}))


def load_shown(text: str | None) -> Shown:
    if not text:
        return Shown()
    found = json.loads(text)
    fields: Json = found if isinstance(found, dict) else {"m": found}
    since = fields.get("s")
    return Shown(
        messages=tuple(ShownMessage(id=row[0], digest=row[1], gone=len(row) > 2) for row in fields.get("m", ())),
        since=None if since is None else datetime.fromisoformat(since),
        removed=fields.get("r", 0),
    )
