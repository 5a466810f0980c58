"""Messages as the model sees them in a digest: less noise, one line each, numbered. Pure.

The numbers are all that a point may point with, so nobody's words can make one: a message is a single line that begins
with its number, and what looks like a pointer in somebody's words is written in another way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.memory.transcribe import one_line
from bot.talk.message import Attachment, Message, Place, PlaceKind, QuoteKind

LONGEST_TEXT = 8000
"""Characters of a message that are looked at."""
LONGEST_QUOTE = 400
"""Characters of what a message forwards or embeds."""
CODE_LINES = 6
"""Lines of a block of code that are shown, its first."""
FILES = 4
"""Attachments that are named."""
NAME = 60
"""Characters of a file's name."""
REPEATS = 200
"""Messages back that a message is compared with: who says the same once more is not heard once more."""

_FENCE = re.compile(r"```[^\n`]{0,32}\n(?P<code>.*?)(?:```|\Z)", re.DOTALL)
_EMOJI = re.compile(r"<a?(:\w{1,32}:)\d{1,20}>")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)
_AGAIN = re.compile(r"(\S)\1{5,}")
_POINTER = re.compile(r"[\[【［](\s*\d[\d\s,;–-]*)[\]】］]")
_COMMAND = re.compile(r"[!.?$%&/][A-Za-z][\w-]{0,30}")
_NAMED_EMOJI = re.compile(r":\w{1,32}:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """`text`: its words as they stand in its line. `to`: the number of the message that it replies to."""

    number: int
    message: Message
    text: str
    to: int | None = None


def numbered(messages: Sequence[Message]) -> tuple[Numbered, ...]:
    """Those that say something, from 1. Doing it again with what is left changes nothing."""
    kept = [(message, text) for message, text in _told(messages)]
    numbers = {message.id: number for number, (message, _) in enumerate(kept, 1)}
    return tuple(
        Numbered(number=number, message=message, text=text, to=numbers.get(message.reply_to or ""))
        for number, (message, text) in enumerate(kept, 1)
    )


def line(each: Numbered) -> str:
    """What the model sees of it."""
    to = "" if each.to is None or each.to == each.number else f" (to {each.to})"
    return f"{each.number} {one_line(each.message.author.name)}{to}: {each.text}"


def heading(place: Place) -> str:
    """The line above what was said in a place."""
    name = one_line(place.name)
    match place.kind:
        case PlaceKind.THREAD:
            return f"(in the thread {name})"
        case PlaceKind.DIRECT:
            return "(in a direct message)"
        case _:
            return f"(in #{name})"


def listing(said: Sequence[Numbered]) -> str:
    """All lines, those of a place under its heading."""
    lines: list[str] = []
    for _, together in groupby(said, key=lambda each: each.message.place.key):
        group = list(together)
        lines.append(heading(group[0].message.place))
        lines += map(line, group)
    return "\n".join(lines)


def files(attachments: Sequence[Attachment]) -> str:
    """In English: "2 images, plan.pdf"; "" without any."""
    images = sum(each.media_type.startswith("image/") for each in attachments)
    named = [file_name(each) for each in attachments if not each.media_type.startswith("image/")]
    if images == 1:
        named.insert(0, next(file_name(each) for each in attachments if each.media_type.startswith("image/")))
    elif images:
        named.insert(0, f"{images} images")
    more = len(named) - FILES
    return ", ".join([*named[:FILES], *([f"{more} more files"] if more > 0 else [])])


def file_name(attachment: Attachment) -> str:
    """One line, not long."""
    return " ".join(_UNSEEN.sub("", attachment.name).split())[:NAME] or "file"


def words(text: str) -> str:
    """Somebody's words on one line, less what only fills it."""
    text = text[:LONGEST_TEXT]
    if "```" in text:
        text = _FENCE.sub(_shortened, text)
    if "<" in text:
        text = _EMOJI.sub(r"\1", text)
    text = " ".join(text.split())
    if not text.isprintable():
        text = " ".join(_UNSEEN.sub("", text).split())
    text = _AGAIN.sub(r"\1\1\1", text)
    return _POINTER.sub(r"(\1)", text) if any(mark in text for mark in "[【［") else text


def _told(messages: Iterable[Message]) -> Iterable[tuple[Message, str]]:
    lately: dict[tuple[str, str], None] = {}
    for message in messages:
        text = _text(message)
        if not text:
            continue
        same = (message.author.key, text.casefold())
        if same in lately:
            continue
        lately[same] = None
        if len(lately) > REPEATS:
            del lately[next(iter(lately))]
        yield message, text


def _text(message: Message) -> str:
    """ "" where it says nothing: signs alone, or a command to some bot."""
    own = words(message.text)
    if _COMMAND.fullmatch(own) or not any(character.isalnum() for character in _NAMED_EMOJI.sub("", own)):
        own = ""
    parts = [own] if own else []
    for quote in message.quotes:
        if quote.kind is not QuoteKind.REPLIED and (carried := words(quote.text)[:LONGEST_QUOTE].strip()):
            what = "forwarded" if quote.kind is QuoteKind.FORWARDED else "embedded"
            parts.append(f"({what}: {carried})")
    if attached := files(message.attachments):
        parts.append(f"(attached: {attached})")
    return " ".join(parts)


def _shortened(found: re.Match[str]) -> str:
    code = found["code"].strip("\n").split("\n")
    return "\n".join([" ", *code[:CODE_LINES], *(["…"] if len(code) > CODE_LINES else []), " "])
