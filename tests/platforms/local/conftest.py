"""The page on a real socket, and programs that speak to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.platforms.local.doubles import House, build, serving


class Program:
    """A program that uses the API as `docs/api.md` describes."""

    def __init__(self, house: House, session: aiohttp.ClientSession) -> None:
        self.house = house
        self.session = session

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        headers = {"Origin": self.house.url, **options.pop("headers", {})}
        async with self.session.request(method, self.house.url + path, headers=headers, **options) as answer:
            json = answer.content_type == "application/json"
            return answer.status, (await answer.json() if json else await answer.read())

    async def say(self, text: str, *, person: str = "Léa", channel: str = "general", **more: Any) -> tuple[int, Any]:
        body = {"person": person, "text": text, **more}
        return await self.ask("POST", f"/api/channels/{channel}/messages", json=body)

    async def history(self, *, person: str = "Léa", channel: str = "general", **query: Any) -> Any:
        _, found = await self.ask("GET", f"/api/channels/{channel}/messages", params={"person": person, **query})
        return found

    async def upload(self, name: str, data: Any, media_type: str = "image/png") -> tuple[int, Any]:
        headers = {"Content-Type": media_type}
        return await self.ask("POST", "/api/uploads", params={"name": name}, data=data, headers=headers)

    async def listen(self, person: str = "Léa", *, path: str = "/api/events") -> aiohttp.ClientWebSocketResponse:
        """An open window that has been welcomed."""
        socket = await self.session.ws_connect(self.house.url + path, headers={"Origin": self.house.url})
        await socket.send_json({"type": "hello", "person": person})
        welcome = await socket.receive_json(timeout=30)
        assert welcome["type"] == "welcome"
        return socket


async def until(socket: aiohttp.ClientWebSocketResponse, **wanted: Any) -> Any:
    """The next event that has these fields."""
    while True:
        event = await socket.receive_json(timeout=30)
        if all(event.get(key) == value for key, value in wanted.items()):
            return event


async def close_code(socket: aiohttp.ClientWebSocketResponse) -> int:
    """The code in the frame that ends the socket, whatever came before it."""
    while True:
        frame = await socket.receive(timeout=30)
        if frame.type is not aiohttp.WSMsgType.TEXT:
            assert frame.type is aiohttp.WSMsgType.CLOSE
            return int(frame.data)


async def final_answer(socket: aiohttp.ClientWebSocketResponse) -> Any:
    """The final state of the next answer."""
    while True:
        event = await until(socket, type="delivery")
        if event["delivery"]["final"]:
            return event


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving(build()) as served:
        yield served


@pytest.fixture
async def program(house: House) -> AsyncIterator[Program]:
    async with aiohttp.ClientSession() as session:
        yield Program(house, session)
