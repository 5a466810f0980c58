"""Who speaks and where on the page: there are no accounts, so ids are made of the names that people pick."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from bot.talk.message import Addressed, Person, Place, PlaceKind

PLATFORM = "local"
NAME_CHARS = 32
_DIRECT = "dm-"
_ANSWER = "d-"
_JOINERS = "\u200c\u200d"
_MESSAGE_ID = re.compile(r"m([0-9a-f]{11})-[0-9a-f]{12}")
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def clean_name(name: str) -> str:
    """A name as it is shown: one line, without invisible characters that could make it look like another."""
    visible = "".join(
        " " if letter.isspace() else letter
        for letter in unicodedata.normalize("NFC", name)
        if letter.isspace() or letter in _JOINERS or not unicodedata.category(letter).startswith("C")
    )
    return " ".join(visible.split())


def clean_text(text: str) -> str:
    """What a person wrote, exactly, less the control characters that no database and no screen can hold."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in unix if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs"))


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen: white space and invisible characters only."""
    return all(letter.isspace() or unicodedata.category(letter) in ("Cf", "Cc", "Mn") for letter in text)


def slug(name: str) -> str:
    """A stable id for a name: equal names (case aside) give the same one, different names different ones."""
    folded = unicodedata.normalize("NFKC", clean_name(name)).casefold()
    plain = re.sub(r"[^a-z0-9]+", "-", unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode())
    plain = plain.strip("-")[:40]
    if plain == folded:
        return plain
    tail = sha256(folded.encode()).hexdigest()[:8]
    return f"{plain}-{tail}" if plain else tail


def person_named(name: str, *, accept_language: str = "") -> Person:
    """The person who goes by this name; the browser's first language is their locale."""
    first = accept_language.split(",", maxsplit=1)[0].split(";", maxsplit=1)[0].strip()[:35]
    locale = first if _LOCALE.fullmatch(first) else None
    return Person(platform=PLATFORM, id=slug(name), name=clean_name(name), locale=locale)


def direct_place(person: Person) -> Place:
    """A person's own conversation with the bot."""
    return Place(platform=PLATFORM, id=_DIRECT + person.id, kind=PlaceKind.DIRECT, name=person.name)


def channel_named(name: str) -> Place:
    """A channel for everybody; its id never looks like that of a direct conversation."""
    made = slug(name)
    ident = f"channel-{made}" if made.startswith(_DIRECT) else made
    return Place(platform=PLATFORM, id=ident, name=clean_name(name))


def may_read(place: Place, person: Person) -> bool:
    return place.kind is not PlaceKind.DIRECT or place.id == _DIRECT + person.id


def new_message_id(now: datetime) -> str:
    """Unique, and tells when it was made, so that a message can be found in the transcript by its id alone."""
    return f"m{int(now.timestamp() * 1000):011x}-{secrets.token_hex(6)}"


def sent_about(message_id: str) -> datetime | None:
    """The end of the millisecond in which the id was made; None for anything that is not an id of a message."""
    found = _MESSAGE_ID.fullmatch(message_id)
    if found is None:
        return None
    try:
        return datetime.fromtimestamp(int(found[1], 16) / 1000, UTC) + timedelta(milliseconds=2)
    except (OverflowError, ValueError):
        return None


def answer_id(delivery_id: str) -> str:
    """The id under which the page shows a delivery."""
    return _ANSWER + delivery_id


def delivery_of(message_id: str) -> str | None:
    """The delivery behind an id, None for messages of people."""
    return message_id.removeprefix(_ANSWER) if message_id.startswith(_ANSWER) else None


class Mention:
    """Finds and takes out `@Name` of the bot."""

    def __init__(self, bot_name: str) -> None:
        self._pattern = re.compile(rf"[ \t]?(?<![\w@])@{re.escape(bot_name)}(?!\w)", re.IGNORECASE)

    def address(self, text: str, *, place: Place, reply_to: str | None) -> tuple[Addressed, str]:
        """Why the text is for the bot, if it is, and the text without the mention."""
        without, mentions = self._pattern.subn("", text)
        without = without.strip()
        if mentions:
            return Addressed.MENTION, without
        if place.kind is PlaceKind.DIRECT:
            return Addressed.DIRECT, text.strip()
        if reply_to is not None and delivery_of(reply_to) is not None:
            return Addressed.REPLY, text.strip()
        return Addressed.NO, text.strip()
