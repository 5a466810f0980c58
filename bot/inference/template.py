"""Mistral's chat format, version 7 with Tekken (Mistral Small 3.1), written by us rather than by the engine.

Every part becomes text that begins and ends with a control token, so that counts of separately rendered parts add up
exactly and a conversation only ever grows at its end. Two places cannot be written before the whole prompt is known:
a picture's number and, where tools stand last, the place of the tools. Both are marked by a Unicode noncharacter,
which `neutral` takes out of everything that people supply.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.inference.images import image_tokens
from bot.inference.jsons import in_strings, parse
from bot.inference.neutral import harmless
from bot.inference.tekken import Tekken
from bot.settings import ToolsPosition
from bot.talk.turn import (
    NOTED,
    Call,
    Image,
    Instructions,
    Part,
    Piece,
    Question,
    Reply,
    Results,
    Summary,
    ToolSpec,
)

FORMAT = "mistral-v7-tekken/3"
"""Raise the number whenever the same part would be rendered or counted in another way."""

PICTURE = "\ufdd0"
"""Stands in a piece for a picture."""

TOOLS = "\ufdd1"
"""Stands in instructions before tools that belong before the last question."""

QUESTION = "[INST]"
OFFER = "[AVAILABLE_TOOLS]"


def template_name(position: ToolsPosition) -> str:
    """For `Piece.template`."""
    return f"{FORMAT}/{position.value}"


def render(part: Part, position: ToolsPosition) -> str:
    """A part between its control tokens, with marks for what is not known yet. Everything in it is made harmless."""
    match part:
        case Instructions():
            mark = TOOLS if part.tools and position is ToolsPosition.LAST else ""
            return f"[SYSTEM_PROMPT]{harmless(part.persona)}[/SYSTEM_PROMPT]{mark}{_offer(part.tools)}"
        case Summary():
            return f"{QUESTION}{harmless(part.text)}[/INST]{NOTED}</s>"
        case Question():
            lines = "\n".join(harmless(line.text) + PICTURE * len(line.images) for line in part.lines)
            return f"{QUESTION}{lines}[/INST]"
        case Reply():
            calls = f"[TOOL_CALLS][{', '.join(map(_call, part.calls))}]" if part.calls else ""
            return f"{harmless(part.text)}{calls}</s>"
        case Results():
            contents = (_json({"content": result.content}) for result in part.results)
            return "".join(f"[TOOL_RESULTS]{content}[/TOOL_RESULTS]" for content in contents)


def images_of(part: Part) -> tuple[Image, ...]:
    """The pictures of a part in the order of their marks."""
    return tuple(image for line in part.lines for image in line.images) if isinstance(part, Question) else ()


def piece(part: Part, position: ToolsPosition, tekken: Tekken) -> Piece:
    """Render and count. Instructions open the prompt: the token that the engine puts before everything is theirs."""
    text = render(part, position)
    images = images_of(part)
    stretches = text.replace(TOOLS, "").split(PICTURE)
    tokens = sum(map(tekken.count_rendered, stretches)) + sum(map(image_tokens, images))
    if isinstance(part, Instructions):
        tokens += 1
    return Piece(text=text, tokens=tokens, template=template_name(position), images=images)


def offers_tools(pieces: Sequence[Piece]) -> bool:
    """Whether the model was told of any tool."""
    return any(part.text.startswith("[SYSTEM_PROMPT]") and OFFER in part.text for part in pieces)


def assemble(pieces: Sequence[Piece]) -> tuple[str, tuple[Image, ...]]:
    """The prompt as `/api/generate` takes it when raw, and its pictures in the order of their numbers."""
    texts = [part.text for part in pieces]
    for at, text in enumerate(texts):
        head, mark, tools = text.partition(TOOLS)
        if mark:
            texts[at] = head
            last = max((n for n, other in enumerate(texts) if other.startswith(QUESTION)), default=at + 1)
            texts.insert(last, tools)
            break
    stretches = "".join(texts).split(PICTURE)
    numbered = [f"[img-{number}]{stretch}" for number, stretch in enumerate(stretches[1:])]
    return stretches[0] + "".join(numbered), tuple(image for part in pieces for image in part.images)


def _offer(tools: Sequence[ToolSpec]) -> str:
    if not tools:
        return ""
    functions = [{"name": tool.name, "description": tool.description, "parameters": tool.parameters} for tool in tools]
    return f"{OFFER}{_json([{'type': 'function', 'function': one} for one in functions])}[/AVAILABLE_TOOLS]"


def _call(call: Call) -> str:
    return f'{{"name": {_json(call.name)}, "arguments": {_arguments(call.arguments)}}}'


def _arguments(text: str) -> str:
    """As the model wrote them, which keeps the engine's cache warm; malformed ones become a string of JSON."""
    try:
        value = parse(text)
        return text if harmless(text) == text else _json(value)
    except (ValueError, RecursionError):
        return _json(text)


def _json(value: object) -> str:
    """In the spacing that the model was trained on; texts inside are made harmless before they are quoted."""
    return json.dumps(in_strings(value, harmless), ensure_ascii=False)
