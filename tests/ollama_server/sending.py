"""Puts answers on the wire, and notices when nobody reads them any more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterable, Callable, Mapping, Sequence

from aiohttp import web

from tests.ollama_server.engine import Broke, Request
from tests.ollama_server.script import Mishap, Recorded, Refusal

NDJSON = "application/x-ndjson"
EVENTS = "text/event-stream"


def compact(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Sender:
    """Answers one HTTP request, once. `wrap` makes the JSON of an error, which differs between the two APIs."""

    def __init__(self, http: web.Request, request: Request, wrap: Callable[[int, str], Mapping[str, object]]) -> None:
        self._http = http
        self._request = request
        self._wrap = wrap

    async def whole(self, status: int, value: Mapping[str, object]) -> web.StreamResponse:
        self._request.status = status
        return web.Response(status=status, text=compact(value), content_type="application/json")

    async def error(self, status: int, error: str) -> web.StreamResponse:
        return await self.whole(status, self._wrap(status, error))

    async def empty(self) -> web.StreamResponse:
        self._request.status = 200
        return web.Response(status=200)

    async def step(self, step: Refusal | Recorded) -> web.StreamResponse:
        if isinstance(step, Refusal):
            return await self.error(step.status, step.error)
        return await self.lines(step.lines, status=step.status, content_type=step.content_type)

    async def lines(self, lines: Sequence[str], *, status: int = 200, content_type: str = NDJSON) -> web.StreamResponse:
        response = await self._begin(status, content_type)
        for line in lines:
            await response.write(f"{line}\n".encode())
        await response.write_eof()
        return response

    async def stream(
        self, lines: AsyncIterable[str], request: Request, *, content_type: str = NDJSON, end: str = "\n"
    ) -> web.StreamResponse:
        """Send each line as it comes. The headers leave with the first line, as Ollama sends them."""
        response: web.StreamResponse | None = None
        try:
            async for line in lines:
                response = response or await self._begin(200, content_type)
                await response.write(f"{line}{end}".encode())
                request.streaming.set()
        except Broke as broke:
            if broke.mishap is Mishap.STALL:
                request.streaming.set()
                await asyncio.Event().wait()
            if broke.mishap is Mishap.DROP and self._http.transport is not None:
                self._http.transport.abort()
        response = response or await self._begin(200, content_type)
        await response.write_eof()
        return response

    async def _begin(self, status: int, content_type: str) -> web.StreamResponse:
        self._request.status = status
        response = web.StreamResponse(status=status, headers={"Content-Type": content_type})
        await response.prepare(self._http)
        return response
