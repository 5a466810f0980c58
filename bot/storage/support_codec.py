"""Set-ups of support channels as JSON text, and back. What is as usual is left out."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from bot.storage.codec import Json, dump, lean
from bot.talk.message import Place, PlaceKind
from bot.talk.support import Answers, SupportChannel


def dump_channel(channel: SupportChannel) -> str:
    """All but the place itself. Equal set-ups give equal texts."""
    return dump(
        lean(
            {
                "languages": list(channel.languages),
                "tone": channel.tone,
                "knowledge": sorted(channel.knowledge),
                "staff": sorted(channel.staff),
                "notes": None if channel.notes is None else _place(channel.notes),
                "staff_language": channel.staff_language,
                "answers": channel.answers.value,
                "in_threads": channel.in_threads,
                "ungrounded": not channel.grounded,
                "solved_tags": sorted(channel.solved_tags),
                "person_tags": sorted(channel.person_tags),
                "escalate_minutes": channel.escalate_minutes,
                "per_thread": channel.per_thread,
                "per_person": channel.per_person,
                "since": None if channel.since is None else channel.since.isoformat(),
            }
        )
    )


def load_channel(text: str, place: Place) -> SupportChannel:
    """What the text does not say is as usual."""
    fields: Json = json.loads(text)
    usual = SupportChannel(place=place)
    since = fields.get("since")
    return SupportChannel(
        place=place,
        languages=tuple(fields.get("languages", usual.languages)),
        tone=fields.get("tone", ""),
        knowledge=frozenset(fields.get("knowledge", ())),
        staff=frozenset(fields.get("staff", ())),
        notes=_to_place(fields["notes"]) if "notes" in fields else None,
        staff_language=fields.get("staff_language", usual.staff_language),
        answers=Answers(fields.get("answers", usual.answers.value)),
        in_threads=fields.get("in_threads", False),
        grounded=not fields.get("ungrounded", False),
        solved_tags=frozenset(fields.get("solved_tags", ())),
        person_tags=frozenset(fields.get("person_tags", ())),
        escalate_minutes=fields.get("escalate_minutes", usual.escalate_minutes),
        per_thread=fields.get("per_thread", usual.per_thread),
        per_person=fields.get("per_person", usual.per_person),
        since=None if since is None else datetime.fromisoformat(since),
    )


def _place(place: Place) -> list[object]:
    return [place.platform, place.id, place.kind.value, place.name, place.guild, place.parent, place.open]


def _to_place(row: list[Any]) -> Place:
    return Place(
        platform=row[0],
        id=row[1],
        kind=PlaceKind(row[2]),
        name=row[3],
        guild=row[4],
        parent=row[5],
        open=row[6],
    )
