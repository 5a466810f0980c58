"""Ollama's HTTP API as requests with limits, whose failures are errors of ours.

Plain httpx rather than the `ollama` client: that one cannot say `truncate: false`, waits for ever, leaves streams open,
and reads the environment behind the settings' back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from typing import cast

import httpx

from bot.errors import EngineBroke, EngineRefused, EngineStalled, EngineUnreachable, SettingsError
from bot.inference.gulps import GulpTransport
from bot.inference.ollama_wire import complaint
from bot.settings import EngineSettings

ASK_SECONDS = 15.0
"""Longest wait for an answer that needs no model."""

ANSWER_BYTES = 16 * 2**20
"""Largest whole answer that is read; `/api/show` carries the model's licence and template."""

COMPLAINT_BYTES = 64 * 2**10
LINE_BYTES = 2**20
"""Longest line of a stream."""


class OllamaHttp:
    """One Ollama daemon. Raises BackendErrors only, and SettingsError for an address that is none."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        try:
            address = httpx.URL(settings.url)
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
            return await _read(response, seconds, ANSWER_BYTES)

    async def lines(
        self, path: str, body: bytes, *, first_seconds: float, stall_seconds: float
    ) -> AsyncGenerator[bytes]:
        """The lines of a stream. The first may take `first_seconds`, every other `stall_seconds`."""
        limit = first_seconds
        held = b""
        async with self._responding(path, body, first_seconds) as response, aclosing(_blocks(response)) as blocks:
            while (block := await _next(blocks, limit)) is not None:
                # httpx's own lines would also break at U+0085 and the like, which JSON may hold
                *lines, held = (held + block).split(b"\n")
                for line in filter(bytes.strip, lines):
                    yield line
                    limit = stall_seconds
                if len(held) > LINE_BYTES:
                    raise EngineBroke(f"Ollama sent a line of more than {LINE_BYTES} bytes")
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
            raise EngineUnreachable(f"Ollama does not answer at {self._settings.url}; is it running?") from error
        except TimeoutError as error:
            raise EngineStalled(f"Ollama did not begin to answer within {seconds:g} s") from error
        except httpx.HTTPError as error:
            raise EngineBroke(f"the connection to Ollama broke ({type(error).__name__})") from error
        try:
            if response.status_code != 200:
                said = await _read(response, seconds, COMPLAINT_BYTES)
                raise complaint(response.status_code, said, self._settings.model)
            yield response
        finally:
            await response.aclose()


def _blocks(response: httpx.Response) -> AsyncGenerator[bytes]:
    return cast("AsyncGenerator[bytes]", response.aiter_raw())  # httpx calls its generators iterators


async def _read(response: httpx.Response, seconds: float, limit: int) -> bytes:
    whole = bytearray()
    async with aclosing(_blocks(response)) as blocks:
        while (block := await _next(blocks, seconds)) is not None:
            whole += block
            if len(whole) > limit:
                raise EngineRefused(f"an answer of more than {limit} bytes: is ENGINE_URL the address of Ollama?")
    return bytes(whole)


async def _next(blocks: AsyncGenerator[bytes], seconds: float) -> bytes | None:
    try:
        async with asyncio.timeout(seconds):
            return await anext(blocks, None)
    except TimeoutError as error:
        raise EngineStalled(f"Ollama sent nothing for {seconds:g} s") from error
    except httpx.HTTPError as error:
        raise EngineBroke(f"the connection to Ollama broke ({type(error).__name__})") from error
