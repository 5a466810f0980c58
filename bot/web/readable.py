"""What a page says, as plain text with a few marks of Markdown. Pure, and in one pass.

No tree is built: the parsers that build one as browsers do take minutes for a page of a few nested megabytes. Main
words are those inside `<main>` or `<article>` where these hold enough; menus, side notes and footers are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

STEP = 65_536
ENOUGH = 200
"""Characters inside `<main>` or `<article>` that are taken for what the page is about."""

TITLE_CHARS = 300
LINK_CHARS = 300
LINKS = 200
"""Links that are kept with their addresses; of later ones the words alone."""

_SILENT = frozenset(
    {"script", "style", "template", "noscript", "svg", "iframe", "object", "canvas", "select", "button"}
)
_BESIDE = frozenset({"nav", "aside", "footer", "dialog"})
_MAIN = frozenset({"main", "article"})
_PARAGRAPHS = frozenset({"blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table", "ul"})
_LINES = frozenset(
    {"address", "article", "dd", "details", "div", "dt", "figcaption", "figure", "form", "header", "li", "main"}
    | {"section", "summary", "tr"}
)
_HEADINGS = {"h1": "# ", "h2": "## ", "h3": "### ", "h4": "#### ", "h5": "##### ", "h6": "###### "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    title: str
    text: str


def readable(source: str, *, url: str, most: int) -> Readable:
    """`url`: where it was found, for links that say no host. `most`: characters, after which nothing more is read."""
    reader = _Reader(url=url, most=most)
    for start in range(0, len(source), STEP):
        reader.feed(source[start : start + STEP])
        if reader.full:
            break
    else:
        reader.close()
    return reader.result()


class _Reader(HTMLParser):
    def __init__(self, *, url: str, most: int) -> None:
        super().__init__(convert_charrefs=True)
        self._url = url
        self._most = most
        self._said: list[str] = []
        self._main: list[str] = []
        self._length = 0
        self._title: list[str] = []
        self._depth: dict[str, int] = dict.fromkeys(("silent", "beside", "main", "pre", "title"), 0)
        self._links = 0
        self._link: str | None = None
        self._link_at = 0

    @property
    def full(self) -> bool:
        return self._length > self._most

    def result(self) -> Readable:
        main = _tidy("".join(self._main))
        text = main if len(main) >= ENOUGH else _tidy("".join(self._said)) or main
        return Readable(title=" ".join("".join(self._title).split())[:TITLE_CHARS], text=text[: self._most])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._count(tag, 1)
        if tag in _PARAGRAPHS:
            self._say("\n\n" + _HEADINGS.get(tag, ""))
        elif tag in _LINES:
            self._break()
            self._say("- " if tag == "li" else "")
        elif tag == "br":
            self._say("\n")
        elif tag in {"td", "th"}:
            self._say(" | ")
        elif tag == "img":
            self._say(f" {dict(attrs).get('alt') or ''} ")
        elif tag == "a":
            self._end_link()
            self._link, self._link_at = dict(attrs).get("href"), self._length

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._end_link()
        elif tag in _PARAGRAPHS:
            self._say("\n\n")
        elif tag in _LINES:
            self._break()
        self._count(tag, -1)

    def handle_data(self, data: str) -> None:
        if self._depth["title"] and not self._depth["silent"]:
            if len(self._title) < LINKS:
                self._title.append(data[:TITLE_CHARS])
            return
        self._say(data if self._depth["pre"] else re.sub(r"[ \t\r\n\f]+", " ", data))

    def _count(self, tag: str, step: int) -> None:
        for name, tags in (("silent", _SILENT), ("beside", _BESIDE), ("main", _MAIN)):
            if tag in tags:
                self._depth[name] = max(0, self._depth[name] + step)
        if tag in {"pre", "title"}:
            self._depth[tag] = max(0, self._depth[tag] + step)

    def _break(self) -> None:
        """A new line, unless one has begun."""
        if self._said and not self._said[-1].endswith("\n"):
            self._say("\n")

    def _say(self, text: str) -> None:
        if self._depth["silent"] or self._depth["beside"] or not text:
            return
        self._said.append(text)
        if self._depth["main"]:
            self._main.append(text)
        self._length += len(text)

    def _end_link(self) -> None:
        link, self._link = self._link, None
        if link is None or self._length == self._link_at or self._links >= LINKS:
            return
        try:
            whole = urljoin(self._url, link.strip())
        except ValueError:
            return
        if whole.startswith(("http://", "https://")) and len(whole) <= LINK_CHARS and not re.search(r"\s", whole):
            self._links += 1
            self._say(f" ({whole})")


def _tidy(text: str) -> str:
    lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() if line.strip() else "" for line in text.split("\n"))
    kept = [line for line in lines if line not in {"-", "|"} and not re.fullmatch(r"#{1,6}", line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")
