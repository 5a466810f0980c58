"""What stands in the index for a word: a mark of the word *and* the room where it was said.

So a word costs nothing in rooms that are not asked for, however common it is there; and the index holds no words. Two
words may share a mark, so what was found is compared with its text.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain, islice

from bot.storage import words
from bot.storage.words import Term
from bot.talk.message import Message, Person

MOST = 4096
"""Tokens that are taken from one message."""
ANYTHING = ""
"""The token that every message has."""
ASKED = 8
"""Tokens that a question is looked up by; the others are looked for in what was found."""
NAME = 200
"""Characters of a name that are read."""

PART = 15
"""Bits of `messages.seq` within one part of PostgreSQL's index. Its lists come whole, so a common word would bring all
that was ever said; by parts, the newest is looked at first."""

_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def text_of(message: Message) -> str:
    """All that a message is found by, besides its author."""
    if not message.attachments:
        return message.text
    return "\n".join((message.text, *(one.name for one in message.attachments)))


def tokens_of(message: Message) -> set[str]:
    said = islice(words.tokens(text_of(message)), MOST)
    return {ANYTHING, *said, *_author(message.author)}


def _author(person: Person) -> Iterator[str]:
    yield f"@{person.key}"
    name = person.name[:NAME]
    for token in chain(words.tokens(name), *(words.tokens(part) for part in _NAME_PARTS.findall(name))):
        yield f"@{token}"


def asked_tokens(terms: Sequence[Term], *, author: str, platform: str) -> tuple[str, ...]:
    """What every message that is looked for has in the index."""
    said = [term.tokens for term in terms]
    # Of each term the most telling ones, in turn.
    in_turn = chain.from_iterable(chain.from_iterable((each[n : n + 1] for each in said) for n in range(ASKED)))
    wanted = list(islice(dict.fromkeys(in_turn), ASKED))
    wanted += islice((f"@{token}" for token in _named(author, platform)), ASKED)
    return tuple(dict.fromkeys(wanted)) or (ANYTHING,)


def _named(author: str, platform: str) -> Iterator[str]:
    if (number := author_id(author)) is not None:
        yield f"{platform}:{number}"
        return
    for term in words.terms(author[:NAME]):
        yield from term.tokens


def author_id(author: str) -> str | None:
    """An id or a mention, as platforms write them; None for a name."""
    match = re.fullmatch(r"(?:<@!?)?(\d{15,20})>?", author.strip())
    return match and match[1]


def is_by(person: Person, author: str) -> bool:
    if (number := author_id(author)) is not None:
        return person.id == number
    name, wanted = words.fold(person.name), words.fold(author.strip().lstrip("@"))
    return wanted in name or all(any(unit in name for unit in term.units) for term in words.terms(wanted))


def letters(room: str, tokens: Iterable[str]) -> list[str]:
    """Marks as SQLite's index has them: eight letters that its tokenizer leaves as they are."""
    begun = blake2b(f"{room}\0".encode(), digest_size=5)
    return [b32encode(_ended(begun, token)).decode().lower() for token in tokens]


def numbers(room: str, part: int, tokens: Iterable[str]) -> list[int]:
    """Marks as PostgreSQL's index has them, of one part of it."""
    begun = blake2b(f"{room}\0{part}\0".encode(), digest_size=8)
    return [int.from_bytes(_ended(begun, token), signed=True) for token in tokens]


def _ended(begun: blake2b, token: str) -> bytes:
    mark = begun.copy()
    mark.update(token.encode())
    return mark.digest()
