"""What Ollama's Go templates make of a chat: the library's for Mistral Small 3.1, and one with its flaws mended.

Checked against recorded `_debug_render_only` answers. The double does not run Go templates: it knows the library's by
its text and renders every other one as the derived one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

LIBRARY = """{{- range $index, $_ := .Messages }}
{{- if eq .Role "system" }}[SYSTEM_PROMPT]{{ .Content }}[/SYSTEM_PROMPT]
{{- else if eq .Role "user" }}
{{- if and (le (len (slice $.Messages $index)) 2) $.Tools }}[AVAILABLE_TOOLS]{{ $.Tools }}[/AVAILABLE_TOOLS]
{{- end }}[INST]{{ .Content }}[/INST]
{{- else if eq .Role "assistant" }}
{{- if .Content }}{{ .Content }}
{{- if not (eq (len (slice $.Messages $index)) 1) }}</s>
{{- end }}
{{- else if .ToolCalls }}[TOOL_CALLS][
{{- range .ToolCalls }}{"name": "{{ .Function.Name }}", "arguments": {{ .Function.Arguments }}}
{{- end }}]</s>
{{- end }}
{{- else if eq .Role "tool" }}[TOOL_RESULTS]{"content": {{ .Content }}}[/TOOL_RESULTS]
{{- end }}
{{- end }}"""
"""As /api/show gives it for the library's model."""

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    role: str
    content: str = ""
    calls: tuple[tuple[str, Json], ...] = ()
    images: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """Messages as the templates see them: neighbours of one role joined, pictures as tags."""

    messages: tuple[ChatMessage, ...]
    tools: tuple[Json, ...] = ()


def collate(messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    """Join neighbours of one role with a blank line, and write pictures as `[img-N]` in front of their message."""
    joined: list[ChatMessage] = []
    images = 0
    for message in messages:
        tags = "".join(f"[img-{images + n}]" for n in range(message.images))
        images += message.images
        tagged = replace(message, content=tags + message.content)
        if joined and joined[-1].role == tagged.role and tagged.role != "tool":
            last = joined[-1]
            joined[-1] = replace(last, content=f"{last.content}\n\n{tagged.content}", calls=last.calls + tagged.calls)
        else:
            joined.append(tagged)
    return tuple(joined)


def render(template: str, chat: Chat) -> str:
    """The prompt, less the BOS."""
    return _library(chat) if template == LIBRARY else _derived(chat)


def _library(chat: Chat) -> str:
    out: list[str] = []
    count = len(chat.messages)
    for index, message in enumerate(chat.messages):
        match message.role:
            case "system":
                out.append(f"[SYSTEM_PROMPT]{message.content}[/SYSTEM_PROMPT]")
            case "user":
                if chat.tools and count - index <= 2:
                    out.append(_offered(chat.tools))
                out.append(f"[INST]{message.content}[/INST]")
            case "assistant" if message.content:
                out.append(message.content + ("</s>" if index < count - 1 else ""))
            case "assistant" if message.calls:
                out.append("[TOOL_CALLS][" + "".join(map(_called, message.calls)) + "]</s>")
            case "tool":
                out.append(f'[TOOL_RESULTS]{{"content": {message.content}}}[/TOOL_RESULTS]')
            case _:
                pass
    return "".join(out)


def _derived(chat: Chat) -> str:
    out: list[str] = []
    for index, message in enumerate(chat.messages):
        match message.role:
            case "system":
                out.append(f"[SYSTEM_PROMPT]{message.content}[/SYSTEM_PROMPT]")
                if index == 0 and chat.tools:
                    out.append(_offered(chat.tools))
            case "user":
                out.append(f"[INST]{message.content}[/INST]")
            case "assistant":
                out.append(message.content)
                if message.calls:
                    out.append("[TOOL_CALLS][" + ", ".join(map(_called, message.calls)) + "]")
                if index < len(chat.messages) - 1:
                    out.append("</s>")
            case "tool":
                out.append(f'[TOOL_RESULTS]{{"content": {message.content}}}[/TOOL_RESULTS]')
            case _:
                pass
    return "".join(out)


def _offered(tools: Sequence[Json]) -> str:
    return f"[AVAILABLE_TOOLS]{go_json([_in_order(tool) for tool in tools])}[/AVAILABLE_TOOLS]"


def _called(call: tuple[str, Json]) -> str:
    return f'{{"name": "{call[0]}", "arguments": {go_json(call[1])}}}'


_ORDER = {
    "tool": ("type", "items", "function"),
    "function": ("name", "description", "parameters"),
    "parameters": ("type", "$defs", "items", "required", "properties"),
    "property": ("anyOf", "type", "items", "description", "enum", "properties"),
}


def _in_order(tool: object, kind: str = "tool") -> object:
    """Fields in the order of Ollama's Go structs; what they do not know is dropped."""
    if not isinstance(tool, Mapping):
        return tool
    given = cast("Json", tool)
    ordered: dict[str, object] = {}
    for name in _ORDER[kind]:
        if name not in given:
            continue
        value = given[name]
        match name:
            case "function" | "parameters":
                ordered[name] = _in_order(value, name)
            case "properties" if isinstance(value, Mapping):
                parts = cast("Json", value)
                ordered[name] = {key: _in_order(part, "property") for key, part in parts.items()}
            case _:
                ordered[name] = value
    return ordered


def go_json(value: object) -> str:
    """JSON as Go writes it: compact, with `<`, `>` and `&` escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
