"""Time zones by the names that people use. What could be several places is asked about, not guessed."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from zoneinfo import ZoneInfo

MOST_OFFSET = 14  # hours from UTC, anywhere on Earth
MOST_NEAR = 4

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([-+−])(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)

# Cities that give no zone its name, as long as many ask for them.
_CITIES = {
    "abuja": "Africa/Lagos", "ankara": "Europe/Istanbul", "austin": "America/Chicago", "bangalore": "Asia/Kolkata",
    "barcelona": "Europe/Madrid", "beijing": "Asia/Shanghai", "bengaluru": "Asia/Kolkata", "boston": "America/New_York",
    "brasilia": "America/Sao_Paulo", "calgary": "America/Edmonton", "canberra": "Australia/Sydney",
    "cape town": "Africa/Johannesburg", "chennai": "Asia/Kolkata", "cologne": "Europe/Berlin",
    "dallas": "America/Chicago", "delhi": "Asia/Kolkata", "edinburgh": "Europe/London", "frankfurt": "Europe/Berlin",
    "geneva": "Europe/Zurich", "hamburg": "Europe/Berlin", "hanoi": "Asia/Ho_Chi_Minh", "houston": "America/Chicago",
    "islamabad": "Asia/Karachi", "kyoto": "Asia/Tokyo", "las vegas": "America/Los_Angeles", "lyon": "Europe/Paris",
    "marseille": "Europe/Paris", "miami": "America/New_York", "milan": "Europe/Rome", "montreal": "America/Toronto",
    "mumbai": "Asia/Kolkata", "munich": "Europe/Berlin", "new delhi": "Asia/Kolkata", "nyc": "America/New_York",
    "osaka": "Asia/Tokyo", "ottawa": "America/Toronto", "philadelphia": "America/New_York",
    "rio de janeiro": "America/Sao_Paulo", "saint petersburg": "Europe/Moscow",
    "san diego": "America/Los_Angeles", "san francisco": "America/Los_Angeles", "seattle": "America/Los_Angeles",
    "shenzhen": "Asia/Shanghai", "tel aviv": "Asia/Jerusalem",
    "wellington": "Pacific/Auckland",
}  # fmt: skip

# What letters mean to different people; some of them name a zone without summer time as well.
_LETTERS = {
    "ACST": "Australia/Darwin", "AEDT": "Australia/Sydney", "AEST": "Australia/Sydney or Australia/Brisbane",
    "AKST": "America/Anchorage", "AST": "America/Halifax or Asia/Riyadh", "AWST": "Australia/Perth",
    "BRT": "America/Sao_Paulo", "BST": "Europe/London or Asia/Dhaka", "CDT": "America/Chicago",
    "CEST": "Europe/Paris", "CST": "America/Chicago, America/Mexico_City or Asia/Shanghai", "ECT": "America/Guayaquil",
    "EDT": "America/New_York", "EEST": "Europe/Athens", "ET": "America/New_York", "GST": "Asia/Dubai",
    "HKT": "Asia/Hong_Kong", "ICT": "Asia/Bangkok", "IDT": "Asia/Jerusalem", "CT": "America/Chicago",
    "IST": "Asia/Kolkata, Europe/Dublin or Asia/Jerusalem", "JST": "Asia/Tokyo", "KST": "Asia/Seoul",
    "MDT": "America/Denver", "MSK": "Europe/Moscow", "MT": "America/Denver", "NZDT": "Pacific/Auckland",
    "NZST": "Pacific/Auckland", "PDT": "America/Los_Angeles", "PHT": "Asia/Manila", "PKT": "Asia/Karachi",
    "PST": "America/Los_Angeles or Asia/Manila", "PT": "America/Los_Angeles", "SAST": "Africa/Johannesburg",
    "SGT": "Asia/Singapore", "TRT": "Europe/Istanbul", "WEST": "Europe/Lisbon", "WIB": "Asia/Jakarta",
}  # fmt: skip


def find(name: str) -> tuple[str, tzinfo]:
    """The zone and its full name: by that name in any case, by its city where one zone alone has it, or by its offset.

    Raises ValueError that names what may be meant.
    """
    wanted = " ".join(name.split())
    if wanted.upper() in {"UTC", "Z"}:
        return "UTC", UTC
    if match := _OFFSET.fullmatch(wanted):
        return _offset(name, match)
    named = _names().get(_key(wanted), ())
    if named and all(_same(named[0], other) for other in named[1:]):
        return named[0], ZoneInfo(named[0])
    if meant := _LETTERS.get(wanted.upper()):
        raise ValueError(f"{wanted!r} is no zone: letters mean an offset, and often several; write {meant}")
    if len(named) > 1:
        raise ValueError(f"there are several zones of {wanted!r}: write {_one_of(named[:MOST_NEAR])}")
    near = difflib.get_close_matches(_key(wanted), list(_names()), n=MOST_NEAR, cutoff=0.7)
    meant = list(dict.fromkeys(zone for key in near for zone in _names()[key]))[:MOST_NEAR]
    advice = (
        f"did you mean {_one_of(meant)}?" if meant else "use an IANA name like Europe/Paris, a large city, or UTC+2"
    )
    raise ValueError(f"unknown time zone {wanted!r}; {advice}")


def _offset(name: str, match: re.Match[str]) -> tuple[str, tzinfo]:
    hours = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if hours > timedelta(hours=MOST_OFFSET):
        raise ValueError(f"unknown time zone {name!r}; offsets go up to {MOST_OFFSET} hours")
    zone = timezone(hours if match[1] == "+" else -hours)
    return str(zone), zone


def _key(name: str) -> str:
    """Without case, accents and underscores."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    return plain.casefold().replace("_", " ")


def _same(one: str, other: str) -> bool:
    """Whether these are two names of one zone."""
    return _file("zoneinfo", *one.split("/")).read_bytes() == _file("zoneinfo", *other.split("/")).read_bytes()


def _file(*path: str) -> Traversable:
    return files("tzdata").joinpath(*path)


def _one_of(names: Sequence[str]) -> str:
    return " or ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]


@lru_cache(maxsize=1)
def _names() -> Mapping[str, tuple[str, ...]]:
    """Zones by their whole names and by their cities. Read at the first use."""
    zones = _file("zones").read_text(encoding="utf-8").split()
    found: dict[str, list[str]] = defaultdict(list)
    for zone in zones:
        found[_key(zone)].append(zone)
        region, _, city = zone.rpartition("/")
        # What stands under these repeats zones of other names.
        if region and region not in {"Etc", "US", "Brazil", "Canada", "Chile", "Mexico"}:
            found[_key(city)].append(zone)
    for country, zones_there in _countries():
        found.setdefault(country, zones_there)
    for city, zone in _CITIES.items():
        found.setdefault(city, [zone])
    return {key: tuple(dict.fromkeys(each)) for key, each in found.items()}


def _countries() -> Iterator[tuple[str, list[str]]]:
    """Countries by their English names, with their zones."""
    zones: dict[str, list[str]] = defaultdict(list)
    for codes, _, zone, *_ in _rows("zone1970.tab"):
        for code in codes.split(","):
            zones[code].append(zone)
    for code, name, *_ in _rows("iso3166.tab"):
        if code in zones:
            yield _key(name), zones[code]


def _rows(table: str) -> Iterator[list[str]]:
    lines = _file("zoneinfo", table).read_text(encoding="utf-8").splitlines()
    return (line.split("\t") for line in lines if line and not line.startswith("#"))
