"""The double itself: a socket on loopback, routes, a record of every request, a door that can be shut."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.ollama_server import counting, openai, wire
from tests.ollama_server.engine import Engine, Loaded, Request
from tests.ollama_server.model import Model
from tests.ollama_server.native import VERSION, Native
from tests.ollama_server.script import Answer, Gate, Step
from tests.ollama_server.sending import Sender
from tests.ollama_server.wire import Rejected

Handler = Callable[[Request, Sender], Awaitable[web.StreamResponse]]
DEFAULT_ANSWER = "All calm in the harbour."
_LARGEST_BODY = 256 * 1024 * 1024


class OllamaServer:
    """See the package's docstring."""

    def __init__(
        self,
        *,
        model: str = "mistral-small3.1",
        models: Sequence[Model] | None = None,
        window: int = 32_768,
        answer: Answer | str = DEFAULT_ANSWER,
        slots: int = 1,
        api_key: str = "",
        port: int = 0,
        token_seconds: float = 0.0,
        version: str = VERSION,
        tokenizes: bool = False,
    ) -> None:
        self._models = [Model(name=model)] if models is None else list(models)
        self._window = window
        self._answer = answer
        self._slots = slots
        self._api_key = api_key
        self._port = port
        self._token_seconds = token_seconds
        self._version = version
        self._tokenizes = tokenizes
        self._runner: web.AppRunner | None = None
        self._asked = asyncio.Condition()
        self._busy: set[asyncio.BaseTransport] = set()
        self._silence: Gate | None = None
        self.requests: list[Request] = []

    async def __aenter__(self) -> Self:
        counting.load()
        self.engine = Engine(self._models, answer=self._answer, slots=self._slots, token_seconds=self._token_seconds)
        self.native = Native(self.engine, version=self._version)
        self._openai = openai.OpenAI(self.engine, window=self._window)
        app = web.Application(client_max_size=_LARGEST_BODY)
        native = self.native
        app.router.add_get("/", _root)
        for path, handler in {
            "/api/version": native.version,
            "/api/tags": native.tags,
            "/api/ps": native.ps,
            "/v1/models": self._openai.models,
        }.items():
            app.router.add_get(path, self._route(path, handler))
        for path, handler in {
            "/api/generate": native.generate,
            "/api/chat": native.chat,
            "/api/embed": native.embed,
            "/api/show": native.show,
            "/api/create": native.create,
            "/api/pull": native.pull,
            "/v1/chat/completions": self._openai.chat,
            **({"/tokenize": self._openai.tokenize} if self._tokenizes else {}),
        }.items():
            app.router.add_post(path, self._route(path, handler))
        app.router.add_delete("/api/delete", self._route("/api/delete", native.delete))
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await self.open_door()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def generations(self) -> list[Request]:
        """Requests that reached the model, in order."""
        return [request for request in self.requests if request.tokens]

    @property
    def loads(self) -> list[Loaded]:
        """Every time a model was loaded, with which load options."""
        return self.engine.loads

    def script(self, *steps: str | Step | Answer) -> None:
        """Queue what the next generations say, one step each; after them `answer` speaks again."""
        self.engine.steps.extend(steps)

    def hold_loading(self) -> Gate:
        """From now on loading a model waits at the returned gate."""
        self.engine.load_gate = Gate()
        return self.engine.load_gate

    def fail_pulls(self, error: str) -> None:
        """From now on pulls end with this error in mid-stream; empty: they work again."""
        self.native.pull_error = error

    def remove(self, name: str) -> None:
        """The model is gone."""
        del self.engine.models[self.engine.find(name).full_name]

    def add(self, model: Model) -> None:
        """The model is there, or there in another form."""
        self.engine.models[model.full_name] = model

    async def asked(self, count: int) -> Request:
        """Wait until `count` requests have come (generations or not); the last of them."""
        async with self._asked:
            await self._asked.wait_for(lambda: len(self.requests) >= count)
        return self.requests[count - 1]

    async def shut_door(self) -> None:
        """New connections are refused, and idle ones closed; what runs goes on."""
        assert self._runner is not None
        assert self._runner.server is not None
        for site in list(self._runner.sites):
            await site.stop()
        for connection in self._runner.server.connections:
            if connection.transport is not None and connection.transport not in self._busy:
                connection.transport.close()
        await asyncio.sleep(0)  # a turn of the loop, in which the sockets close

    async def open_door(self) -> None:
        """Listen (again) on the same port."""
        assert self._runner is not None
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def kill(self) -> None:
        """As if the process were killed: connections are refused and those that are open break, in mid-answer, too.
        `open_door` starts it again, on the same port; nothing is loaded then."""
        assert self._runner is not None
        assert self._runner.server is not None
        await self.shut_door()
        for connection in self._runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        self.engine.unload()

    def go_silent(self) -> Gate:
        """From now on requests are taken and nothing is said, until the returned gate is opened."""
        self._silence = Gate()
        return self._silence

    def _route(self, path: str, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(http: web.Request) -> web.StreamResponse:
            request = Request(path=path, body={})
            transport = http.transport
            assert transport is not None
            self._busy.add(transport)
            send = Sender(http, request, openai.wrap if path.startswith("/v1/") else _native_error)
            try:
                if self._api_key and http.headers.get("Authorization") != f"Bearer {self._api_key}":
                    raise Rejected(401, "Unauthorized")
                raw = await http.read()
                request.whole = time.monotonic()
                request.body = _body(path, raw)
                async with self._asked:
                    self.requests.append(request)
                    self._asked.notify_all()
                if self._silence is not None:
                    await self._silence.pass_one()
                return await handler(request, send)
            except Rejected as rejected:
                return await send.error(rejected.status, rejected.error)
            except (asyncio.CancelledError, ConnectionResetError):
                request.disconnected.set()
                raise
            finally:
                self._busy.discard(transport)
                request.ended.set()

        return handle


def _body(path: str, raw: bytes) -> wire.Json:
    if path in wire.FIELDS:
        return wire.read(path, raw)
    return json.loads(raw) if raw else {}


async def _root(_http: web.Request) -> web.Response:
    return web.Response(text="Ollama is running")


def _native_error(_status: int, error: str) -> Mapping[str, object]:
    return {"error": error}
