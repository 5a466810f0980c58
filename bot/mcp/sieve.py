"""Takes out of a listing what cannot be read of it, so that one tool of a wrong form does not cost all the others.

The SDK reads a listing whole or not at all. So this stands between it and the server, and has it read each tool alone.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self, cast

from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.inbound import find_invalid_x_mcp_header
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCResponse
from mcp_types.methods import parse_server_result
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

WHERE_STEPS, STEP_CHARS = 4, 60  # of where in a definition something is wrong

Reading = MemoryObjectReceiveStream[SessionMessage | Exception]
Streams = tuple[Reading, MemoryObjectSendStream[SessionMessage]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """`said`: what the server said of it, as far as it has a name. `why`: in our own words, to the operator."""

    said: Mapping[str, object]
    why: str

    @property
    def name(self) -> str:
        return str(self.said["name"])


class Sieve:
    """Of one connection. `version`: of the protocol that was agreed on; raises RuntimeError before."""

    def __init__(self, version: Callable[[], str]) -> None:
        self._version = version
        self._found: list[Unreadable] = []

    def taken(self) -> tuple[Unreadable, ...]:
        """What was taken out of listings since this was last asked."""
        found = tuple(self._found)
        self._found.clear()
        return found

    def sift(self, item: SessionMessage | Exception) -> SessionMessage | Exception:
        """The message without the tools that cannot be read. One that is no listing is left as it is."""
        message = item.message if isinstance(item, SessionMessage) else None
        if not isinstance(message, JSONRPCResponse) or not isinstance(message.result.get("tools"), list):
            return item
        try:
            version = self._version()
        except RuntimeError:
            return item
        self._found.clear()  # nobody asked for the listing before
        if _reads(version, message.result):
            return item
        listed, readable = cast("list[object]", message.result["tools"]), list[object]()
        for number, tool in enumerate(listed, 1):
            why = _wrong(version, message.result, tool)
            if why:
                self._found.append(Unreadable(said=_named(tool, number), why=why))
            else:
                readable.append(tool)
        if not self._found:
            return item
        left = message.model_copy(update={"result": {**message.result, "tools": readable}})
        return replace(cast("SessionMessage", item), message=left)


def _reads(version: str, page: Mapping[str, Any]) -> bool:
    if version in MODERN_PROTOCOL_VERSIONS:  # of these the SDK drops some that it can read
        return False
    try:
        parse_server_result("tools/list", version, page)
    except (KeyError, ValueError):
        return False
    return True


def _wrong(version: str, page: Mapping[str, Any], tool: object) -> str:
    """Why the SDK cannot read a page with this tool alone; "" where it can, or where that is not for the tool."""
    try:
        parse_server_result("tools/list", version, {**page, "tools": [tool]})
    except ValidationError as error:
        ours = [each for each in error.errors() if "tools" in each["loc"]]
        if not ours:
            return ""
        steps = [_step(each) for each in ours[0]["loc"] if not isinstance(each, int) and each != "tools"]
        where = ".".join(steps[-WHERE_STEPS:])
        return f"it is not described as the protocol wants it ({where or 'as a whole'}: {_step(ours[0]['msg'])})"
    except (KeyError, ValueError):
        return ""
    if version in MODERN_PROTOCOL_VERSIONS and isinstance(tool, Mapping):
        schema = cast("Mapping[str, object]", tool).get("inputSchema")
        if find_invalid_x_mcp_header(schema) is not None:  # the SDK would drop it
            return "it names headers that it may not have (x-mcp-header)"
    return ""


def _named(tool: object, number: int) -> Mapping[str, object]:
    said = cast("Mapping[str, object]", tool) if isinstance(tool, Mapping) else {}
    name = said.get("name")
    return said if isinstance(name, str) and name else {**said, "name": f"(number {number} of its list)"}


def _step(step: object) -> str:
    return "".join(each if each.isprintable() else " " for each in str(step)[:STEP_CHARS])


class _Sifted:
    """A stream of the SDK, as it wants it."""

    def __init__(self, stream: Reading, sieve: Sieve) -> None:
        self._stream = stream
        self._sieve = sieve

    @property
    def last_context(self) -> object:
        return getattr(self._stream, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        return self._sieve.sift(await self._stream.receive())

    async def aclose(self) -> None:
        await self._stream.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        return self._sieve.sift(await self._stream.__anext__())

    async def __aenter__(self) -> Self:
        await self._stream.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stream.__aexit__(kind, error, trace)


@asynccontextmanager
async def sifted(transport: AbstractAsyncContextManager[Streams], sieve: Sieve) -> AsyncGenerator[Streams]:
    """The same transport, through the sieve."""
    async with transport as (read, write):
        yield cast("Reading", _Sifted(read, sieve)), write
