"""How a call that waits for approval is shown to people: whole, in plain words, and dead. Pure.

Whatever the model put into it stands in a block of code, where no platform makes links, mentions or pictures of it; and
signs that are not seen, or turn the text around, are shown for what they are.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from bot.languages.phrases import Phrases
from bot.talk.approval import Request
from bot.talk.turn import Call

VALUE_CHARS = 400
"""Of one argument that are shown; how many more there are is said."""

CALL_CHARS = 1200
"""Of a whole call."""

FENCE = "```"
DEFANGED = {"`": "ˋ", "://": "[:]//", "@": "@\u200b", "<": "‹", "||": "¦¦", "](": "]\u200b("}
"""How what would be alive is shown."""

_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Cn"}


def shown(asked: Sequence[Request], *, who: str, timezone: str, phrases: Phrases) -> str:
    """What stands under the answer. `who`: the asker's name, for whom it would be done."""
    until = asked[0].until.astimezone(ZoneInfo(timezone))
    blocks = [
        f"**{number}.** {block}" if len(asked) > 1 else block
        for number, block in enumerate((_block(each, phrases) for each in asked), 1)
    ]
    head = phrases.say("approval-asked", count=len(asked), name=plain(who, limit=40))
    return "\n".join((head, *blocks, phrases.say("approval-until", time=_time(until))))


def _block(request: Request, phrases: Phrases) -> str:
    tool, server = plain(request.call.name, limit=64), plain(request.server, limit=64)
    head = (
        phrases.say("approval-foreign", tool=tool, server=server) if server else phrases.say("approval-tool", tool=tool)
    )
    return f"{head}\n{FENCE}\n{dead(described(request.call, phrases))}\n{FENCE}"


def described(call: Call, phrases: Phrases) -> str:
    """One argument a line."""
    try:
        given: object = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        given = call.arguments
    if isinstance(given, Mapping):
        pairs = cast("Mapping[str, object]", given)
        lines = [f"{_cut(name, 64, phrases)}: {_value(value, phrases)}" for name, value in pairs.items()]
    else:
        lines = [_value(given, phrases)]
    return _cut("\n".join(lines) or phrases.say("approval-nothing"), CALL_CHARS, phrases)


def _value(value: object, phrases: Phrases) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # One line for each argument, so that none can look like another.
    return _cut(text.replace("\n", " ⏎ "), VALUE_CHARS, phrases)


def _cut(text: str, limit: int, phrases: Phrases) -> str:
    if len(text) <= limit:
        return text
    return f"{text[:limit]} {phrases.say('approval-cut', count=len(text) - limit)}"


def dead(text: str) -> str:
    """Without anything that ends a block of code, is not seen, or changes the direction of what is; and without links,
    mentions and hidden text even where the block was broken open by what stands before it."""
    seen = "".join(_visible(character) for character in text)
    for live, instead in DEFANGED.items():
        seen = seen.replace(live, instead)
    return seen


def ends_block(answer: str) -> str:
    """What ends a block of code that the answer left open: what follows would else be shown as its opposite."""
    return f"{FENCE}\n" if answer.count(FENCE) % 2 else ""


def plain(text: str, *, limit: int) -> str:
    """A name among our own words: one short line without Markdown."""
    kept = (character for character in text if character.isalnum() or character in " _-.")
    return " ".join("".join(kept).split())[:limit].replace("_", "\\_")


def _visible(character: str) -> str:
    if character == "\n" or unicodedata.category(character) not in _HIDDEN:
        return character
    return f"⟨U+{ord(character):04X}⟩"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}"
