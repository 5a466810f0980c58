"""When something is to come again and again, as people write it: plain words with a time, or a cron line. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from bot.talk import repeats
from bot.talk.cron import cron, is_cron
from bot.talk.recurrence import Once, Recurrence, moment_of
from bot.talk.refusal import Refused, Why
from bot.talk.when import time_of_day

WORDS = ("weekdays at 9", "every day at 18:30", "Monday and Thursday at 9", "monthly on 1 at 9", "every 6 hours")
LINE = "30 9 * * 1-5"
FORMS = f"{', '.join(WORDS)}, or a cron line like {LINE}"
LONGEST = 100
"""Characters."""

_LAST = re.compile(r"(?P<rest>.+?)(?:,? at | )(?P<clock>[0-9][0-9:]*(?: ?[ap]\.?m\.?)?|noon|midnight)")
_FIRST = re.compile(r"(?:at )?(?P<clock>[0-9][0-9:]*(?: ?[ap]\.?m\.?)?|noon|midnight)(?: on|,)? (?P<rest>[a-z].+)")
_PASSING = re.compile(r"hourly|every (?:[0-9]+ )?hours?")


def rhythm(text: str, *, now: datetime, zone: tzinfo) -> Recurrence:
    """What is meant, from now (aware) on. Raises Refused that says what would be right."""
    words = " ".join(text.casefold().split())
    if not words or len(text) > LONGEST:
        raise _unknown(text)
    if is_cron(words):
        return cron(words)
    here = now.astimezone(zone)
    if _PASSING.fullmatch(words):
        hour = here.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return repeats.recurrence(words, hour.astimezone(zone))
    match = _FIRST.fullmatch(words) or _LAST.fullmatch(words)
    at = None if match is None else time_of_day(match["clock"]) or _hour(match["clock"])
    if match is None or at is None:
        raise _unknown(text)
    day = here.date()
    if moment_of(day, at, zone) <= now:
        day += timedelta(days=1)
    try:
        found = repeats.recurrence(match["rest"], datetime.combine(day, at, tzinfo=zone))
    except Refused as error:
        raise _unknown(text) if error.why is Why.FORM else error from None
    if isinstance(found, Once):
        raise _unknown(text)
    return found


def _hour(words: str) -> time | None:
    return time(int(words)) if words.isdecimal() and len(words) <= 2 and int(words) < 24 else None


def _unknown(text: str) -> Refused:
    return Refused(f"{text[:LONGEST]!r} is no rhythm that I can read; write it like {FORMS}", Why.FORM)
