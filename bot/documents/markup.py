"""The readable text of an HTML file: what a reader would see, without tags, scripts and styles.

Headings are marked as Markdown marks them, so that it can be told what stands below which,
and so is code.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from bot.documents.bounds import Bounds
from bot.documents.text import cut, decode, tidy
from bot.talk.document import TextDocument

SOURCE_PER_CHARACTER = 20  # characters of source that are read for each that may be shown
STEP = 65_536
HEAD_BYTES = 4096
FENCE = "`" * 4
"""One more than people write."""

_CHARSET = re.compile(rb"""charset\s*=\s*["']?([A-Za-z0-9_-]{2,20})""", re.IGNORECASE)
_ENCODINGS = re.compile(
    r"iso-8859-(?:[1-9]|1[013456])|windows-125[0-8]|shift_jis|euc-jp|euc-kr|gb2312|gbk|gb18030|big5|koi8-[ru]"
)
_SILENT = frozenset({"script", "style", "template", "noscript", "svg"})
_PARAGRAPHS = frozenset({"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "title", "ul"})
_LINES = frozenset(
    {"article", "aside", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "footer", "form", "header", "hr"}
    | {"li", "main", "nav", "section", "summary", "tr"}
)
_CELLS = frozenset({"td", "th"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def open_markup(data: bytes, bounds: Bounds) -> TextDocument:
    """Raises AttachmentUnreadable for binary content."""
    source = decode(data, encoding=_declared(data))
    most = bounds.characters * SOURCE_PER_CHARACTER
    reader = _Reader()
    for start in range(0, min(len(source), most), STEP):
        reader.feed(source[start : min(start + STEP, most)])
        if reader.length > 2 * bounds.characters:  # white space goes below
            break
    else:
        reader.close()
    document = cut(reader.text(), bounds)
    return document if len(source) <= most else TextDocument(name="", text=document.text, cut=True)


def _declared(data: bytes) -> str | None:
    found = _CHARSET.search(data[:HEAD_BYTES])
    name = found.group(1).decode("ascii").lower() if found else ""
    return name if _ENCODINGS.fullmatch(name) else None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.length = 0
        self._said: list[str] = []
        self._silent = 0
        self._verbatim = 0

    def text(self) -> str:
        lines = (line.rstrip() for line in tidy("".join(self._said)).replace("\xa0", " ").split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        self._break(tag)
        if tag == "pre" and not self._silent:
            self._fence(opens=not self._verbatim)
            self._verbatim += 1
        if tag in _HEADINGS and not self._silent:
            self._say("#" * int(tag[1]) + " ")
        if tag == "br":
            self._say("\n")
        elif tag == "li":
            self._say("- ")
        elif tag in _CELLS:
            self._say("| " if self._fresh else " | ")
        elif tag == "img":
            self._say(dict(attrs).get("alt") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SILENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "pre" and self._verbatim and not self._silent:
            self._verbatim -= 1
            self._fence(closes=not self._verbatim)
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if self._verbatim:
            self._say(data)
            return
        flowing = re.sub(r"[ \t\r\n\f]+", " ", data)
        self._say(flowing.lstrip(" ") if self._fresh else flowing)

    @property
    def _fresh(self) -> bool:
        return not self._said or self._said[-1].endswith(("\n", " "))

    def _break(self, tag: str) -> None:
        """A blank line around paragraphs, a new line around other blocks."""
        if tag in _PARAGRAPHS:
            self._say("\n\n")
        elif tag in _LINES and self._said and not self._said[-1].endswith("\n"):
            self._say("\n")

    def _fence(self, *, opens: bool = False, closes: bool = False) -> None:
        """Around what stands as it was typed: a comment of a script is no heading."""
        if opens:
            self._say(f"{FENCE}\n")
        elif closes:
            self._say(FENCE if self._said[-1].endswith("\n") else f"\n{FENCE}")

    def _say(self, text: str) -> None:
        if not self._silent and text:
            self._said.append(text)
            self.length += len(text)
