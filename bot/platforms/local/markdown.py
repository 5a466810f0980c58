"""Turns the model's Markdown into HTML that cannot harm: what a model writes may have been planted by anybody.

Two walls: the parser never lets HTML through and makes no images, then nh3 keeps only a short list of elements.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

RENDER_CHARS = 60_000
"""Longer texts are shown as they are: parsing them would hold up everybody else."""

_INLINE = {"a", "br", "code", "del", "em", "s", "span", "strong", "time"}
_BLOCKS = {"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
_ALIGNED = {"left", "center", "right"}
_BARE = re.compile(r"https?://[^\s<>\"'`|]+", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9._-]+(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?", re.IGNORECASE)
_SMALL = "-# "
_LANGUAGE = re.compile(r"[\w+#.-]{1,24}")
_MESSAGE = re.compile(r"/#[\w.~%-]{1,200}/[\w.~%-]{1,200}", re.ASCII)
"""As the page's own `Rights.link` writes it."""
_TIME = re.compile(r"<t:(-?\d{1,11})(?::[tTdDfFR])?>")


def _host(address: str) -> str | None:
    """The host that a browser would go to; None where an address could be read in two ways or is not allowed."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme == "mailto":
        return parts.path or None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.netloc):
        return None
    return parts.netloc.lower()


def _shown_host(tokens: Sequence[Token], href: str) -> str:
    """The host to print behind a link whose words do not already say where it goes."""
    words = "".join(token.content for token in tokens).strip()
    host = _host(href) or ""
    plain = {href, href.rstrip("/"), href.removeprefix("mailto:"), host}
    return "" if words in plain else host


def _text(content: str, level: int) -> Token:
    return Token("text", "", 0, content=content, level=level)


def _link(markdown: MarkdownIt, address: str, level: int) -> list[Token]:
    href = markdown.normalizeLink(address)
    if not markdown.validateLink(href):
        return [_text(address, level)]
    opening = Token("link_open", "a", 1, attrs={"href": href}, level=level)
    return [opening, _text(address, level + 1), Token("link_close", "a", -1, level=level)]


def _split_bare(markdown: MarkdownIt, token: Token) -> list[Token]:
    made: list[Token] = []
    end = 0
    for found in _BARE.finditer(token.content):
        address = found[0].rstrip(".,:;!?*_~")
        if address.endswith(")") and "(" not in address:
            address = address.rstrip(").,")
        if found.start() > end:
            made.append(_text(token.content[end : found.start()], token.level))
        made += _link(markdown, address, token.level)
        end = found.start() + len(address)
    if not made:
        return [token]
    if end < len(token.content):
        made.append(_text(token.content[end:], token.level))
    return made


def _link_bare(state: StateCore) -> None:
    """Bare web addresses become links; those in code and in links stay."""
    for block in state.tokens:
        depth, made = 0, list[Token]()
        for token in block.children or ():
            depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
            made += _split_bare(state.md, token) if token.type == "text" and not depth else [token]
        if block.children:
            block.children = made


def _print_hosts(state: StateCore) -> None:
    """Behind every link that hides where it leads, its host is printed."""
    for block in state.tokens:
        made: list[Token] = []
        opened: tuple[int, str] | None = None
        for token in block.children or ():
            made.append(token)
            if token.type == "link_open":
                opened = len(made), str(token.attrGet("href") or "")
            elif token.type == "link_close" and opened is not None:
                host = _shown_host(made[opened[0] : -1], opened[1])
                if host:
                    made.append(Token("link_host", "span", 0, content=host))
                opened = None
        if block.children:
            block.children = made


def _small_lines(state: StateCore) -> None:
    """Lines that begin with `-# ` are small, as on Discord."""
    for block in state.tokens:
        made: list[Token] = []
        small = False
        for token in block.children or ():
            first = not made or made[-1].type in ("softbreak", "hardbreak")
            if small and token.type in ("softbreak", "hardbreak"):
                made.append(Token("small_close", "span", -1))
                small = False
            if first and token.type == "text" and token.content.startswith(_SMALL):
                made.append(Token("small_open", "span", 1, attrs={"class": "small"}))
                token.content = token.content.removeprefix(_SMALL)
                small = True
            made.append(token)
        if small:
            made.append(Token("small_close", "span", -1))
        if block.children:
            block.children = made


def _times(state: StateCore) -> None:
    """Discord's marks for a moment; the page's script then writes it as the reader's clock has it."""
    for block in state.tokens:
        made: list[Token] = []
        for token in block.children or ():
            made += _split_times(token) if token.type == "text" else [token]
        if block.children:
            block.children = made


def _split_times(token: Token) -> list[Token]:
    made: list[Token] = []
    end = 0
    for found in _TIME.finditer(token.content):
        try:
            moment = datetime.fromtimestamp(int(found[1]), UTC)
        except (ValueError, OverflowError, OSError):
            continue
        made += [
            _text(token.content[end : found.start()], token.level),
            Token("time_open", "time", 1, attrs={"datetime": moment.isoformat()}),
            _text(f"{moment:%Y-%m-%d %H:%M} UTC", token.level),
            Token("time_close", "time", -1),
        ]
        end = found.end()
    return [*made, _text(token.content[end:], token.level)] if made else [token]


def _class_for_style(state: StateCore) -> None:
    """Columns are aligned by a class: the page's policy allows no style attributes."""
    for token in state.tokens:
        style = token.attrs.pop("style", None) if token.type in ("th_open", "td_open") else None
        if style:
            token.attrSet("class", str(style).removeprefix("text-align:"))


def _fence(_: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, ___: EnvType) -> str:
    token = tokens[index]
    words = token.info.split()
    language = words[0] if words and _LANGUAGE.fullmatch(words[0]) else ""
    attribute = f' data-language="{escape(language)}"' if language else ""
    return f"<pre{attribute}><code>{escape(token.content)}</code></pre>\n"


def _link_host(_: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, ___: EnvType) -> str:
    return f' <span class="host">({escape(tokens[index].content)})</span>'


def _allowed(url: str) -> bool:
    return _host(url.strip()) is not None or _MESSAGE.fullmatch(url.strip()) is not None


class Markdown:
    """Renders Markdown as Discord understands it (a line break is a line break). Safe to use from several threads."""

    def __init__(self, *, cached: int = 256) -> None:
        parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20})
        parser.enable(["table", "strikethrough"]).disable(["image", "html_block", "html_inline"])
        parser.validateLink = _allowed
        parser.core.ruler.push("bare-links", _link_bare)
        parser.core.ruler.push("print-hosts", _print_hosts)
        parser.core.ruler.push("small-lines", _small_lines)
        parser.core.ruler.push("times", _times)
        parser.core.ruler.push("class-for-style", _class_for_style)
        parser.add_render_rule("fence", _fence)
        parser.add_render_rule("link_host", _link_host)
        self._parser = parser
        self.stored = lru_cache(maxsize=cached)(self.render)
        """The same as `render`, remembering the last results: for texts that do not change any more."""

    def render(self, text: str) -> str:
        """Harmless HTML."""
        if len(text) > RENDER_CHARS:
            return f"<pre>{escape(text)}</pre>"
        return nh3.clean(
            str(self._parser.render(text)),
            tags=_INLINE | _BLOCKS | _TABLES,
            clean_content_tags={"script", "style"},
            attributes={"*": set(), "a": {"href"}, "ol": {"start"}, "pre": {"data-language"}, "time": {"datetime"}},
            allowed_classes={"td": _ALIGNED, "th": _ALIGNED, "span": {"host", "small"}},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer nofollow",
            set_tag_attribute_values={"a": {"target": "_blank"}},
        )
