"""Somebody's words as plain words: no Markdown, no mention and no hidden link has an effect in them. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s<>]*")
_SPECIAL = re.compile(r"[\\`*_~|<>\[\]()#&]")
_FOLLOWED = re.compile(r":(?=//)|@|(?<=discord)\.(?=[a-z]{2,4}/)|(?<=discordapp)\.(?=com/)", re.IGNORECASE)
"""What Discord makes a link or a mention of; an invitation has no scheme."""

_LIST = re.compile(r"^(\s*)(?:([-+])|(\d{1,9})([.)]))(?=\s|$)")
_BREAK = "\u200b"
"""A space without width: what looks like a mention or a link is none."""


def addresses(text: str) -> tuple[str, ...]:
    """Everything in it that people could click on."""
    return tuple(match[0] for match in _ADDRESS.finditer(text))


def inline(text: str, *, links: Collection[str] = ()) -> str:
    """In one line. Of the addresses in it only `links` can be clicked; the others are shown as they are."""
    return _plain(" ".join(text.split()), links)


def quoted(text: str, *, links: Collection[str] = ()) -> str:
    """As a block quote, its lines kept."""
    return "\n".join(f"> {_plain(line.strip(), links)}" for line in text.splitlines() if line.strip())


def _plain(line: str, links: Collection[str]) -> str:
    parts: list[str] = []
    end = 0
    for match in _ADDRESS.finditer(line):
        parts.append(_escaped(line[end : match.start()]))
        address = match[0]
        parts.append(f"<{address}>" if address in links else _escaped(address))
        end = match.end()
    parts.append(_escaped(line[end:]))
    return _LIST.sub(_unlisted, "".join(parts))


def _escaped(words: str) -> str:
    return _FOLLOWED.sub(rf"\g<0>{_BREAK}", _SPECIAL.sub(r"\\\g<0>", words))


def _unlisted(match: re.Match[str]) -> str:
    space, dash, number, point = match.groups()
    return f"{space}\\{dash}" if dash else f"{space}{number}\\{point}"
