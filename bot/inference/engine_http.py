"""An engine's HTTP as requests with limits, whose failures are errors of ours; one piece for all engines.

Plain httpx rather than the `ollama` client: that one cannot say `truncate: false`, waits for ever, leaves streams open,
and reads the environment behind the settings' back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import cast

import httpx

from bot.errors import BackendError, EngineBroke, EngineRefused, EngineStalled, EngineUnreachable, SettingsError
from bot.inference.gulps import GulpTransport
from bot.settings import EngineSettings

ASK_SECONDS = 15.0
"""Longest wait for an answer that needs no model."""

ANSWER_BYTES = 16 * 2**20
"""Largest whole answer that is read; Ollama's `/api/show` carries the model's licence and template."""

COMPLAINT_BYTES = 64 * 2**10
LINE_BYTES = 2**20
"""Longest line of a stream."""


class EngineHttp:
    """One server, called `name` in errors. Raises BackendErrors only, and SettingsError for an address that is none.

    `complaint` says what an answer other than 200 means. `slow_lines`: how many lines of a stream may take as long as
    the first; some servers open a stream with an event that carries no token yet, before they have read the prompt.
    """

    def __init__(
        self,
        settings: EngineSettings,
        *,
        name: str,
        complaint: Callable[[int, bytes], BackendError],
        slow_lines: int = 1,
    ) -> None:
        self._settings = settings
        self._name = name
        self._complaint = complaint
        self._slow_lines = slow_lines
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        try:
            address = httpx.URL(settings.url.removesuffix("/v1"))
        except httpx.InvalidURL as error:
            raise SettingsError(f"ENGINE_URL={settings.url} is not an address: {error}") from error
        self._client = httpx.AsyncClient(
            base_url=address,
            # identity: blocks are read as they come, without a layer that decodes them
            headers={"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {key}"} if key else {}),
            transport=GulpTransport(),
            timeout=httpx.Timeout(None, connect=settings.connect_seconds),
            trust_env=False,  # what settings.py does not read does not exist
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    async def ask(self, path: str, body: bytes | None = None, *, seconds: float = ASK_SECONDS) -> bytes:
        """One whole answer. Without a body: GET."""
        async with self._responding(path, body, seconds) as response:
            return await self._read(response, seconds, ANSWER_BYTES)

    async def lines(
        self, path: str, body: bytes, *, first_seconds: float, stall_seconds: float
    ) -> AsyncGenerator[bytes]:
        """The lines of a stream that are not empty. The first may take `first_seconds`, others `stall_seconds`."""
        limit, seen, held = first_seconds, 0, b""
        async with self._responding(path, body, first_seconds) as response, aclosing(_blocks(response)) as blocks:
            while (block := await self._next(blocks, limit)) is not None:
                # httpx's own lines would also break at U+0085 and the like, which JSON may hold
                *lines, held = (held + block).split(b"\n")
                for line in filter(bytes.strip, lines):
                    seen += 1
                    limit = first_seconds if seen < self._slow_lines else stall_seconds
                    yield line
                if len(held) > LINE_BYTES:
                    raise EngineBroke(f"{self._name} sent a line of more than {LINE_BYTES} bytes")
            if held.strip():
                yield held

    @asynccontextmanager
    async def _responding(self, path: str, body: bytes | None, seconds: float) -> AsyncGenerator[httpx.Response]:
        headers = {} if body is None else {"Content-Type": "application/json"}
        request = self._client.build_request("GET" if body is None else "POST", path, content=body, headers=headers)
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise EngineUnreachable(f"{self._name} does not answer at {self._settings.url}; is it running?") from error
        except TimeoutError as error:
            raise EngineStalled(f"{self._name} did not begin to answer within {seconds:g} s") from error
        except httpx.HTTPError as error:
            raise EngineBroke(f"the connection to {self._name} broke ({type(error).__name__})") from error
        try:
            if response.status_code != 200:
                said = await self._read(response, seconds, COMPLAINT_BYTES)
                raise self._complaint(response.status_code, said)
            yield response
        finally:
            await response.aclose()

    async def _read(self, response: httpx.Response, seconds: float, limit: int) -> bytes:
        whole = bytearray()
        async with aclosing(_blocks(response)) as blocks:
            while (block := await self._next(blocks, seconds)) is not None:
                whole += block
                if len(whole) > limit:
                    raise EngineRefused(f"an answer of more than {limit} bytes: is ENGINE_URL right?")
        return bytes(whole)

    async def _next(self, blocks: AsyncGenerator[bytes], seconds: float) -> bytes | None:
        try:
            async with asyncio.timeout(seconds):
                return await anext(blocks, None)
        except TimeoutError as error:
            raise EngineStalled(f"{self._name} sent nothing for {seconds:g} s") from error
        except httpx.HTTPError as error:
            raise EngineBroke(f"the connection to {self._name} broke ({type(error).__name__})") from error


def _blocks(response: httpx.Response) -> AsyncGenerator[bytes]:
    return cast("AsyncGenerator[bytes]", response.aiter_raw())  # httpx calls its generators iterators
