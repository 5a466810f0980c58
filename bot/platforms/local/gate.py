"""Who may come in: the right host name, the right origin, and the password where there is one.

A page on loopback is reachable by every web site that the same browser has open. The Host check stops a site that
points its own name at 127.0.0.1 (DNS rebinding); the Origin check stops one that posts or opens a socket across.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import secrets
from collections import OrderedDict, deque
from hashlib import sha256

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.errors import SettingsError
from bot.platforms.local.refusal import Refused
from bot.ports import Clock
from bot.settings import Page

COOKIE = "calanque_session"
SESSIONS = 100
SESSION_SECONDS = 7 * 24 * 3600
ATTEMPTS = 5
ATTEMPTS_OF_ALL = 60
ATTEMPT_SECONDS = 60
ADDRESSES = 1000

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]/@\\\s]+)(:\d{1,5})?")
_SAFE = ("GET", "HEAD")
_SOCKET = "/api/events"
_OPEN = ("/login", "/api/words", "/api/session")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Server": "Calanque",
}


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def require_safe(settings: Page) -> None:
    """Raises SettingsError where the page would be open to a network without a password."""
    if not is_loopback(settings.host) and settings.password is None:
        raise SettingsError(
            f"PAGE_HOST={settings.host} opens the page to the network: set PAGE_PASSWORD, too, or use 127.0.0.1."
        )


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """A signal for every response: what a browser must not do with this page."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"


class Window:
    """At most `limit` in `seconds`. Not more than that many moments are remembered."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._seconds = seconds
        self._moments: deque[float] = deque(maxlen=limit)

    def wait(self, now: float) -> float:
        """Seconds until one more is allowed; 0 if it is now."""
        while self._moments and now - self._moments[0] >= self._seconds:
            self._moments.popleft()
        if len(self._moments) < (self._moments.maxlen or 0):
            return 0
        return self._seconds - (now - self._moments[0])

    def note(self, now: float) -> None:
        self._moments.append(now)


class Sessions:
    """Who has given the password. In memory: a restart asks again. Only digests of the tokens are kept."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: OrderedDict[str, float] = OrderedDict()

    def open(self) -> str:
        token = secrets.token_urlsafe(32)
        while len(self._ends) >= SESSIONS:
            self._ends.popitem(last=False)
        self._ends[_digest(token)] = self._clock.monotonic() + SESSION_SECONDS
        return token

    def known(self, token: str) -> bool:
        end = self._ends.get(_digest(token))
        return end is not None and self._clock.monotonic() < end

    def close(self, token: str) -> None:
        self._ends.pop(_digest(token), None)


def _digest(token: str) -> str:
    return sha256(token.encode(errors="replace")).hexdigest()


class Gate:
    """The checks that every request passes, and the password."""

    def __init__(self, settings: Page, *, clock: Clock) -> None:
        self._password = None if settings.password is None else settings.password.get_secret_value()
        more = (name.strip().lower() for name in settings.allowed_hosts.split(","))
        bound = f"[{settings.host}]" if ":" in settings.host and "[" not in settings.host else settings.host
        self._hosts = {"localhost", "127.0.0.1", "[::1]", bound.lower(), *filter(None, more)}
        self._sessions = Sessions(clock)
        self._clock = clock
        self._attempts: OrderedDict[str, Window] = OrderedDict()
        self._all_attempts = Window(ATTEMPTS_OF_ALL, ATTEMPT_SECONDS)

    @property
    def locked(self) -> bool:
        return self._password is not None

    def check_host(self, request: web.Request) -> None:
        named = request.headers.getall("Host", [])
        found = _HOST.fullmatch(named[0]) if len(named) == 1 else None
        if found is None or found[1].lower().rstrip(".") not in self._hosts:
            raise Refused(421, "page-wrong-host", host=(named[0] if named else "")[:100])

    def check_origin(self, request: web.Request) -> None:
        """Browsers always say where such a request comes from; other programs have to say the page's address."""
        origins = request.headers.getall("Origin", [])
        host = request.host.lower()
        if len(origins) != 1 or origins[0].lower() not in (f"http://{host}", f"https://{host}"):
            raise Refused(403, "page-wrong-origin")

    def admitted(self, request: web.Request) -> bool:
        return self._password is None or self._sessions.known(request.cookies.get(COOKIE, ""))

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.check_host(request)
        if request.method not in _SAFE or request.path == _SOCKET:
            self.check_origin(request)
        public = request.path in _OPEN or request.path.startswith("/static/")
        if not public and not self.admitted(request):
            if request.path == "/":
                raise web.HTTPSeeOther("/login")
            raise Refused(401, "page-login-needed")
        return await handler(request)

    def log_in(self, request: web.Request, password: str, response: web.Response) -> None:
        """Sets the session's cookie on the response. Raises Refused for a wrong password or too many of them."""
        now = self._clock.monotonic()
        address = request.remote or ""
        window = self._attempts.setdefault(address, Window(ATTEMPTS, ATTEMPT_SECONDS))
        self._attempts.move_to_end(address)
        while len(self._attempts) > ADDRESSES:
            self._attempts.popitem(last=False)
        wait = max(window.wait(now), self._all_attempts.wait(now))
        if wait > 0:
            raise Refused(429, "page-too-many-attempts", seconds=int(wait) + 1)
        if self._password is None or not hmac.compare_digest(_digest(password), _digest(self._password)):
            window.note(now)
            self._all_attempts.note(now)
            raise Refused(403, "page-wrong-password")
        response.set_cookie(
            COOKIE,
            self._sessions.open(),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="Strict",
            secure=request.headers.get("Origin", "").startswith("https:"),
            path="/",
        )

    def session(self, request: web.Request) -> str:
        """What tells one session from another, without being the token itself."""
        return _digest(request.cookies.get(COOKIE, ""))

    def log_out(self, request: web.Request, response: web.Response) -> None:
        self._sessions.close(request.cookies.get(COOKIE, ""))
        response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
