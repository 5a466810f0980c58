"""What a chat template that is not ours does to a conversation with tools: tried out on small chats, not read.

The template that is commonly shipped with Mistral Small 3.1 has all of these flaws (docs/decisions/0001).
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum

Message = Mapping[str, object]
Render = Callable[[Sequence[Message], Sequence[object]], Awaitable[str | None]]
"""Messages and tools as the engine takes them → the prompt, without a model; None where the engine does not tell."""

_SIGN = "harbour-gauge-7319"
_NAME = "depth_of_water"
_DEPTHS = (47110815, 47110816)
_BROKEN = re.compile(rf"{_DEPTHS[0]}\D{{0,8}}\}}\s*\{{")
_TOOL = {
    "type": "function",
    "function": {
        "name": _NAME,
        "description": _SIGN,
        "parameters": {"type": "object", "properties": {"at": {"type": "integer", "description": "a place"}}},
    },
}


class Flaw(StrEnum):
    """The value is what the doctor says."""

    FORGETS = "forgets the tools after a result, so that there is no second step"
    MOVES = "does not begin a prompt as it began the one before, so that every question is read anew"
    DROPS = "drops calls that come beside text"
    BREAKS = "writes parallel calls as broken JSON"


async def flaws(render: Render, *, arguments_as_text: bool) -> tuple[Flaw, ...] | None:
    """None where the engine does not render for others. `arguments_as_text`: of calls, as in OpenAI's API."""
    chat: list[Message] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "How deep is it?"}]
    calls = [_call(number, depth, as_text=arguments_as_text) for number, depth in enumerate(_DEPTHS)]
    results = [{"role": "tool", "tool_call_id": _id(number), "content": "4 m"} for number, _ in enumerate(_DEPTHS)]
    step = [*chat, {"role": "assistant", "content": "", "tool_calls": calls[:1]}, results[0]]
    turn = [*step, {"role": "assistant", "content": "Four metres."}, {"role": "user", "content": "And now?"}]
    beside = [*chat, {"role": "assistant", "content": "I look.", "tool_calls": calls}, *results]
    parallel = [*chat, {"role": "assistant", "content": "", "tool_calls": calls}, *results]
    rendered = [await render(messages, [_TOOL]) for messages in (chat, step, turn, beside, parallel)]
    prompts = [prompt for prompt in rendered if prompt is not None]
    if len(prompts) < len(rendered):
        return None
    first, second, third, with_text, two_calls = prompts
    found = {
        Flaw.FORGETS: _SIGN in first and _SIGN not in second,
        Flaw.MOVES: not (second.startswith(first) and third.startswith(second)),
        Flaw.DROPS: str(_DEPTHS[0]) in second and str(_DEPTHS[0]) not in with_text,
        Flaw.BREAKS: _BROKEN.search(two_calls) is not None,
    }
    return tuple(flaw for flaw, there in found.items() if there)


def _call(number: int, depth: int, *, as_text: bool) -> Message:
    arguments = {"at": depth}
    function = {"name": _NAME, "arguments": json.dumps(arguments) if as_text else arguments}
    return {"id": _id(number), "type": "function", "function": function}


def _id(number: int) -> str:
    return f"harbour{number:02d}"
