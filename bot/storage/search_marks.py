"""What stands in the index for a word: a mark of the word *and* the room where it was said.

So a word costs nothing in rooms that are not asked for, however common it is there; and the index holds no words. Two
words may share a mark, so what was found is compared with its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain, islice

from bot.ports.history import Wanted
from bot.talk import spelling
from bot.talk.message import Message, Person
from bot.talk.spelling import Term

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
    said = islice(spelling.tokens(text_of(message)), MOST)
    place = message.place
    return {ANYTHING, *said, *_author(message.author), *((f"#{place.key}",) if place.key != place.room else ())}


def _author(person: Person) -> Iterator[str]:
    yield f"={person.key}"
    name = person.name[:NAME]
    parts = [] if name.islower() else _NAME_PARTS.findall(name)
    for token in chain(spelling.tokens(name), *map(spelling.tokens, parts)):
        yield f"@{token}"


def asked_tokens(wanted: Wanted, terms: Sequence[Term]) -> tuple[str, ...]:
    """What every message that is looked for has in the index."""
    said = [term.tokens for term in terms]
    # Of each term the most telling ones, in turn.
    in_turn = chain.from_iterable(chain.from_iterable((each[n : n + 1] for each in said) for n in range(ASKED)))
    asked = list(islice(dict.fromkeys(in_turn), ASKED))
    named = chain.from_iterable(term.tokens for term in spelling.terms(wanted.author[:NAME]))
    asked += (f"@{token}" for token in islice(named, ASKED))
    if wanted.by:
        asked.append(f"={wanted.by}")
    threads = wanted.places - wanted.rooms
    if len(threads) == len(wanted.places) == 1:
        asked += (f"#{thread}" for thread in threads)
    return tuple(dict.fromkeys(asked)) or (ANYTHING,)


def is_called(person: Person, author: str) -> bool:
    """Whether the name has all these words, as such or as parts of others."""
    name = spelling.fold(person.name)
    return all(all(unit in name for unit in term.units) for term in spelling.terms(author[:NAME]))


def letters(room: str, tokens: Iterable[str]) -> list[str]:
    """Marks as SQLite's index has them: eight letters that its tokenizer leaves as they are."""
    begun = blake2b(f"{room}\0".encode(), digest_size=4)
    return [_ended(begun, token).hex() for token in tokens]


def numbers(room: str, part: int, tokens: Iterable[str]) -> list[int]:
    """Marks as PostgreSQL's index has them, of one part of it."""
    begun = blake2b(f"{room}\0{part}\0".encode(), digest_size=8)
    return [int.from_bytes(_ended(begun, token), signed=True) for token in tokens]


def _ended(begun: blake2b, token: str) -> bytes:
    mark = begun.copy()
    mark.update(token.encode())
    return mark.digest()
