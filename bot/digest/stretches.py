"""A period's messages in stretches that fit into the window, parted where a conversation ends. Pure.

What was said in one place stands together. Of one place, all stretches but the last are the same when more has been
said since: what was made of them is still good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.digest.lines import Numbered, heading, line, numbered
from bot.talk.message import Message

LEAST_ROOM = 400
"""Tokens. With less not even the longest name would be sure to fit."""
FILLED = 0.6
"""Of the room, at least, before a stretch may end at a pause."""
LONG_PAUSE = timedelta(minutes=30)
"""After so long something else is talked about."""
OTHER_PLACE, PAUSE, TIED = 2.0, 1.0, 0.6
"""How well a stretch ends at another place, at a long pause; and how badly where the next message replies."""
LOOKED_BACK = 12
"""Messages back among which the one that is replied to, or whoever is called by name, is looked for."""
CUT = " (… cut here …) "
_SEPARATORS = ":,;"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """`tokens`: of its line, at least as many as the engine will count."""

    message: Message
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """`tokens`: of its lines and headings, at most. Its messages are to be numbered by themselves."""

    messages: tuple[Message, ...]
    tokens: int


def split(said: Sequence[Sized], *, room: int) -> list[Stretch]:
    """None is over `room` tokens. `said` is in the order of time; a message that is longer than a whole stretch is cut
    in its middle and says so. Raises ValueError for a room below `LEAST_ROOM`.
    """
    if room < LEAST_ROOM:
        raise ValueError(f"a stretch needs room for {LEAST_ROOM} tokens at least")
    left = [_fitting(each, room) for each in _by_place(said)]
    stretches: list[Stretch] = []
    start = 0
    while start < len(left):
        end = _end(left, start, room)
        stretches.append(_stretch(left[start:end]))
        start = end
    return stretches


def cut_in_its_middle(message: Message, *, limit: int) -> Message:
    """So that its line has at most `limit` bytes, and so at most as many tokens, whatever the engine."""
    if _size(message) <= limit:
        return message
    message = replace(message, attachments=message.attachments[:1], quotes=(), reply_to=None)
    room = limit - _size(replace(message, text=CUT)) - len(" ")
    if room <= 0:
        message = replace(message, attachments=())
        room = limit - _size(replace(message, text=CUT)) - len(" ")
    half = max(0, room // 2)
    data = message.text.encode("utf-8", "surrogatepass")
    first, last = (part.decode("utf-8", "ignore") for part in (data[:half], data[len(data) - half :]))
    return replace(message, text=f"{first}{CUT}{last}")


def _by_place(said: Sequence[Sized]) -> list[Sized]:
    places = {each.message.place.key: None for each in said}
    order = {key: number for number, key in enumerate(places)}
    return sorted(said, key=lambda each: order[each.message.place.key])


def _fitting(each: Sized, room: int) -> Sized:
    most = room - _heading(each.message)
    if each.tokens <= most:
        return each
    message = cut_in_its_middle(each.message, limit=most)
    return Sized(message=message, tokens=min(most, _size(message)))


def _end(said: Sequence[Sized], start: int, room: int) -> int:
    """Behind the last message of the stretch that begins at `start`."""
    used, end, least = 0, start, start + 1
    while end < len(said):
        cost = _cost(said, start, end)
        if used + cost > room:
            break
        used += cost
        end += 1
        if used < room * FILLED:
            least = end
    if end == len(said):
        return end
    return max(range(least, end + 1), key=lambda at: (_rank(said, at), at))


def _cost(said: Sequence[Sized], start: int, at: int) -> int:
    begins = at == start or said[at - 1].message.place.key != said[at].message.place.key
    return said[at].tokens + (_heading(said[at].message) if begins else 0)


def _rank(said: Sequence[Sized], at: int) -> float:
    """How well a stretch ends before `at`."""
    before, after = said[at - 1].message, said[at].message
    if before.place.key != after.place.key:
        return OTHER_PLACE
    pause = (after.sent_at - before.sent_at) / LONG_PAUSE
    lately = [each.message for each in said[max(0, at - LOOKED_BACK) : at]]
    return min(1.0, max(0.0, pause)) * PAUSE - (TIED if _is_tied(after, lately) else 0.0)


def _is_tied(message: Message, lately: Sequence[Message]) -> bool:
    """Whether it goes on with what was said lately, as far as that shows."""
    first = message.text.split(maxsplit=1)[0].lstrip("@").rstrip(_SEPARATORS).casefold() if message.text.strip() else ""
    return any(each.id == message.reply_to or (first and each.author.name.casefold() == first) for each in lately)


def _stretch(said: Sequence[Sized]) -> Stretch:
    tokens = sum(_cost(said, 0, at) for at in range(len(said)))
    return Stretch(messages=tuple(each.message for each in said), tokens=tokens)


def _heading(message: Message) -> int:
    return len(heading(message.place).encode()) + 1


def _size(message: Message) -> int:
    """Bytes of its line, with its end."""
    shown = numbered((message,))
    longest = 10**7  # a number of as many digits as any may have
    each = shown[0] if shown else Numbered(number=1, message=message, text="")
    return len(line(replace(each, number=longest, to=longest + 1)).encode("utf-8", "surrogatepass")) + 1
