"""Who follows links in a text: Discord's rules as they are known, and the page as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from bot.platforms.local.markdown import Markdown

_MARKDOWN = Markdown()

# In the order in which a client tries them at each place of a text: what it is, and which part it reads again.
_CODE_BLOCK = re.compile(r"```(?:[a-z0-9_+\-.#]+?\n)?\n*[^\n][\s\S]*?\n*```", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")
_ANGLE = re.compile(r"<([^: >\n]+:/[^ >\n]+)>")
_MAIL = re.compile(r"<((?:mailto:|tel:|sms:)[^ >\n]+|[^ @>\n]+@[^ @>\n]+\.[^ @>\n]+)>", re.IGNORECASE)
_BARE = re.compile(r"(?:https?|steam|discord)://[^\s<]+[^<.,:;\"'\]\s]", re.IGNORECASE)
_MASKED = re.compile(
    r"\[((?:\[[^\]]*\]|[^\]]|\](?=[^\[]*\]))*)\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['\"]([\s\S]*?)['\"])?\s*\)"
)
_SPANS = (
    re.compile(r"\*\*([\s\S]+?)\*\*(?!\*)"),
    re.compile(r"__([\s\S]+?)__(?!_)"),
    re.compile(r"\*(?=\S)((?:\*\*|\s+(?:[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"),
    re.compile(r"~~([\s\S]+?)~~"),
    re.compile(r"\|\|([\s\S]+?)\|\|"),
)
_INLINE_CODE = re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)")
_INVITE = re.compile(r"discord(?:\.gg|(?:app)?\.com/invite)/[\w-]+", re.IGNORECASE)
_SPECIAL = re.compile(r"[`\\<\[*_~|]|(?:https?|steam|discord)://|discord(?:\.gg|(?:app)?\.com/invite)/", re.IGNORECASE)


def on_discord(text: str) -> set[str]:
    """Where a click may lead."""
    return set(_followed(text))


def _followed(text: str) -> Iterator[str]:
    at = 0
    while (found := _SPECIAL.search(text, at)) is not None:
        at = found.start()
        if (code := _CODE_BLOCK.match(text, at) or _INLINE_CODE.match(text, at)) is not None:
            at = code.end()
        elif (escaped := _ESCAPED.match(text, at)) is not None:
            at = escaped.end()
        elif (link := _ANGLE.match(text, at) or _MAIL.match(text, at)) is not None:
            yield link[1]
            at = link.end()
        elif (link := _MASKED.match(text, at)) is not None and re.match(r"[a-z][a-z0-9+.-]*:", link[2], re.IGNORECASE):
            yield link[2]
            at = link.end()
        elif (link := _BARE.match(text, at)) is not None:
            yield _balanced(link[0])
            at = link.end()
        elif (link := _INVITE.match(text, at)) is not None:
            yield link[0]
            at = link.end()
        elif (span := next(filter(None, (each.match(text, at) for each in _SPANS)), None)) is not None:
            yield from _followed(span[1])
            at = span.end()
        else:
            at += 1


def _balanced(address: str) -> str:
    while address.endswith(")") and address.count("(") < address.count(")"):
        address = address[:-1]
    return address


class _Hrefs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value or "" for name, value in attrs if name in {"href", "src"}}


def on_the_page(text: str) -> set[str]:
    parser = _Hrefs()
    parser.feed(_MARKDOWN.render(text))
    return parser.found
