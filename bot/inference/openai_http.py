"""An OpenAI-compatible server's HTTP as requests with limits, whose failures are errors of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from typing import cast

import httpx

from bot.errors import EngineBroke, EngineRefused, EngineStalled, EngineUnreachable
from bot.inference.gulps import GulpTransport
from bot.inference.openai_wire import complaint
from bot.settings import EngineSettings

ASK_SECONDS = 15.0
"""Longest wait for an answer that needs no model."""

ANSWER_BYTES = 4 * 2**20
"""Largest whole answer that is read."""

COMPLAINT_BYTES = 64 * 2**10
LINE_BYTES = 2**20
"""Longest line of a stream."""


class OpenAIHttp:
    """One server. Raises BackendErrors only. `settings.url` may end with `/v1` or not."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        self._client = httpx.AsyncClient(
            base_url=settings.url.removesuffix("/v1"),
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
        """The lines of a stream that are not empty. The second may take `first_seconds`, too.

        A server may open its stream with an event that carries no token yet, before it has read the prompt.
        """
        limit, seen, held = first_seconds, 0, b""
        async with self._responding(path, body, first_seconds) as response, aclosing(_blocks(response)) as blocks:
            while (block := await _next(blocks, limit)) is not None:
                *lines, held = (held + block).split(b"\n")
                for line in filter(bytes.strip, lines):
                    seen += 1
                    limit = first_seconds if seen == 1 else stall_seconds
                    yield line
                if len(held) > LINE_BYTES:
                    raise EngineBroke(f"the server sent a line of more than {LINE_BYTES} bytes")
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
            raise EngineUnreachable(f"no server answers at {self._settings.url}; is it running?") from error
        except TimeoutError as error:
            raise EngineStalled(f"the server did not begin to answer within {seconds:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise EngineBroke(f"the connection to the server broke ({type(error).__name__})") from error
        try:
            if response.status_code != 200:
                said = await _read(response, seconds, COMPLAINT_BYTES)
                raise complaint(response.status_code, said, self._settings)
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
                raise EngineRefused(f"an answer of more than {limit} bytes: is ENGINE_URL right?")
    return bytes(whole)


async def _next(blocks: AsyncGenerator[bytes], seconds: float) -> bytes | None:
    try:
        async with asyncio.timeout(seconds):
            return await anext(blocks, None)
    except TimeoutError as error:
        raise EngineStalled(f"the server sent nothing for {seconds:g} s") from error
    except httpx.HTTPError as error:
        raise EngineBroke(f"the connection to the server broke ({type(error).__name__})") from error
