"""Addresses of pages, read strictly: what two readers could understand differently is refused.

Pure. Whether an address may be connected to is decided where the connection is made, by what the name stands for then.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import quote

import idna

from bot.web.ranges import canonical

URL_CHARS = 2048
HOST_CHARS = 253
DEFAULT_PORTS = {"http": 80, "https": 443}

OWN_NAMES = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "home.arpa", "onion")
"""Ends of names that never belong to the public."""

_PARTS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<place>[^/?#]*)(?P<target>[^#]*)(?:#.*)?", re.DOTALL)
_PLACE = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{0,5}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_ODD = re.compile(r"[\x00-\x20\x7f-\xa0\\\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff0-\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_TARGET_SAFE = "/?!$&'()*+,;=:@-._~%[]|^`{}\"<>"


class Refused(Exception):
    """An address that may not be read; the message says why, for whoever named it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A page's address as it will be asked for. `host`: ASCII in small letters, or an IP address without brackets."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def place(self) -> str:
        """Host and port as in a URL; the usual port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.place}{self.target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A host that the operator allows although it is local. `port` None: the usual ones."""

    host: str
    port: int | None = None


def parse(url: str) -> Address:
    """Raises Refused."""
    if len(url) > URL_CHARS:
        raise Refused(f"an address may have {URL_CHARS} characters")
    url = url.strip(" ")
    if odd := _ODD.search(url) or _SURROGATE.search(url):
        raise Refused(f"an address must not hold {odd.group()!r}; write it as a browser shows it")
    parts = _PARTS.fullmatch(url)
    if parts is None:
        raise Refused("this is no whole address; write https://host/page")
    scheme = parts["scheme"].lower()
    if scheme not in DEFAULT_PORTS:
        raise Refused("only http:// and https:// can be read")
    if "@" in parts["place"]:
        raise Refused("an address must not hold a user name or a password")
    place = _PLACE.fullmatch(parts["place"])
    if place is None:
        raise Refused("this is no host and port that could be read")
    port = int(place["port"]) if place["port"] else DEFAULT_PORTS[scheme]
    return Address(scheme=scheme, host=host_of(place["host"]), port=port, target=_target(parts["target"]))


def host_of(written: str) -> str:
    """The host as it is looked up. Raises Refused for what could be an address written in an unusual way."""
    if written.startswith("["):
        address = canonical(written[1:-1])
        if address is None or ":" not in written:
            raise Refused("this is no IPv6 address, or one with a zone")
        return str(address)
    name = _ascii(written)
    labels = name.split(".")
    if len(name) > HOST_CHARS or not all(_LABEL.fullmatch(label) for label in labels):
        raise Refused("this is no name that a host can have")
    if _NUMBER.fullmatch(labels[-1]):  # whatever ends in a number is an IPv4 address to some readers
        address = canonical(name)
        if address is None:
            raise Refused("an IPv4 address has four decimal numbers")
        return str(address)
    return name


def _ascii(written: str) -> str:
    name = written.lower()
    if not name.isascii():
        try:
            name = idna.encode(idna.uts46_remap(written, std3_rules=False)).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError):
            raise Refused("this is no name that a host can have") from None
    return name.removesuffix(".")


def _target(written: str) -> str:
    target = quote(written, safe=_TARGET_SAFE)
    return target if target.startswith("/") else f"/{target}"


def usual(address: Address, *, ports: Collection[int], named: Collection[Named]) -> Named | None:
    """The host among `named` that this is, if any. Raises Refused where neither port nor name may be asked for."""
    for each in named:
        if each.host == address.host and address.port in ((each.port,) if each.port else ports):
            return each
    if address.port not in ports:
        raise Refused(f"port {address.port} may not be read, only {', '.join(map(str, sorted(ports)))}")
    if canonical(address.host) is None and own_name(address.host):
        raise Refused("this host cannot be read from here")
    return None


def own_name(host: str) -> bool:
    """Whether a name belongs to somebody's own network, whatever it stands for."""
    return "." not in host or host.endswith(tuple(f".{each}" for each in OWN_NAMES))


def named_hosts(listed: str) -> tuple[Named, ...]:
    """Hosts of a setting, `wiki.lan, 10.0.0.5:8080, [fd00::1]:8080`. Raises Refused for what is none."""
    return tuple(_named(each.strip()) for each in listed.split(",") if each.strip())


def _named(written: str) -> Named:
    if isinstance(canonical(written), IPv6Address):
        written = f"[{written}]"
    place = _PLACE.fullmatch(written)
    if place is None or not place["host"] or _ODD.search(written):
        raise Refused(f"{written!r} is no host, nor host:port")
    port = int(place["port"]) if place["port"] else None
    if port is not None and not 0 < port < 2**16:
        raise Refused(f"{written!r} has a port that there is not")
    return Named(host=host_of(place["host"]), port=port)
