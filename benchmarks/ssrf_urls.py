"""Addresses that try to get into a house through whoever reads pages for others, and addresses that do not.

Made from a list of places nobody may reach and the ways in which an address can be written; the same at every run.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

PUBLIC, PUBLIC6 = "93.184.216.34", "2606:4700::1111"
OPEN = "open.example"
"""A host of the internet that leads on to wherever it is told to."""

INSIDE = (
    "127.0.0.1 127.0.0.53 127.255.255.254 0.0.0.0 10.0.0.1 10.255.0.7 100.64.0.1 100.100.100.200 168.63.129.16 "
    "169.254.169.254 169.254.170.2 172.16.0.1 172.31.9.9 192.0.0.192 192.168.0.1 192.168.178.1 198.18.0.1 224.0.0.1 "
    "239.255.255.250 240.0.0.1 255.255.255.255"
)
INSIDE6 = (
    ":: ::1 fc00::1 fd00:ec2::254 fd12:3456::1 fe80::1 fec0::1 ff02::1 100::1 2001::1 2001:db8::1 3fff::1 4000::1 "
    "64:ff9b:1::1"
)
OWN_NAMES = (
    "localhost LOCALHOST localhost. a.localhost ip6-localhost localhost.localdomain printer.local wiki router.lan "
    "metadata metadata.google.internal nas.home x.home.arpa intranet.corp ⓛⓞⓒⓐⓛⓗⓞⓢⓣ ｌｏｃａｌｈｏｓｔ"
)
BENIGN_NAMES = (
    "example.org www.example.org a-b.example xn--bcher-kva.example bücher.example 中文.example παράδειγμα.example "
    "MiXeD.Example example.org. 1-2-3.example x_y.example 0x.example 七.example 127.0.0.1.example 10.example "
    "localhost.example.org"
)
BENIGN_PATHS = (
    "/ /wiki/Calanque_(Bucht) /ä/ö?q=ü /a%20b /?u=http://127.0.0.1/ /x;y=1,2 /~me/:80/@x /a/../b /?a[]=1&b={2} "
    "?q=1#part /#http://localhost/ /lead/1 /lead/2"
)
SCHEMES = ("http", "https")
SEED = 5
DIRECT, AROUND = 2800, 700
"""Addresses that are tried as they are, of many more; and those of them that a redirect leads to as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """All addresses, the records of the names in them, and where `OPEN` leads on to by path."""

    urls: Sequence[str]
    records: Mapping[str, Sequence[tuple[str, str]]]
    leads: Mapping[str, str]


def hostile(port: int, *, own: Sequence[str] = (), at_least: int = 3000) -> Written:
    """`port`: where those listen that must not be reached; `own`: this machine's addresses."""
    chance = random.Random(SEED)
    hosts = [*_hosts([*INSIDE.split(), *own]), *(f"[{each}]" for each in INSIDE6.split())]
    records = dict(_records())
    direct = [url for host in hosts for url in _urls(host, port)]
    direct += [f"http://{name}:{port}/" for name in OWN_NAMES.split()]
    direct += [f"http://{PUBLIC}:{each}/" for each in (0, 1, 21, 22, 25, 110, 143, 389, 3306, 5432, 6379, 9200, 11211)]
    named = [
        f"{scheme}://{name}:{port}/{path}" for name in records for scheme in ("http", "https") for path in ("", "x")
    ]
    direct = chance.sample(list(dict.fromkeys(direct)), DIRECT)
    leads = {f"/to/{number}": url for number, url in enumerate([*direct[:AROUND], *named[::2]])}
    around = [f"http://{OPEN}:{port}{path}" for path in leads]
    records[OPEN] = [("A", PUBLIC)]
    urls = list(dict.fromkeys([*direct, *named, *around]))
    assert len(urls) >= at_least
    return Written(urls=urls, records=records, leads=leads)


def _hosts(addresses: Sequence[str]) -> Iterator[str]:
    """Each IPv4 address in all the ways in which something may read it."""
    for text in addresses:
        address = IPv4Address(text)
        number, parts = int(address), [int(part) for part in text.split(".")]
        a, b, c, d = parts
        yield from (text, f"{text}.", str(number), hex(number), f"0{number:o}", f"0x{number:X}")
        yield from (".".join(map(hex, parts)), ".".join(f"0{part:o}" for part in parts))
        yield from (f"0x{a:x}.{b}.0{c:o}.{d}", f"{a}.{number & 0xFFFFFF}", f"{a}.{b}.{number & 0xFFFF}")
        yield from (f"{a:03}.{b:03}.{c:03}.{d:03}", f"{a + 256}.{b}.{c}.{d}", f"0x{number + 2**32:x}", f"{text}.0x")
        yield "".join(f"%{ord(each):02x}" for each in text)
        yield text.replace(".", "%2e")
        yield text.translate({ord(str(each)): chr(0xFF10 + each) for each in range(10)})
        yield text.translate({ord(str(each)): chr(0x1D7D8 + each) for each in range(10)})
        yield text.translate({ord(str(each)): chr(0x0660 + each) for each in range(10)})
        yield from (text.replace(".", "。"), text.replace(".", "．"), text.replace(".", "｡"))
        yield from (f"{text}\u00ad", f"{a}\u200b.{b}.{c}.{d}", f"{text}\t", f"\n{text}", f"{text}%00.{OPEN}")
        high, low = number >> 16, number & 0xFFFF
        yield from (f"[::ffff:{text}]", f"[::ffff:{high:x}:{low:x}]", f"[0:0:0:0:0:FFFF:{high:04X}:{low:04X}]")
        yield from (f"[::{text}]", f"[::ffff:0:{text}]", f"[64:ff9b::{text}]", f"[64:ff9b::{high:x}:{low:x}]")
        yield from (f"[64:ff9b:1::{text}]", f"[2002:{high:x}:{low:x}::]", f"[2002:{high:x}:{low:x}::1]")
        yield from (f"[2606:4700::5efe:{text}]", f"[2606:4700::200:5efe:{text}]", f"[::ffff:{text}%25lo]")
        yield f"[{IPv6Address((0x20010000 << 96) | (0x4136E378 << 64) | (0x8000 << 48) | (0xFFFFFFFF ^ number))}]"


def _urls(host: str, port: int) -> Iterator[str]:
    """The host in an address, and in one that looks like another host's."""
    yield from (f"http://{host}:{port}/", f"https://{host}:{port}/", f"HtTp://{host}:{port}/admin?x=http://{OPEN}/")
    if host.isascii() and host.isprintable() and "%" not in host:
        yield from (f"http://{OPEN}@{host}:{port}/", f"http://{OPEN}:80@{host}:{port}/", f"http:\\\\{host}:{port}/")
        yield from (f"http://{host}:{port}#@{OPEN}/", f"http://{host}:{port}\\@{OPEN}/", f"http:///{host}:{port}/")
        yield from (f"http:{host}:{port}/", f"//{host}:{port}/", f"gopher://{host}:{port}/_x", f"ftp://{host}:{port}/")


def _records() -> Iterator[tuple[str, Sequence[tuple[str, str]]]]:
    """Names that stand for what nobody may reach, alone or among others. `rebind-…` changes after it was asked once."""
    for place, text in enumerate(INSIDE.split()):
        yield f"inside-{place}.example", [("A", text)]
        yield f"among-{place}.example", [("A", PUBLIC), ("A", "93.184.216.35"), ("A", text)]
        yield f"rebind-{place}.example", [("A", text)]
        yield f"alias-{place}.example", [("CNAME", f"inside-{place}.example")]
        yield f"mapped-{place}.example", [("AAAA", f"::ffff:{text}")]
        yield f"both-{place}.example", [("A", PUBLIC), ("AAAA", f"64:ff9b::{text}")]
    for place, text in enumerate(INSIDE6.split()):
        yield f"six-{place}.example", [("AAAA", text)]
        yield f"sixth-{place}.example", [("A", PUBLIC), ("AAAA", PUBLIC6), ("AAAA", text)]


def benign(count: int = 500) -> Written:
    """What people link to: names of many scripts, IP addresses, queries, redirects, IPv6."""
    names = [*BENIGN_NAMES.split(), PUBLIC, f"[{PUBLIC6}]", f"[::ffff:{PUBLIC}]"]
    paths = ["", *BENIGN_PATHS.split(), "/deep/" + "x" * 500]
    urls = [f"{scheme}://{name}{path}" for path in paths for name in names for scheme in ("http", "HTTP")]
    leads = {"/lead/1": "/end?once=1", "/lead/2": "//www.example.org/lead/1"}
    assert len(set(urls)) >= count
    return Written(urls=urls[:count], records={}, leads=leads)
