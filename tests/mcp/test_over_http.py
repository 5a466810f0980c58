"""Tool servers over HTTP: the SDK's own on loopback, and answers that no server should give."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.mcp import owner
from bot.settings import ToolServer
from tests.mcp.harness import ROOT as FOLDER
from tests.mcp.harness import FakeApproved, joined, tide, until, words

MIB = 1024 * 1024
Answer = Callable[[dict[str, Any]], bytes]


def at(port: int, **more: Any) -> ToolServer:
    url = f"http://127.0.0.1:{port}/mcp"
    return ToolServer.model_validate({"name": "cove", "url": url, "local": True, "headers": {"X-Key": "open"}, **more})


def replied(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    said = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(said).encode() + body


def result(asked: dict[str, Any], **found: Any) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": found}).encode()
    return replied(body, "Content-Type: application/json")


def well(asked: dict[str, Any]) -> bytes:
    """As a server should, of the older kind."""
    match asked.get("method"):
        case "initialize":
            about = {"capabilities": {"tools": {}}, "serverInfo": {"name": "cove", "version": "1"}}
            return result(asked, protocolVersion=asked["params"]["protocolVersion"], **about)
        case "tools/list":
            return result(asked, tools=[tide()])
        case "tools/call":
            return result(asked, content=[{"type": "text", "text": "rising"}])
        case _:
            return replied(b"", status="404 Not Found" if "id" in asked else "202 Accepted")


@asynccontextmanager
async def serving(answer: Answer, seen: list[str] | None = None) -> AsyncGenerator[int]:
    """One answer a connection, on loopback; yields the port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if seen is not None:
            seen.append(head)
        sizes = [line.split(":")[1] for line in head.splitlines() if line.lower().startswith("content-length")]
        body = await reader.readexactly(int(sizes[0])) if sizes else b"{}"
        writer.write(answer(json.loads(body or b"{}")))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def approved() -> FakeApproved:
    found = FakeApproved()
    found.approve("cove", tide())
    return found


async def started(port: int) -> asyncio.subprocess.Process:
    """The SDK's server; nobody reads what it says."""
    command = (sys.executable, "-m", "tests.mcp.sdk_server", str(port))
    nobody = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(*command, stdout=nobody, stderr=nobody, cwd=FOLDER)


async def test_a_server_of_the_official_sdk_over_http_is_spoken_to_and_found_again_after_it_was_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(owner, "LONGEST_PAUSE", 1.0)
    process = await started(port)
    try:
        async with joined(at(port)) as house:
            await house.approve_all("cove")
            assert words(await house.call("cove_tide")) == "Cassis: rising for 1 h"
            assert (await house.call("cove_chart", "{}")).sources
            process.kill()
            await process.wait()
            assert (await house.call("cove_tide", '{"place": "Sormiou"}')).failed
            await until(lambda: not house.servers.up()["cove"])
            assert "cove_tide" in house.offered
            process = await started(port)
            await until(lambda: house.servers.up()["cove"])
            assert not (await house.call("cove_tide", '{"place": "Morgiou"}')).failed
    finally:
        process.kill()
        await process.wait()


async def test_a_tool_of_no_readable_form_costs_none_of_the_others() -> None:
    def one_bad(asked: dict[str, Any]) -> bytes:
        bad = {"name": "chart", "inputSchema": {"type": "object", "properties": 7}}
        return result(asked, tools=[bad, tide()]) if asked.get("method") == "tools/list" else well(asked)

    async with serving(one_bad) as port, joined(at(port)) as house:
        await house.approve_all("cove")
        assert house.offered == ["cove_tide"]
        assert [each.tool for each in house.servers.listed("cove") if each.problem] == ["chart"]


async def test_headers_of_the_operator_are_sent_and_nothing_is_asked_for_packed() -> None:
    seen: list[str] = []
    async with serving(well, seen) as port, joined(at(port), approved=approved()) as house:
        await until(lambda: house.servers.up()["cove"])
        assert words(await house.call("cove_tide")) == "rising"
    assert all("x-key: open" in head.lower() and "accept-encoding: identity" in head.lower() for head in seen)


async def test_a_redirect_to_another_host_is_not_followed() -> None:
    reached: list[str] = []

    def elsewhere(asked: dict[str, Any]) -> bytes:
        if asked.get("method") == "tools/call":
            return replied(b"", f"Location: http://localhost:{trap}/", status="307 Temporary Redirect")
        return well(asked)

    async with (
        serving(well, reached) as trap,
        serving(elsewhere) as port,
        joined(at(port), approved=approved()) as house,
    ):
        await until(lambda: house.servers.up()["cove"])
        assert (await house.call("cove_tide")).failed
    assert reached == []


async def test_answers_that_are_too_large_or_packed_are_failures() -> None:
    async def fails(answer: Answer) -> None:
        def given(asked: dict[str, Any]) -> bytes:
            return answer(asked) if asked.get("method") == "tools/call" else well(asked)

        async with serving(given) as port, joined(at(port), approved=approved()) as house:
            await until(lambda: house.servers.up()["cove"])
            assert (await house.call("cove_tide")).failed

    large = b'{"jsonrpc":"2.0","id":1,"result":"' + b"x" * MIB + b'"}'
    packed = gzip.compress(large)
    await fails(lambda _: replied(large, "Content-Type: application/json"))
    await fails(lambda _: replied(packed, "Content-Type: application/json", "Content-Encoding: gzip"))
    await fails(lambda _: replied(b"data: " + b"x" * MIB + b"\n\n", "Content-Type: text/event-stream"))
    await fails(lambda _: replied(b"\x00\x01", "Content-Type: application/octet-stream"))


async def test_a_server_that_hangs_up_is_told_as_away() -> None:
    async with serving(lambda _: b"") as port, joined(at(port), approved=approved()) as house:
        await until(lambda: "tried" in house.servers.facts()["cove"] or house.count("mcp_restarts_total"))
        assert (await house.call("cove_tide")).failed
