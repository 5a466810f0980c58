"""The sources under an answer: small lines, numbered as the model has cited them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.answer.addresses import host_of, live
from bot.answer.doing import harmless
from bot.talk.found import Source

MOST_SOURCES = 8
TITLE_CHARS = 80

CODE = re.compile(r"```.*?(?:```|\Z)|``[^\n]+?``|`[^`\n]*`", re.DOTALL)
CITED = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")


def cited_in(text: str) -> list[int]:
    """The numbers that stand in brackets, in the order in which they first do."""
    found = (int(each) for match in CITED.finditer(CODE.sub("", text)) for each in re.split(r"\s*[,;]\s*", match[1]))
    return list(dict.fromkeys(found))


def listed(text: str, sources: Sequence[Source]) -> str:
    """Those that are cited in the text; all where it cites none. A line each; nothing where there are none."""
    cited = [number for number in cited_in(text) if 0 < number <= len(sources)]
    numbers = (sorted(cited) or list(range(1, len(sources) + 1)))[:MOST_SOURCES]
    return "\n".join(f"-# [{number}] {_line(sources[number - 1])}" for number in numbers)


def _line(source: Source) -> str:
    """The host is what can be clicked: a title cannot pretend to lead elsewhere."""
    title = harmless(source.title, most=TITLE_CHARS)
    address, host = live(source.url), host_of(source.url)
    if address is None or not host or re.search(r"[\s<>]", address):
        return title or "…"
    link = f"[{host}](<{address}>)"
    return f"{title} — {link}" if title and title != host else link
