"""In which language the page speaks: the browser's, where the bot has words in it."""

from __future__ import annotations

from aiohttp import web

from bot.languages.locales import direction
from bot.languages.phrases import Phrases

MOST_ASKED = 16
"""Languages of a browser that are looked at."""
_ROOT = b'<html lang="en">'


def accepted(header: str) -> tuple[str, ...]:
    """The tags in an Accept-Language header, the most wanted first. What is malformed is left out."""
    found: list[tuple[float, str]] = []
    for part in header[:1000].split(",")[:MOST_ASKED]:
        tag, _, weight = part.partition(";")
        name, _, number = weight.strip().partition("=")
        try:
            wanted = float(number) if name.strip() == "q" else 1.0
        except ValueError:
            continue
        if tag.strip() not in ("", "*") and 0 < wanted <= 1:
            found.append((wanted, tag.strip()))
    return tuple(tag for _, tag in sorted(found, key=lambda each: -each[0]))


def spoken(request: web.Request, phrases: Phrases) -> Phrases:
    """In the language of whoever sent the request; where the browser names none that there are words in, `phrases`."""
    return phrases.to(*accepted(request.headers.get("Accept-Language", "")))


def rooted(page: bytes, phrases: Phrases) -> bytes:
    """The page with its language and direction, before any word of it is there."""
    root = f'<html lang="{phrases.locale}" dir="{direction(phrases.locale)}">'
    return page.replace(_ROOT, root.encode(), 1)
