"""`/healthz`, `/readyz` and `/metrics` over HTTP, for whatever watches over the program.

`/healthz` answers 200 as long as the loop turns: who gets no answer restarts the program. `/readyz` answers 200 only
while it can do its work, else 503, with each check, since when it stands so, and what to do. What people write is never
told here, and secrets are taken out like from the log.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from ipaddress import ip_address

from aiohttp import web

from bot.errors import OperatorError, PortInUse, SettingsError
from bot.operate.checks import Readiness, Standing, ready
from bot.settings import Health, Switch

_log = logging.getLogger(__name__)

CONNECTIONS = 32
"""At a time; what comes after is closed at once."""

CONNECTION_SECONDS = 30.0
"""After so long a connection is closed, whatever it is at: every answer ends its connection anyway."""

REQUESTS = 8
"""Answered at a time; what comes after is told to come again."""

LOOK_SECONDS = 3.0
"""How long an answer waits for checks that take a while, at most."""

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Server": "Calanque"}

_METHODS = ("GET", "HEAD")
_OWN = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]/@\\\s]+)(:\d{1,5})?")

Page = tuple[int, str, bytes]
"""Status, content type, body."""


def require_safe(settings: Health) -> None:
    """Raises SettingsError where it would be open to a network without anybody having said so twice."""
    if not is_loopback(settings.host) and not settings.allowed_hosts.strip():
        raise SettingsError(
            f"HEALTH_HOST={settings.host} shows how the bot is to the network: if that is meant, set "
            "HEALTH_ALLOWED_HOSTS to the names that it is called by (or * for any); else use 127.0.0.1."
        )


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def address(host: str, port: int) -> str:
    """How it is called on this machine."""
    bare = host.strip("[]")
    if bare in ("0.0.0.0", "::"):
        bare = "127.0.0.1"
    return f"http://[{bare}]:{port}" if ":" in bare else f"http://{bare}:{port}"


class HealthPages:
    """What is answered. `metrics`: the text for Prometheus; `redact`: takes secrets out of a sentence."""

    def __init__(
        self,
        readiness: Readiness,
        *,
        metrics: Callable[[], Awaitable[tuple[str, bytes]]],
        facts: Callable[[], Mapping[str, object]],
        redact: Callable[[str], str],
    ) -> None:
        self._readiness = readiness
        self._metrics = metrics
        self._facts = facts
        self._redact = redact
        self.by_path: Mapping[str, Callable[[], Awaitable[Page]]] = {
            "/healthz": self._healthz,
            "/readyz": self._readyz,
            "/metrics": self._counted,
        }

    async def _healthz(self) -> Page:
        return _json(200, {"alive": True, **self._facts()})

    async def _readyz(self) -> Page:
        standing = await self._readiness.look(seconds=LOOK_SECONDS)
        told = {"ready": ready(standing), "checks": {each.name: self._told(each) for each in standing}}
        return _json(200 if ready(standing) else 503, told)

    async def _counted(self) -> Page:
        await self._readiness.look(seconds=LOOK_SECONDS)
        content_type, text = await self._metrics()
        return 200, content_type, text

    def _told(self, standing: Standing) -> Mapping[str, object]:
        verdict = standing.verdict
        return {
            "well": verdict.well,
            "since": standing.since.isoformat(timespec="seconds"),
            "found": self._redact(verdict.found),
            "do": self._redact(verdict.mend),
        }


class HealthServer:
    """Serves the pages. `port`: where, once `serving` was entered; 0 while nothing is served."""

    def __init__(self, settings: Health, pages: HealthPages) -> None:
        self._settings = settings
        self._pages = pages.by_path
        more = (name.strip().lower() for name in settings.allowed_hosts.split(","))
        host = settings.host.strip("[]").lower()
        self._names = {*_OWN, f"[{host}]" if ":" in host else host, *filter(None, more)}
        self._at_work = 0
        self.port = 0

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[None]:
        """Raises SettingsError; and PortInUse or OperatorError, of which `auto` only warns."""
        require_safe(self._settings)
        runner = web.ServerRunner(web.Server(self._handle, access_log=None), handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        try:
            server = await self._bound(runner)
            try:
                yield
            finally:
                if server is not None:
                    server.close()
                    self.port = 0
        finally:
            await runner.cleanup()

    async def _bound(self, runner: web.ServerRunner) -> asyncio.Server | None:
        host, port = self._settings.host.strip("[]"), self._settings.port
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(lambda: _connection(runner, loop), host, port, backlog=CONNECTIONS)
        except OSError as error:
            refused = self._refused(error)
            if self._settings.enabled is not Switch.AUTO:
                raise refused from error
            _log.warning(
                "There is no /healthz, /readyz and /metrics (HEALTH_ENABLED=off: none are wanted). %s", refused
            )
            return None
        self.port = int(server.sockets[0].getsockname()[1])
        _log.info("How the program is: %s/readyz", address(host, self.port))
        return server

    def _refused(self, error: OSError) -> OperatorError:
        host, port = self._settings.host, self._settings.port
        if error.errno == errno.EADDRINUSE:
            return PortInUse(f"Port {port} is in use by another program: end it, or set HEALTH_PORT to another port.")
        return OperatorError(f"Cannot listen on {host}:{port} ({error.strerror}): check HEALTH_HOST and HEALTH_PORT.")

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        status, content_type, body = await self._page(request)
        response = web.Response(status=status, body=body, headers={**HEADERS, "Content-Type": content_type})
        if status == 405:
            response.headers["Allow"] = ", ".join(_METHODS)
        if status == 429:
            response.headers["Retry-After"] = "1"
        response.force_close()
        return response

    async def _page(self, request: web.BaseRequest) -> Page:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        self._at_work += 1
        try:
            return await self._pages[request.path]()
        except Exception:
            _log.exception("what was asked of %s could not be told", request.path)
            return _json(500, {"error": "A defect; the log says more."})
        finally:
            self._at_work -= 1

    def _refusal(self, request: web.BaseRequest) -> Page | None:
        if not self._is_ours(request):
            return _json(421, {"error": "This is not a name that the program is called by; see HEALTH_ALLOWED_HOSTS."})
        if request.path not in self._pages:
            return _json(404, {"error": f"There are {', '.join(self._pages)}."})
        if request.method not in _METHODS:
            return _json(405, {"error": "Only GET and HEAD."})
        if request.can_read_body:
            return _json(400, {"error": "A request here has no body."})
        if self._at_work >= REQUESTS:
            return _json(429, {"error": "Too many ask at a time; ask again in a moment."})
        return None

    def _is_ours(self, request: web.BaseRequest) -> bool:
        """A web site that points its own name at this machine does not get to read what stands here."""
        named = request.headers.getall("Host", [])
        found = _HOST.fullmatch(named[0]) if len(named) == 1 else None
        return found is not None and ("*" in self._names or found[1].lower().rstrip(".") in self._names)


def _connection(runner: web.ServerRunner, loop: asyncio.AbstractEventLoop) -> asyncio.Protocol:
    """A connection of its own for each that comes, while there are not too many."""
    server = runner.server
    if server is None or len(server.connections) >= CONNECTIONS:
        return _Closed()
    connection = server()
    loop.call_later(CONNECTION_SECONDS, connection.force_close)
    return connection


class _Closed(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def _json(status: int, told: Mapping[str, object]) -> Page:
    return status, "application/json; charset=utf-8", json.dumps(told, ensure_ascii=False).encode() + b"\n"
