"""How a digest reads: sections, a line a point, links that the code made, times that everybody sees in their own zone.

Pure. Names and words of people are plain words: they ping nobody and lead nowhere. Only the addresses in a point can be
clicked, which stand in its messages, and the links to these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta

from bot.digest.marks import links_of
from bot.languages.phrases import Phrases
from bot.talk.digest import Digest, Made, Point, Section, Source, Told
from bot.talk.message import Place, PlaceKind
from bot.talk.quoting import inline

Link = Callable[[Place, str], str]
"""As `Rights.link`: where people click to see a message; "" where there is no such address."""

MOST_LINKS = 3
"""Messages that a point leads to."""
_CERTAIN = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?(?:[/?#][A-Za-z0-9/?#.,:;=&%+_~!$'()*@-]*)?")

WITHIN_A_DAY = timedelta(hours=12)
"""In a shorter period a time says enough without its day."""
LONGEST_PLACE = 60
"""Characters of the name of a place."""


def told(
    digest: Digest, *, link: Link, phrases: Phrases, heading: str = "", rooms: Collection[str] = ()
) -> tuple[Told, ...]:
    """What leaves, in stretches. `heading`: a line of Markdown. `rooms`: all that the digest may have been made of: how
    much it covers is not told to anybody who may not read one of them."""
    stretches = [Told(text=heading, heading=True)] if heading else []
    since, until = time(digest.period.since), time(digest.period.until)
    whole = frozenset(rooms) | {each.place.room for point in digest.points for each in point.sources}
    if not digest.messages:
        return (*stretches, Told(text=phrases.say("digest-silence", since=since, until=until), rooms=whole))
    covers = phrases.say("digest-covers", since=since, until=until)
    counts = phrases.say(
        "digest-counts",
        messages=phrases.say("digest-messages", count=digest.messages),
        people=phrases.say("digest-people", count=digest.people),
    )
    # They are wrong when any message goes.
    counted = frozenset(each.message for point in digest.points for each in point.sources)
    made = phrases.say("digest-made-model" if digest.made is Made.MODEL else "digest-made-extracts")
    stretches.append(Told(text=f"-# {covers}", rooms=whole))
    stretches.append(Told(text=f"-# {counts}", messages=counted, rooms=whole, edited=digest.edited))
    if not digest.points:
        return (*stretches, Told(text=phrases.say("digest-no-points"), rooms=whole))
    return (*stretches, Told(text=f"-# {made}"), *_sections(digest, link, phrases))


def time(moment: datetime, *, style: str = "f") -> str:
    """Every reader sees it in their own zone."""
    return f"<t:{int(moment.timestamp())}:{style}>"


def _sections(digest: Digest, link: Link, phrases: Phrases) -> Iterator[Told]:
    style = "t" if digest.period.until - digest.period.since <= WITHIN_A_DAY else "f"
    places = {each.place.key for point in digest.points for each in point.sources}
    for section in Section:
        points = [each for each in digest.points if each.section is section]
        if points:
            yield Told(text=f"### {phrases.say(f'digest-{section.value}')}", heading=True)
        for point in points:
            messages = frozenset(each.message for each in point.sources)
            yield Told(
                text=_line(point, link, phrases, style=style, where=len(places) > 1),
                messages=messages,
                rooms=frozenset(each.place.room for each in point.sources),
                edited=None if digest.edited is None else frozenset(one for one in digest.edited if one[0] in messages),
            )


def _line(point: Point, link: Link, phrases: Phrases, *, style: str, where: bool) -> str:
    first = point.sources[0]
    parts = [f"- {words(point.text)}"]
    if where or first.place.kind is PlaceKind.THREAD:
        parts.append(phrases.say("digest-in", place=_named(first.place)))
    parts += [time(first.sent_at, style=style), *_links(point.sources, link)]
    return " ".join(parts)


def words(text: str) -> str:
    """Plain words; of what is in them only web addresses can be clicked that everybody reads in one way."""
    parts: list[str] = []
    end = 0
    for address in links_of(text):
        at = text.find(address, end)
        parts += [_plain(text[end:at]), f"<{address}>" if _CERTAIN.fullmatch(address) else _plain(address)]
        end = at + len(address)
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    """As `inline`, with the spaces at its ends."""
    shown = inline(text)
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and shown else ""
    return f"{before}{shown}{after}"


def _named(place: Place) -> str:
    name = inline(place.name[:LONGEST_PLACE]) or "…"
    return f"“{name}”" if place.kind is PlaceKind.THREAD else f"\\#{name}"


def _links(sources: Sequence[Source], link: Link) -> Iterator[str]:
    found = [address for each in sources[:MOST_LINKS] if (address := link(each.place, each.message))]
    yield from (f"[↗](<{address}>)" for address in dict.fromkeys(found))
