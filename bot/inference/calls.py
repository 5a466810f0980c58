"""Reads tool calls out of a reply's text.

In a raw prompt the engine does not show the control token before a call, only the JSON array behind it. So text that
may be such an array is held back until its end tells what it is.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import cast

from bot.inference.jsons import in_strings
from bot.inference.neutral import restore
from bot.talk.turn import Call

_OPENING = re.compile(r'\[\s{0,16}\{\s{0,16}"name"')
_NEARLY_OPENING = re.compile(r'\[\s{0,16}(?:\{\s{0,16}(?:"(?:n(?:a(?:m(?:e)?)?)?)?)?)?\Z')
_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"\s*")


def opening(text: str) -> int:
    """Where in the text an array of calls begins, or may begin at its end; the text's length if nowhere."""
    found = _OPENING.search(text) or _NEARLY_OPENING.search(text)
    return len(text) if found is None else found.start()


def opened(text: str) -> bool:
    """Whether the text begins like an array of calls beyond doubt."""
    return _OPENING.match(text) is not None


@dataclass(slots=True)
class Arrays:
    """Follows growing text that began like an array of calls, in one pass over its characters."""

    text: str = ""
    _depth: int = 0
    _quoted: bool = False
    _escaped: bool = False

    def feed(self, text: str) -> str:
        """Take more text. What comes back, if anything, shows that all of it was something else, and is not taken."""
        taken = next((at for at, character in enumerate(text) if not self._step(character)), len(text))
        self.text += text[:taken]
        return text[taken:]

    def _step(self, character: str) -> bool:
        if self._quoted:
            if self._escaped:
                self._escaped = False
            elif character == "\\":
                self._escaped = True
            elif character == '"':
                self._quoted = False
            return True
        if self._depth == 0 and character != "[":
            return character.isspace()
        if character == '"':
            self._quoted = True
            return self._depth > 1
        self._depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(character, 0)
        return True


def read(text: str) -> tuple[Call, ...]:
    """The calls in one or more arrays. Raises ValueError when they are malformed or cut off."""
    calls: list[Call] = []
    at = _past(text, 0, "[")
    while True:
        call, at = _call(text, at)
        calls.append(call)
        if text[at : at + 1] == ",":
            at = _space(text, at + 1)
            continue
        at = _past(text, at, "]")
        if at == len(text):
            return tuple(calls)
        at = _past(text, at, "[")


def broken(text: str) -> Call:
    """What stands for an array of calls that cannot be read: a call without a name, which no tool answers to."""
    return Call(id=_id(), name="", arguments=restore(text))


def _call(text: str, at: int) -> tuple[Call, int]:
    members, end = _members(text, at)
    name = members.get("name", ("", None))[1]
    if not isinstance(name, str):
        raise ValueError("a call without a name")
    arguments, value = members.get("arguments", ("{}", {}))
    plain = in_strings(value, restore)
    if plain != value:
        arguments = json.dumps(plain, ensure_ascii=False)
    return Call(id=_id(), name=restore(name), arguments=arguments), end


def _members(text: str, at: int) -> tuple[dict[str, tuple[str, object]], int]:
    """The members of an object, each with its own text as it stands and its value; and where the next thing begins."""
    members: dict[str, tuple[str, object]] = {}
    at = _past(text, at, "{")
    while True:
        key, at = _value(text, at)
        at = _past(text, at, ":")
        begin = at
        value, end = _DECODER.raw_decode(text, begin)
        members[str(key)] = (text[begin:end], value)
        at = _space(text, end)
        if text[at : at + 1] != ",":
            return members, _past(text, at, "}")
        at = _space(text, at + 1)


def _value(text: str, at: int) -> tuple[object, int]:
    value, end = cast("tuple[object, int]", _DECODER.raw_decode(text, at))
    return value, _space(text, end)


def _past(text: str, at: int, wanted: str) -> int:
    if text[at : at + 1] != wanted:
        raise ValueError(f"expected {wanted} at {at}")
    return _space(text, at + 1)


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()


def _id() -> str:
    return secrets.token_hex(5)[:9]
