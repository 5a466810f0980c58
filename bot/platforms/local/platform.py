"""The local chat page as a platform: what works here works on Discord through the same verbs."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from hashlib import sha256

from aiohttp import web

from bot.errors import OperatorError, PortInUse
from bot.languages.phrases import Phrases
from bot.platforms.local.api import Api
from bot.platforms.local.channels import Channels
from bot.platforms.local.events import Events, Status
from bot.platforms.local.examine import examine
from bot.platforms.local.gate import Gate, add_headers, require_safe
from bot.platforms.local.hub import Hub
from bot.platforms.local.keeping import Keeping
from bot.platforms.local.markdown import Markdown
from bot.platforms.local.pages import InLocale, Pages, load_files
from bot.platforms.local.people import PLATFORM, answer_id, slug
from bot.platforms.local.refusal import BODY_BYTES, explaining
from bot.platforms.local.reviews import Reviews
from bot.platforms.local.rights import LocalRights
from bot.platforms.local.uploads import Uploads
from bot.ports import Clock, Hear, Views
from bot.ports.oversight import Oversees
from bot.settings import Limits, Page
from bot.talk.command import Command
from bot.talk.delivery import Delivery, Shown, ShownMessage
from bot.talk.event import CaughtUp
from bot.talk.finding import Finding
from bot.talk.form import NONE, Form
from bot.talk.message import Attachment, Person, Place

SHUTDOWN_SECONDS = 5
STATUS_SECONDS = 3
BACKLOG = 128
Forms = Callable[[Phrases], Mapping[str, Form]]
"""In the language of the phrases, by the part of an action's id before the colon."""
_log = logging.getLogger(__name__)


class LocalPlatform:
    """`bot.ports.Platform` and `bot.ports.Examined`, served by aiohttp.

    `status` tells about the engine (`engine`, `model`, `demo`, `ready`, `note` are what the page shows).
    """

    def __init__(
        self,
        settings: Page,
        *,
        views: Views,
        store: Keeping,
        commands: Sequence[Command],
        phrases: Phrases,
        clock: Clock,
        limits: Limits,
        bot_name: str = "Calanque",
        status: Status | None = None,
        in_locale: InLocale | None = None,
        forms: Forms = lambda _: NONE,
    ) -> None:
        self.started = asyncio.Event()
        """Set while the page can be reached at `url`."""
        self._settings = settings
        self._store = store
        self._commands = commands
        self._in_locale = in_locale
        self._phrases = phrases
        self._clock = clock
        self._limits = limits
        self._bot = Person(platform=PLATFORM, id=slug(bot_name), name=bot_name, bot=True)
        self._status = status
        self._forms = forms(phrases)
        self._oversees: Oversees | None = None
        self._uploads = Uploads(store=store, clock=clock, limits=limits)
        markdown = self._markdown = Markdown()
        self._hub = Hub(clock=clock, markdown=markdown, bot=self._bot)
        self._channels = Channels(views=views, store=store, hub=self._hub, markdown=markdown, bot_name=bot_name)
        self._port = settings.port
        self.rights = LocalRights(views)

    @property
    def name(self) -> str:
        return PLATFORM

    @property
    def url(self) -> str:
        """Where people open the page. With port 0 only right once `started`."""
        host = self._settings.host.strip("[]")
        if host in ("0.0.0.0", "::"):
            host = "127.0.0.1"
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    def oversee(self, oversees: Oversees) -> None:
        """From the next start on the page has a review list."""
        self._oversees = oversees

    async def run(self, hear: Hear) -> None:
        """Serve until cancelled. Raises SettingsError for an open page without a password, PortInUse."""
        require_safe(self._settings)
        await self._channels.open()
        files = await asyncio.to_thread(load_files)
        runner = web.AppRunner(
            self._application(hear, files), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, handle_signals=False
        )
        await runner.setup()
        try:
            await self._bind(runner)
            self.started.set()
            _log.info("The chat page is at %s", self.url)
            await hear(CaughtUp(platform=PLATFORM))  # nobody can write here while we are away
            await self._watch_status()
        finally:
            self.started.clear()
            await runner.cleanup()

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        """Every open window shows the delivery; those that open later read it from the store."""
        if delivery.final and not delivery.text:
            if shown.messages:
                self._hub.withdraw(delivery)
            return Shown()
        now = ShownMessage(id=answer_id(delivery.id), digest=_digest(delivery))
        if shown.messages != (now,):
            self._hub.show(delivery)
        return Shown(messages=(now,))

    async def typing(self, place: Place) -> None:
        self._hub.typing(place)

    def fetch(self, attachment: Attachment) -> AsyncGenerator[bytes]:
        """An upload's bytes. Raises AttachmentUnreadable when it is gone."""
        return self._uploads.fetch(attachment)

    async def examine(self) -> Sequence[Finding]:
        """Whether the page could be served as the settings say."""
        return await examine(self._settings)

    def _application(self, hear: Hear, files: dict[str, tuple[bytes, str]]) -> web.Application:
        gate = Gate(self._settings, clock=self._clock)
        api = Api(
            hear=hear,
            channels=self._channels,
            uploads=self._uploads,
            hub=self._hub,
            commands=self._commands,
            clock=self._clock,
            limits=self._limits,
            bot_name=self._bot.name,
        )
        events = Events(
            hear=hear,
            hub=self._hub,
            gate=gate,
            api=api,
            channels=self._channels,
            clock=self._clock,
            status=self._status,
        )
        pages = Pages(
            files=files,
            gate=gate,
            hub=self._hub,
            bot=self._bot,
            commands=self._commands,
            in_locale=self._in_locale,
            phrases=self._phrases,
            limits=self._limits,
            forms=self._forms,
            reviews=self._oversees is not None,
            status=self._status,
        )
        reviews = Reviews(oversees=self._oversees, who=api.person, markdown=self._markdown, phrases=self._phrases)
        application = web.Application(
            middlewares=[explaining(self._phrases), gate.middleware], client_max_size=BODY_BYTES
        )
        application.on_response_prepare.append(add_headers)
        application.on_shutdown.append(self._say_goodbye)
        application.add_routes(
            [*pages.routes(), *api.routes(), *reviews.routes(), web.get("/api/events", events.serve)]
        )
        return application

    async def _bind(self, runner: web.AppRunner) -> None:
        host, port = self._settings.host.strip("[]"), self._settings.port
        try:
            await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(
                    f"Port {port} is in use by another program: end it, or set PAGE_PORT to another port."
                ) from error
            raise OperatorError(
                f"Cannot listen on {host}:{port} ({error.strerror}): check PAGE_HOST and PAGE_PORT."
            ) from error
        self._port = int(runner.addresses[0][1])

    async def _watch_status(self) -> None:
        """Tell the windows when the engine comes, goes or changes; for ever."""
        before = dict(self._status()) if self._status else {}
        while True:
            await self._clock.sleep(STATUS_SECONDS)
            after = dict(self._status()) if self._status else {}
            if after != before:
                self._hub.status(after)
                before = after

    async def _say_goodbye(self, _: web.Application) -> None:
        self._hub.close()


def _digest(delivery: Delivery) -> str:
    parts = [delivery.text, delivery.lead, delivery.reply_to or "", str(delivery.final), delivery.conversation.key]
    parts += [f"{action.id}\0{action.label}\0{action.danger}" for action in delivery.actions]
    return sha256("\0\0".join(parts).encode(errors="surrogatepass")).hexdigest()
