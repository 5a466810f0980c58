"""Which addresses a call would send somewhere, and which of them a person or a result has named before. Pure.

An address is a place to leave words: whoever makes the model write one can have it carry what the model knows. So one
that the model put together is told from one that it was given, and what merely repeats the model counts as its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from bot.ports.gate import Traits
from bot.talk.turn import Call, Part, Reply, Results

MOST_ADDRESSES = 64
"""In the arguments of one call; one that holds more is treated as if none of them were known."""

TRAILING = ".,;:!?)]}>\"'»”’`*_~|"
"""Signs after an address that belong to the sentence around it."""

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_SCHEME = re.compile(
    r"[a-z][a-z0-9+.-]{0,20}:[/\\]{1,9}[^\s<>\"`]+|https?:[^\s<>\"`]+|[/\\]{2}[^\s<>\"`]+", re.IGNORECASE
)
_HOST = r"(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]{2,45}\]"
_PATH = re.compile(rf"(?<![\w@/.])(?:[^\s@]{{1,64}}@)?(?:{_HOST})(?::\d{{1,5}})?[/?#][^\s<>\"`]*", re.IGNORECASE)
_WHOLE = re.compile(rf"(?:{_HOST})(?::\d{{1,5}})?\.?", re.IGNORECASE)
_MAIL = re.compile(rf"[^\s@<>\"`]{{1,64}}@(?:{_HOST})", re.IGNORECASE)
_WWW = re.compile(rf"(?<![\w@/.])www\.(?:{_HOST})", re.IGNORECASE)
_AROUND = re.compile(r"^[a-z][a-z0-9+.-]*:[/\\]+", re.IGNORECASE)


def addresses_in(text: str) -> frozenset[str]:
    """Everything in it that looks like one, as it stands there; of text that is nothing but a host, the host."""
    plain = _plain(text)
    found = {each.group() for pattern in (_SCHEME, _PATH, _MAIL, _WWW) for each in pattern.finditer(plain)}
    whole = plain.strip()
    if _WHOLE.fullmatch(whole):
        found.add(whole)
    return frozenset(each.rstrip(TRAILING) for each in found)


def addresses_of(arguments: Mapping[str, object]) -> frozenset[str]:
    """In all that a call would send, names included, however deep it lies."""
    return frozenset(each for text in _texts(arguments) for each in addresses_in(text))


def named_in(words: str) -> frozenset[str]:
    """What a person named, also where it is a bare host among words."""
    plain = _plain(words)
    hosts = {token.strip(TRAILING + "([{<") for token in plain.split()}
    return addresses_in(words) | {token for token in hosts if _WHOLE.fullmatch(token)}


def is_named(address: str, named: frozenset[str]) -> bool:
    """Verbatim, or no more than the host of something that was named: that carries nothing."""
    if address in named:
        return True
    bare = _bare(address)
    return bool(_WHOLE.fullmatch(bare)) and bare in {_host(each) for each in named}


def given(wanted: frozenset[str], parts: Iterable[Part], known: Mapping[str, Traits]) -> frozenset[str]:
    """Those of these addresses that a result brought from outside, and the model had not written before it.

    Results of tools that only reckon, that failed, or that are not there any more give none: they may repeat what they
    were told.
    """
    wrote: list[str] = []
    found: set[str] = set()
    for part in parts:
        if isinstance(part, Reply):
            wrote += [_plain(part.text).casefold(), *(text for call in part.calls for text in _readings(call))]
        elif isinstance(part, Results):
            for result in part.results:
                if known.get(result.name, Traits()).outside and not result.failed:
                    found |= _brought(wanted - found, result.content, wrote)
    return frozenset(found)


def _brought(wanted: frozenset[str] | set[str], content: str, wrote: Sequence[str]) -> set[str]:
    plain = _plain(content).casefold()
    near = {each for each in wanted if _host(each) in plain}  # most results hold none, and this is quick
    if not near:
        return set()
    fresh = {each for each in named_in(content) if not any(_bare(each) in text for text in wrote)}
    return {each for each in near if is_named(each, frozenset(fresh))}


def anything_across(parts: Sequence[Part], known: Mapping[str, Traits]) -> bool:
    """Whether any result may hold what was said or kept elsewhere. One of a tool that is not known may."""
    return any(
        known.get(result.name, Traits(across=True)).across
        for part in parts
        if isinstance(part, Results)
        for result in part.results
        if not result.failed
    )


def _readings(call: Call) -> tuple[str, ...]:
    """JSON may write a character otherwise: both readings count."""
    try:
        unescaped = call.arguments.encode("ascii", "backslashreplace").decode("unicode_escape").replace("\\/", "/")
    except UnicodeDecodeError:
        unescaped = ""
    return tuple(_plain(text).casefold() for text in (call.name, call.arguments, unescaped))


def _plain(text: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def _bare(address: str) -> str:
    """Without its scheme and a last slash."""
    return _AROUND.sub("", address).rstrip("/").casefold()


def _host(address: str) -> str:
    rest = re.split(r"[/\\?#]", _AROUND.sub("", address), maxsplit=1)[0]
    return rest.rpartition("@")[2].casefold()


def _texts(value: object) -> Iterator[str]:
    """All strings in it. Arguments are bounded in depth and length where they are read."""
    match value:
        case str():
            yield value
        case Mapping():
            for name, each in cast("Mapping[object, object]", value).items():
                yield from _texts(name)
                yield from _texts(each)
        case list() | tuple() | set() | frozenset():
            for each in cast("Iterable[object]", value):
                yield from _texts(each)
        case bytes():
            yield value.decode("utf-8", "replace")
        case None | bool() | int() | float():
            return
        case _:
            yield str(value)
