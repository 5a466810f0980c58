"""How a call that waits for approval is shown to people: in plain words, and dead; and whole, before it can be allowed.

Pure.
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

NAME_CHARS = 64
"""Of the name of an argument."""

WHOLE_CHARS = 12_000
"""Of a call that anybody can be asked about, as it is shown whole: what nobody reads to its end nobody can allow."""

_LONGEST_WRITTEN = 6
"""Signs that JSON may write for one."""

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
    more = [] if all(seen_whole(each.call) for each in asked) else [phrases.say("approval-more")]
    return "\n".join((head, *blocks, *more, phrases.say("approval-until", time=_time(until))))


def whole(request: Request, phrases: Phrases) -> str:
    """All of it, each argument in a block of its own, whose head stands outside: no text can pretend to be another."""
    blocks = _blocks(request.call)
    told = [_head(request, phrases)]
    for number, block in enumerate(blocks, 1):
        head = phrases.say("approval-argument", number=number, total=len(blocks), count=len(block))
        told.append(f"{head}\n{FENCE}\n{block}\n{FENCE}")
    return "\n".join(told)


def seen_whole(call: Call) -> bool:
    """Whether what stands under the answer leaves nothing of it out."""
    pairs = _pairs(call)
    short = all(len(name or "") <= NAME_CHARS and len(value) <= VALUE_CHARS for name, value in pairs)
    return short and len("\n".join(map(_line, pairs))) <= CALL_CHARS


def too_long(call: Call) -> bool:
    """Whether nobody can be shown it whole."""
    if len(call.arguments) > _LONGEST_WRITTEN * WHOLE_CHARS:
        return True
    return sum(map(len, _blocks(call))) > WHOLE_CHARS


def _block(request: Request, phrases: Phrases) -> str:
    return f"{_head(request, phrases)}\n{FENCE}\n{dead(described(request.call, phrases))}\n{FENCE}"


def _head(request: Request, phrases: Phrases) -> str:
    tool, server = plain(request.call.name, limit=64), plain(request.server, limit=64)
    if server:
        return phrases.say("approval-foreign", tool=tool, server=server)
    return phrases.say("approval-tool", tool=tool)


def described(call: Call, phrases: Phrases) -> str:
    """One argument a line."""
    pairs = (
        (None if name is None else _cut(name, NAME_CHARS, phrases), _cut(value, VALUE_CHARS, phrases))
        for name, value in _pairs(call)
    )
    return _cut("\n".join(map(_line, pairs)) or phrases.say("approval-nothing"), CALL_CHARS, phrases)


def _pairs(call: Call) -> list[tuple[str | None, str]]:
    """Names and values, each in one line, so that none can look like another; without a name where it is no object."""
    return [(None if name is None else _in_line(name), _in_line(_text(value))) for name, value in _given(call)]


def _blocks(call: Call) -> list[str]:
    """Each argument with its lines as they are, dead."""
    given = _given(call)
    return [
        dead(_text(value) if name is None else f"{_in_line(name)}:\n{_text(value, indent=2)}") for name, value in given
    ]


def _given(call: Call) -> list[tuple[str | None, object]]:
    try:
        given: object = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        given = call.arguments
    return list(cast("Mapping[str, object]", given).items()) if isinstance(given, Mapping) else [(None, given)]


def _text(value: object, *, indent: int | None = None) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=indent)


def _in_line(text: str) -> str:
    return text.replace("\n", " ⏎ ")


def _line(pair: tuple[str | None, str]) -> str:
    name, value = pair
    return value if name is None else f"{name}: {value}"


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
