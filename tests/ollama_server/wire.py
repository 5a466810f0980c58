"""Reads requests as strictly as Ollama does, and more: a field it would ignore is a typing error, so an error here."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from tests.ollama_server.counting import Size, UnreadableImage, measure
from tests.ollama_server.templates import ChatMessage

Json = Mapping[str, object]

_BASE = {"model": "string", "stream": "bool", "keep_alive": "duration", "options": "map"}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "/api/generate": _BASE
    | {"prompt": "string", "suffix": "string", "system": "string", "template": "string", "raw": "bool"}
    | {"images": "array", "format": "any", "think": "any", "truncate": "bool", "shift": "bool", "context": "array"}
    | {"_debug_render_only": "bool"},
    "/api/chat": _BASE
    | {"messages": "array", "tools": "array", "format": "any", "think": "any", "truncate": "bool", "shift": "bool"}
    | {"_debug_render_only": "bool"},
    "/api/show": {"model": "string", "name": "string", "verbose": "bool"},
    "/api/create": {"model": "string", "from": "string", "template": "string", "system": "string", "stream": "bool"}
    | {"parameters": "map", "messages": "array"},
    "/api/delete": {"model": "string", "name": "string"},
    "/api/pull": {"model": "string", "name": "string", "stream": "bool", "insecure": "bool"},
    "/api/embed": _BASE | {"input": "any", "truncate": "bool", "dimensions": "integer"},
}
_INTEGERS = (
    "num_keep seed num_predict top_k repeat_last_n num_ctx num_batch num_gpu main_gpu num_thread draft_num_predict"
)
_FLOATS = "top_p min_p typical_p temperature repeat_penalty presence_penalty frequency_penalty"
OPTIONS: Mapping[str, str] = (
    dict.fromkeys(_INTEGERS.split(), "integer")
    | dict.fromkeys(_FLOATS.split(), "float32")
    | {"stop": "array", "use_mmap": "bool"}
)
LOAD_OPTIONS = ("num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread")
"""Changing one of these loads the model again."""
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3}
_DURATION = re.compile(r"(-?)((?:\d+(?:\.\d+)?(?:h|ms|m|s))+|0)")
FOR_EVER = float("inf")


class Rejected(Exception):
    """The request is answered with this status and error."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


def from_llama(message: str, kind: str = "invalid_request_error", **more: int) -> Rejected:
    """An error of llama.cpp's server as Ollama passes it on: JSON inside the `error` string."""
    inner = {"error": {"code": 400, "message": message, "type": kind, **more}}
    return Rejected(400, json.dumps(inner, separators=(",", ":")))


def read(path: str, raw: bytes) -> Json:
    """The body, its fields checked. Raises Rejected."""
    try:
        body = json.loads(raw)
    except ValueError:
        raise Rejected(400, "missing request body" if not raw else "unexpected EOF") from None
    if not isinstance(body, dict):
        raise Rejected(400, f"json: cannot unmarshal {_kind(body)} into Go value of type api.Request")
    body = cast("Json", body)
    fields = FIELDS[path]
    for name, value in body.items():
        if name not in fields:
            raise Rejected(400, f"the double knows no field {name!r} in {path}")
        if value is not None and not _is(value, fields[name]):
            raise Rejected(
                400, f"json: cannot unmarshal {_kind(value)} into Go struct field .{name} of type {fields[name]}"
            )
    return body


def options(body: Json) -> Json:
    """The options, checked. Raises Rejected."""
    given = cast("Json", body.get("options") or {})
    for name, value in given.items():
        if name not in OPTIONS:
            raise Rejected(400, f"the double knows no option {name!r}")
        if not _is(value, OPTIONS[name]):
            raise Rejected(500, f'option "{name}" must be of type {OPTIONS[name]}')
    return given


def keep_alive(body: Json) -> float:
    """Seconds; five minutes by default. A text without a unit, "-1" too, is refused as Go's parser does."""
    match body.get("keep_alive"):
        case None:
            return 300.0
        case int() | float() as seconds:
            return FOR_EVER if seconds < 0 else float(seconds)
        case str(text):
            parsed = _DURATION.fullmatch(text)
            if parsed is None:
                fault = "missing unit in" if re.fullmatch(r"-?\d+(\.\d+)?", text) else "invalid"
                raise Rejected(400, f'time: {fault} duration "{text}"')
            parts = re.findall(r"(\d+(?:\.\d+)?)(h|ms|m|s)", parsed[2])
            return FOR_EVER if parsed[1] else sum(float(count) * _UNITS[unit] for count, unit in parts)
        case _:
            raise AssertionError("checked by read()")


@dataclass(frozen=True, slots=True)
class Picture:
    data: bytes
    size: Size


def pictures(encoded: object, *, vision: bool) -> tuple[Picture, ...]:
    """Pictures as sent, in base64. Raises Rejected."""
    found: list[Picture] = []
    for entry in cast("list[object]", encoded or []):
        try:
            data = base64.b64decode(str(entry), validate=True)
        except binascii.Error:
            raise Rejected(400, "illegal base64 data at input byte 0") from None
        if not vision:
            raise from_llama("Multimodal data provided, but model does not support multimodal requests.")
        try:
            found.append(Picture(data, measure(data)))
        except UnreadableImage:
            raise from_llama("Failed to load image or audio file") from None
    return tuple(found)


def message(entry: object) -> ChatMessage:
    """One message of /api/chat. Raises Rejected."""
    match entry:
        case {"role": str(role)}:
            fields = cast("Json", entry)
        case _:
            raise Rejected(400, "json: cannot unmarshal message")
    calls: list[tuple[str, Json]] = []
    for call in cast("list[object]", fields.get("tool_calls") or []):
        match call:
            case {"function": {"name": str(name), "arguments": dict(arguments)}}:
                calls.append((name, cast("Json", arguments)))
            case _:
                raise Rejected(400, "json: cannot unmarshal string into Go struct field .arguments of type map")
    images = cast("list[object]", fields.get("images") or [])
    return ChatMessage(role=role, content=str(fields.get("content") or ""), calls=tuple(calls), images=len(images))


def _is(value: object, kind: str) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float32":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "map":
            return isinstance(value, dict)
        case "duration":
            return isinstance(value, int | float | str) and not isinstance(value, bool)
        case _:
            return True


def _kind(value: object) -> str:
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case int() | float():
            return "number"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "null"
