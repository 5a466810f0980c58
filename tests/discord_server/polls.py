"""Polls as a message may hold them.

Source: Discord API reference, "Poll Create Request Object", "Poll Object" and "JSON Error Codes" (520002).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.discord_server.errors import invalid_form, too_long
from tests.discord_server.things import Json

QUESTION = 300
ANSWER = 55
ANSWERS = 10
HOURS = 32 * 24
_FIELDS = {"question", "answers", "duration", "allow_multiselect", "layout_type"}


def check_poll(poll: object, *, now: datetime) -> Json | None:
    """The poll as Discord gives it back: with numbers, and when it ends, not how long it takes. Raises ApiError."""
    if poll is None:
        return None
    if not isinstance(poll, dict) or not set(poll) <= _FIELDS:
        raise invalid_form("poll", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
    form: Json = poll
    question = _text(form.get("question"), "poll.question", QUESTION)
    answers = form.get("answers")
    if not isinstance(answers, list) or not 1 <= len(answers) <= ANSWERS:
        raise invalid_form("poll.answers", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {ANSWERS} in length.")
    every: list[Any] = answers
    hours = form.get("duration", 24)
    if not isinstance(hours, int) or not 1 <= hours <= HOURS:
        raise invalid_form("poll.duration", "NUMBER_TYPE_MAX", f"int value should be from 1 to {HOURS}.")
    if form.get("layout_type", 1) != 1:
        raise invalid_form("poll.layout_type", "BASE_TYPE_CHOICES", "Value must be one of (1,).")
    return {
        "question": {"text": question},
        "answers": [
            {
                "answer_id": number,
                "poll_media": {"text": _text((each or {}).get("poll_media"), f"poll.answers.{number}", ANSWER)},
            }
            for number, each in enumerate(every, 1)
        ],
        "expiry": (now + timedelta(hours=hours)).isoformat(),
        "allow_multiselect": bool(form.get("allow_multiselect", False)),
        "layout_type": 1,
        "results": {"is_finalized": False, "answer_counts": []},
    }


def _text(media: object, path: str, limit: int) -> str:
    text = media.get("text") if isinstance(media, dict) else None  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]
    if not isinstance(text, str) or not text.strip():
        raise invalid_form(f"{path}.text", "BASE_TYPE_REQUIRED", "This field is required")
    if len(text) > limit:
        raise too_long(f"{path}.text", limit)
    return text
