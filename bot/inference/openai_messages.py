"""Parts as messages of the OpenAI chat API. A piece's text is the JSON of its messages and, for the head, its tools.

    {"messages": [{"role": "system", "content": "…"}], "tools": [{"type": "function", "function": {…}}]}

Pictures stand in it by their digest and become data addresses when a prompt is sent. The engine's own template writes
the control tokens, and engines read them in what people write, too: so texts are made harmless here.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import cast

from bot.inference.jsons import in_strings, parse
from bot.inference.neutral import harmless as harmless_for_mistral
from bot.talk.prompt import Prompt
from bot.talk.turn import (
    NOTED,
    Call,
    Image,
    Instructions,
    Line,
    Part,
    Question,
    Reply,
    Results,
    Summary,
    ToolSpec,
)

FORMAT = "openai-json/2"
"""Raise the number whenever the same part would be rendered or counted in another way."""

_PICTURE = "sha256:"
_FOREIGN = re.compile(
    r"([<\[])(?=[|｜][^<>\n]{1,48}[|｜]>"  # ChatML, Llama 3, Phi, DeepSeek …
    r"|/?(?:start_of_turn|end_of_turn|start_of_image|tool_call|tool_response|bos|eos|pad|think)>"  # Gemma, Hermes, Qwen
    r"|</?SYS>>|/?SYSTEM\])"
)

Message = dict[str, object]


def harmless(text: str) -> str:
    """Nothing in the text is a control token of a model that is likely to be served; a reader sees what was written."""
    return _FOREIGN.sub(r"\1\\", harmless_for_mistral(text))


def messages(part: Part) -> list[Message]:
    """A part as messages, its texts harmless."""
    match part:
        case Instructions():
            return [{"role": "system", "content": harmless(part.persona)}]
        case Summary():
            told = harmless(part.text)
            return [{"role": "user", "content": told}, {"role": "assistant", "content": NOTED}]
        case Question():
            return [{"role": "user", "content": _content(part.lines)}]
        case Reply():
            message: Message = {"role": "assistant", "content": harmless(part.text)}
            if part.calls:
                message["tool_calls"] = [_call(call) for call in part.calls]
            return [message]
        case Results():
            return [
                {"role": "tool", "tool_call_id": result.call_id, "content": harmless(result.content)}
                for result in part.results
            ]


def text_of(part: Part) -> str:
    """For `Piece.text`."""
    tools = tools_of(part)
    value: dict[str, object] = {"messages": messages(part)}
    if tools:
        value["tools"] = tools
    return json.dumps(value, ensure_ascii=False)


def tools_of(part: Part) -> list[object]:
    """The tools that a part offers, as the API takes them."""
    return [_tool(tool) for tool in part.tools] if isinstance(part, Instructions) else []


def contents(written: Sequence[Message]) -> list[str]:
    """The texts of messages, one for each stretch that stands by itself."""
    texts: list[str] = []
    for message in written:
        match message["content"]:
            case str(text):
                texts.append(text)
            case list():
                blocks = cast("list[Mapping[str, object]]", message["content"])
                texts += [str(block["text"]) for block in blocks if "text" in block]
            case _:
                pass
    return texts


def images_of(part: Part) -> tuple[Image, ...]:
    """The pictures of a part, in their order."""
    return tuple(image for line in part.lines for image in line.images) if isinstance(part, Question) else ()


def assemble(prompt: Prompt, pictures: Mapping[str, bytes]) -> tuple[list[Message], list[object]]:
    """All messages and tools of a prompt, with the pictures in place. `pictures` are bytes by digest."""
    gathered: list[Message] = []
    tools: list[object] = []
    kinds = {image.digest: image.media_type for piece in prompt.pieces for image in piece.images}
    for piece in prompt.pieces:
        value = cast("Mapping[str, list[object]]", json.loads(piece.text))
        gathered += [_with_pictures(cast("Message", message), pictures, kinds) for message in value["messages"]]
        tools += value.get("tools", [])
    return gathered, tools


def _content(lines: Sequence[Line]) -> str | list[object]:
    if not any(line.images for line in lines):
        return "\n".join(harmless(line.text) for line in lines)
    blocks: list[object] = []
    for line in lines:
        blocks.append({"type": "text", "text": harmless(line.text) + "\n"})
        blocks += [{"type": "image_url", "image_url": {"url": _PICTURE + image.digest}} for image in line.images]
    return blocks


def _with_pictures(message: Message, pictures: Mapping[str, bytes], kinds: Mapping[str, str]) -> Message:
    content = message["content"]
    if not isinstance(content, list):
        return message
    blocks: list[object] = []
    for block in cast("list[object]", content):
        match block:
            case {"type": "image_url", "image_url": {"url": str(url)}}:
                digest = url.removeprefix(_PICTURE)
                data = base64.b64encode(pictures[digest]).decode()
                blocks.append({"type": "image_url", "image_url": {"url": f"data:{kinds[digest]};base64,{data}"}})
            case _:
                blocks.append(block)
    return {**message, "content": blocks}


def _tool(tool: ToolSpec) -> object:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": in_strings(function, harmless)}


def _call(call: Call) -> object:
    """Templates read the arguments as an object, and some servers fail on anything else."""
    try:
        value = parse(call.arguments)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        value = {"malformed": call.arguments}
    arguments = json.dumps(in_strings(cast("object", value), harmless), ensure_ascii=False)
    return {"id": call.id, "type": "function", "function": {"name": harmless(call.name), "arguments": arguments}}
