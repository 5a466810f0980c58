"""Writes Discord's markup for mentions, emoji and times as people see it.

Source of the forms: Discord developer documentation, Reference, "Message Formatting".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

_MARKUP = re.compile(
    r"<(?:@!?(?P<user>\d{1,20})|@&(?P<role>\d{1,20})|#(?P<channel>\d{1,20})|a?:(?P<emoji>\w{1,32}):\d{1,20}"
    r"|t:(?P<time>-?\d{1,13})(?::[tTdDfFRsS])?|/(?P<command>[^:<>\n]{1,100}):\d{1,20})>"
)
UNKNOWN = "unknown"
"""The name of whoever or whatever we may not see."""

NameOf = Callable[[int], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Looks up what ids stand for; None where it is not known."""

    user: NameOf
    role: NameOf
    channel: NameOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """The ids under which people mention us: our account, and the role that Discord made for us in the guild."""

    user: int
    role: int | None = None

    def mentioned_in(self, content: str) -> bool:
        """Whether the text itself holds a mention of us (a reply can ping without one)."""
        return any(self.is_mention(found) for found in _MARKUP.finditer(content))

    def is_mention(self, found: re.Match[str]) -> bool:
        if found["user"]:
            return int(found["user"]) == self.user
        return bool(found["role"]) and self.role is not None and int(found["role"]) == self.role


def readable(content: str, names: Names, ours: Ours | None = None) -> str:
    """The text as people see it. Mentions of `ours` at its beginning and end are taken out; inside they are names."""
    if ours:
        content = _without_ours_around(content, ours)
    return _MARKUP.sub(lambda found: _shown(found, names), content).strip()


def _without_ours_around(content: str, ours: Ours) -> str:
    content = content.strip()
    while (found := _MARKUP.match(content)) and ours.is_mention(found):
        content = content[found.end() :].lstrip(" \t\n,:;")
    while content.endswith(">") and (start := content.rfind("<")) >= 0:
        found = _MARKUP.fullmatch(content, start)
        if not found or not ours.is_mention(found):
            break
        content = content[:start].rstrip()
    return content


def _shown(found: re.Match[str], names: Names) -> str:
    kind = found.lastgroup
    value = found[kind] if kind else ""
    match kind:
        case "user":
            shown = f"@{names.user(int(value)) or UNKNOWN}"
        case "role":
            shown = f"@{names.role(int(value)) or UNKNOWN}"
        case "channel":
            shown = f"#{names.channel(int(value)) or UNKNOWN}"
        case "emoji":
            shown = f":{value}:"
        case "command":
            shown = f"/{value}"
        case _:
            shown = _time(int(value)) or found[0]
    return shown


def _time(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return ""
