"""Addresses in plain text: finding them, and showing one so that nobody can follow it by a click."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

LONGEST = 500
"""Characters of an address that is ever live: a platform that cuts a message never cuts a shorter one in two."""

MOST_READINGS = 8
"""Places at which one stretch may end."""

MOST_TRAILING = 10  # characters of punctuation that are taken off one by one

SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,31})://", re.IGNORECASE)
WEB = re.compile(r"https?://[^\s<>\"`|\\^{}\x00-\x1f\x7f]{1,1000}", re.IGNORECASE)
INVITE = re.compile(
    r"(?:discord\.(?:gg|new|gift|me|io)|discord(?:app)?\.com/(?:invite|template|gifts?))/[\w-]+", re.IGNORECASE
)
"""What Discord follows without any scheme."""

_INVITING = re.compile(
    r"discord\.(?:gg|new|gift|me|io)(?=/[\w-])|discord(?:app)?\.com(?=/(?:invite|template|gifts?)/[\w-])", re.IGNORECASE
)

_TRAILING = ".,:;!?'\")]}*_~…"
_ENDS = re.compile(r"[，。、；：！？（）【】《》「」『』“”‘’…]|[^\x00-\x7f]")
_PLAIN_HOST = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?(?::\d{1,5})?|\[[0-9a-f:.]+\](?::\d{1,5})?", re.IGNORECASE)
_ODD = re.compile(r"[^A-Za-z0-9.:_\[\]-]")
_NO_PORT = re.compile(r":(?!\d{1,5}\Z)")
_AUTHORITY = re.compile(r"[^/?#\\]*")


def readings(run: str) -> Iterator[str]:
    """What a stretch without spaces that begins with an address may be meant to name, the likeliest first."""
    nested = SCHEME.search(run, _after_scheme(run))
    ends = {len(run)} | {found.start() for found in _ENDS.finditer(run, 0, LONGEST + 1)}
    if nested:
        ends.add(nested.start())
    found: dict[str, None] = {}
    for end in sorted((each for each in ends if each <= LONGEST), reverse=True)[:MOST_READINGS]:
        shorter = list(_less_and_less(run[:end]))
        # A bracket at the end belongs to it where its other half does.
        natural = next((each for each in shorter if each[-1] not in _TRAILING or _closes(each)), run[:end])
        found.update(dict.fromkeys((natural, *shorter)))
    yield from found


def _less_and_less(reading: str) -> Iterator[str]:
    """With less and less of the punctuation at its end."""
    for _ in range(MOST_TRAILING):
        if not reading:
            return
        yield reading
        if reading[-1] not in _TRAILING:
            return
        reading = reading[:-1]
    if bare := reading.rstrip(_TRAILING):
        yield bare


def _closes(reading: str) -> bool:
    return reading[-1] == ")" and reading.count("(") >= reading.count(")")


def _after_scheme(address: str) -> int:
    return address.find("://") + 3


def named_in(text: str) -> frozenset[str]:
    """Every address that stands in the text, in each of its readings."""
    found: set[str] = set()
    at = 0
    while (match := WEB.search(text, at)) is not None:
        found.update(readings(match[0]))
        nested = SCHEME.search(text, match.start() + _after_scheme(match[0]), match.end())
        at = nested.start() if nested else match.end()
    found.update(match[0] for match in INVITE.finditer(text))
    return frozenset(found)


def live(address: str) -> str | None:
    """The address as it may be clicked: its host in ASCII. None where it could be read in more than one way."""
    scheme, _, rest = address.partition("://")
    authority = _authority(rest)
    if scheme.lower() not in {"http", "https"} or len(address) > LONGEST or _hidden(address):
        return None
    host = _ascii_host(authority)
    if host is None or not _PLAIN_HOST.fullmatch(host):
        return None
    return f"{scheme.lower()}://{host}{rest[len(authority) :]}"


def host_of(address: str) -> str:
    """The host of an address, in ASCII; "" where it has none that is beyond doubt."""
    shown = live(address)
    return "" if shown is None else _authority(shown.partition("://")[2]).lower()


def defanged(address: str) -> tuple[str, int]:
    """How an address with a scheme is shown up to the end of its host, and how much of it that stands for."""
    scheme, _, rest = address.partition("://")
    authority = _authority(rest)
    shown = f"hxxp{scheme[4:].lower()}://" if scheme.lower() in {"http", "https"} else f"{scheme}[:]//"
    return shown + _dotted(_shown_host(authority)), len(scheme) + 3 + len(authority)


def without_invites(text: str, *, dot: str = "[.]") -> str:
    """The text with every host taken apart that Discord follows without a scheme."""
    return _INVITING.sub(lambda found: found[0].replace(".", dot), text)


def _authority(rest: str) -> str:
    found = _AUTHORITY.match(rest)
    return "" if found is None else found[0]


def _dotted(host: str) -> str:
    return host.replace(".", "[.]")


def _hidden(text: str) -> bool:
    """Whether something in it cannot be seen, or turns the reading direction."""
    return not text.isascii() and any(unicodedata.category(each) in {"Cf", "Cc", "Zl", "Zp"} for each in text)


def _ascii_host(host: str) -> str | None:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return None


def _shown_host(authority: str) -> str:
    """Where a browser would go, whatever stands in front of it."""
    host = unquote(authority.rpartition("@")[2])
    host = "".join(each for each in host if unicodedata.category(each) not in {"Cf", "Cc"})
    known = _ascii_host(host)
    if known is None:
        labels = re.split(r"[.。．｡]", unicodedata.normalize("NFKC", host))
        known = ".".join(each if each.isascii() else f"xn--{each.encode('punycode').decode()}" for each in labels)
    shown = _ODD.sub("?", known)
    return shown if shown.startswith("[") else _NO_PORT.sub("?", shown)
