"""Tool calls as /api/chat makes them of the reply's text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from tests.ollama_server.engine import TOOL_CALLS
from tests.ollama_server.script import Reply
from tests.ollama_server.wire import Json


class ChatShape:
    """A piece of reply text as a line of /api/chat."""

    def __init__(self, tools: Sequence[Json]) -> None:
        self.offered = {str(cast("Json", tool["function"])["name"]) for tool in tools}

    def __call__(self, text: str) -> dict[str, object]:
        return {"message": {"role": "assistant", "content": text}}


class Held:
    """Where tools were offered, /api/chat holds back what comes after `[TOOL_CALLS]` and parses it.

    A call to a tool that was not offered ends as nothing at all (recording 60).
    """

    def __init__(self, shape: Callable[[str], Mapping[str, object]], reply: Reply) -> None:
        self._shape = shape
        parses = isinstance(shape, ChatShape) and bool(shape.offered) and not reply.literal
        self._prose = len(reply.text.split(TOOL_CALLS)[0]) if parses and TOOL_CALLS in reply.text else None
        self._seen = 0
        self._calls = ""

    def take(self, word: str) -> list[Mapping[str, object]]:
        self._seen += len(word)
        if self._prose is not None and self._seen > self._prose:
            self._calls += word
            return []
        return [self._shape(word)] if word else []

    def rest(self) -> list[Mapping[str, object]]:
        if not self._calls or not isinstance(self._shape, ChatShape):
            return []
        lines: list[Mapping[str, object]] = []
        for index, call in enumerate(cast("list[Json]", json.loads(self._calls))):
            if call["name"] in self._shape.offered:
                function = {"index": index, "name": call["name"], "arguments": call["arguments"]}
                made: Json = {"role": "assistant", "content": ""}
                made = {**made, "tool_calls": [{"id": f"call_{index:08d}", "function": function}]}
                lines.append({"message": made})
        return lines
