"""One gateway connection: frames in, frames out, and the faults a test may put between."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque

from aiohttp import WSMsgType, web

from tests.discord_server.compression import Compressor
from tests.discord_server.session import Session
from tests.discord_server.things import Json

OUTGOING_FRAMES = 20_000
"""Frames waiting for a slow client; then it is cut off."""


class Connection:
    """A websocket and the queue before it. All sending is from one task, so frames keep their order."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request, compressor: Compressor | None) -> None:
        self.session: Session | None = None
        self.beats = 0
        self.silent = False
        """Nothing is sent any more, though the socket stays open."""
        self.acknowledging = True
        self.closed_with: int | None = None
        self._socket = socket
        self._request = request
        self._compressor = compressor
        self._queue: deque[str] = deque()
        self._close: int | None = None
        self._wake = asyncio.Event()
        self.commands: deque[float] = deque()

    def send(self, op: int, data: object = None) -> None:
        self.send_text(json.dumps({"op": op, "d": data, "s": None, "t": None}, separators=(",", ":")))

    def send_text(self, text: str, *, dispatch: bool = False) -> None:
        if self.silent or self._close is not None:
            return
        if len(self._queue) >= OUTGOING_FRAMES:
            self.abort()
            return
        self._queue.append(text)
        self._wake.set()

    def close(self, code: int) -> None:
        """Close properly after what is queued."""
        if self._close is None:
            self._close = self.closed_with = code
            self._wake.set()

    @property
    def closing(self) -> bool:
        """Whether the writer will close the socket by itself."""
        return self._close is not None

    def abort(self) -> None:
        """Cut the wire without a word (close code 1006 to the client)."""
        self.closed_with = 1006
        if self._request.transport is not None:
            self._request.transport.abort()

    async def write(self) -> None:
        """Send until closed. The only place that writes to the socket."""
        with contextlib.suppress(ConnectionError, RuntimeError):
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._queue:
                    text = self._queue.popleft()
                    if self.silent:
                        continue
                    if self._compressor is None:
                        await self._socket.send_str(text)
                    else:
                        await self._socket.send_bytes(self._compressor.compress(text))
                if self._close is not None:
                    await self._socket.close(code=self._close)
                    return

    async def read(self) -> Json | None:
        """The next payload; None at the end. Raises ValueError for something that is not JSON."""
        message = await self._socket.receive()
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            text: str | bytes = message.data
            if len(text) > 4096:
                raise ValueError("longer than 4096 bytes")
            payload: object = json.loads(text)
            if not isinstance(payload, dict):
                raise ValueError("not an object")
            return payload
        return None

    @property
    def client_code(self) -> int | None:
        """With what the client closed."""
        return self._socket.close_code
