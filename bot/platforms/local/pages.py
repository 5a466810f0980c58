"""The page itself: its files, its words, and the door."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from aiohttp import web

from bot.languages.locales import direction
from bot.languages.phrases import Phrases
from bot.languages.sentences import SENTENCES
from bot.platforms.local.events import Status
from bot.platforms.local.form_wire import FormWire
from bot.platforms.local.gate import Gate
from bot.platforms.local.hub import Hub
from bot.platforms.local.refusal import Refused, read, reply
from bot.platforms.local.spoken import rooted, spoken
from bot.platforms.local.wire import (
    MESSAGE_CHARS,
    NAME_CHARS,
    ArgumentWire,
    CommandWire,
    LimitsWire,
    Login,
    PageWire,
    PersonWire,
    WordsWire,
)
from bot.settings import Limits
from bot.talk.command import Command
from bot.talk.form import Form
from bot.talk.message import Person

STATIC = Path(__file__).parent / "static"
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_PREFIX = "page-"
_ALSO_SAID = ("demo-note",)
_TOO_MANY = "page-too-many-attachments"
"""Its number is known before."""

InLocale = Callable[[str], Sequence[Command]]
"""The commands with their words in a locale."""


def words(phrases: Phrases, *, attachments: int) -> dict[str, str]:
    """Every sentence of the page; what the browser fills in stays as `{name}`. `attachments`: of a message, at most."""
    said = {_TOO_MANY.removeprefix(_PREFIX): phrases.say(_TOO_MANY, limit=attachments)}
    for key, sentence in SENTENCES.items():
        if (key.startswith(_PREFIX) or key in _ALSO_SAID) and sentence.many is None:
            fields = {name for _, name, _, _ in string.Formatter().parse(sentence.text) if name}
            said[key.removeprefix(_PREFIX)] = phrases.say(key, **{name: f"{{{name}}}" for name in fields})
    return said


def load_files() -> dict[str, tuple[bytes, str]]:
    """The files of the page by name, each with its media type. Reads the disk."""
    return {path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in STATIC.iterdir() if path.suffix in _TYPES}


class Pages:
    """Handlers for everything that is not about talk."""

    def __init__(
        self,
        *,
        files: dict[str, tuple[bytes, str]],
        gate: Gate,
        hub: Hub,
        bot: Person,
        commands: Sequence[Command],
        in_locale: InLocale | None,
        phrases: Phrases,
        limits: Limits,
        forms: Mapping[str, Form],
        reviews: bool,
        status: Status | None,
    ) -> None:
        self._files = files
        self._gate = gate
        self._hub = hub
        self._bot = bot
        self._commands = commands
        self._in_locale = in_locale
        self._phrases = phrases
        self._limits = limits
        self._forms = forms
        self._reviews = reviews
        self._status = status

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.index),
            web.get("/login", self.login_page),
            web.get("/static/{name}", self.static),
            web.get("/favicon.ico", self.icon),
            web.get("/api/words", self.words),
            web.get("/api/page", self.page),
            web.post("/api/session", self.log_in),
            web.delete("/api/session", self.log_out),
        ]

    async def index(self, request: web.Request) -> web.Response:
        return await self._html("index.html", request)

    async def login_page(self, request: web.Request) -> web.Response:
        if self._gate.admitted(request):
            raise web.HTTPSeeOther("/")
        return await self._html("login.html", request)

    async def icon(self, request: web.Request) -> web.Response:
        return self._file("icon.svg", request)

    async def static(self, request: web.Request) -> web.Response:
        return self._file(request.match_info["name"], request)

    async def words(self, request: web.Request) -> web.Response:
        phrases = spoken(request, self._phrases)
        said = WordsWire(
            bot=self._bot.name,
            language=phrases.locale,
            direction=direction(phrases.locale),
            words=words(phrases, attachments=self._limits.attachments),
        )
        return reply(said, headers={"Vary": "Accept-Language"})

    async def page(self, request: web.Request) -> web.Response:
        phrases = spoken(request, self._phrases)
        commands = self._commands if self._in_locale is None else self._in_locale(phrases.locale)
        described = PageWire(
            bot=PersonWire.of(self._bot),
            commands=tuple(_described(command, phrases) for command in commands),
            limits=LimitsWire(
                message_chars=MESSAGE_CHARS,
                name_chars=NAME_CHARS,
                attachments=self._limits.attachments,
                attachment_bytes=self._limits.attachment_mib * 1024 * 1024,
            ),
            status=dict(self._status()) if self._status else {},
            password=self._gate.locked,
            forms={name: FormWire.of(form) for name, form in self._forms.items()},
            reviews=self._reviews,
        )
        return reply(described, headers={"Vary": "Accept-Language"})

    async def log_in(self, request: web.Request) -> web.Response:
        password = (await read(request, Login)).password
        response = web.Response(status=204)
        self._gate.log_in(request, password, response)
        return response

    async def log_out(self, request: web.Request) -> web.Response:
        response = web.Response(status=204)
        self._hub.log_out(self._gate.session(request))
        self._gate.log_out(request, response)
        return response

    async def _html(self, name: str, request: web.Request) -> web.Response:
        response = self._file(name, request, rooted_in=spoken(request, self._phrases))
        response.headers["Vary"] = "Accept-Language"
        return response

    def _file(self, name: str, request: web.Request, *, rooted_in: Phrases | None = None) -> web.Response:
        found = self._files.get(name)
        if found is None:
            raise Refused(404, "page-not-found")
        body, media_type = found
        if rooted_in is not None:
            body = rooted(body, rooted_in)
        tag = f'"{sha256(body).hexdigest()[:20]}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        charset = None if media_type == "image/svg+xml" else "utf-8"
        return web.Response(body=body, content_type=media_type, charset=charset, headers=headers)


def _described(command: Command, phrases: Phrases) -> CommandWire:
    return CommandWire(
        name=command.name,
        description=command.description,
        menu=command.menu,
        form=command.form,
        arguments=tuple(
            ArgumentWire(
                name=argument.name,
                description=argument.description,
                choices=argument.choices,
                choice_names=tuple(map(phrases.choice, argument.choices)),
                required=argument.required,
            )
            for argument in command.arguments
        ),
    )
