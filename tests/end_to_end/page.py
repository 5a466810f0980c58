"""A program that uses the page's API, as `docs/api.md` describes it, and listens to what happens there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.end_to_end.harness import WITHIN

Json = Mapping[str, Any]


class Window:
    """One person's window: what they do, and every event that they are told."""

    def __init__(
        self,
        url: str,
        session: aiohttp.ClientSession,
        socket: aiohttp.ClientWebSocketResponse,
        person: str,
        direct: str,
    ) -> None:
        self.url = url
        self.person = person
        self._session = session
        self._socket = socket
        self.direct = direct
        """The id of the person's own conversation with the bot."""

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Json]:
        """The status and the JSON of an answer."""
        headers = {"Origin": self.url, **options.pop("headers", {})}
        async with self._session.request(method, self.url + path, headers=headers, **options) as answer:
            return answer.status, (await answer.json() if answer.content_type == "application/json" else {})

    async def say(self, text: str, *, channel: str = "", attachments: tuple[str, ...] = ()) -> tuple[int, Json]:
        body = {"person": self.person, "text": text, "attachments": attachments}
        return await self.ask("POST", f"/api/channels/{channel or self.direct}/messages", json=body)

    async def upload(self, name: str, data: Any, **headers: str) -> tuple[int, Json]:
        return await self.ask("POST", "/api/uploads", params={"name": name}, data=data, headers=headers)

    async def press(self, action: str) -> None:
        body = {"person": self.person, "action": action}
        assert (await self.ask("POST", f"/api/channels/{self.direct}/actions", json=body))[0] == 202

    async def history(self) -> list[Json]:
        _, found = await self.ask("GET", f"/api/channels/{self.direct}/messages", params={"person": self.person})
        return list(found["lines"])

    async def answered(self, text: str, *, channel: str = "", attachments: tuple[str, ...] = ()) -> Json:
        """Say it and wait for the finished answer."""
        status, sent = await self.say(text, channel=channel, attachments=attachments)
        assert status == 201, sent
        return await self.answer(str(sent["message"]["id"]))

    async def answer(self, message: str) -> Json:
        """The finished answer to a message of this id."""
        return await self.shown(lambda it: it["reply_to"] == message and bool(it["final"]))

    async def shown(self, wanted: Callable[[Json], bool]) -> Json:
        """The next delivery of which this is true."""
        async with asyncio.timeout(WITHIN):
            while True:
                event: Json = await self._socket.receive_json()
                if event["type"] == "delivery" and wanted(event["delivery"]):
                    return event["delivery"]


@asynccontextmanager
async def window(url: str, person: str = "Léa") -> AsyncGenerator[Window]:
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN)) as session,
        session.ws_connect(f"{url}/api/events", headers={"Origin": url}) as socket,
    ):
        await socket.send_json({"type": "hello", "person": person})
        welcome = await socket.receive_json()
        yield Window(url, session, socket, person, str(welcome["direct"]["id"]))
