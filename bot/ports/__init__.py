"""The seams of the program, as protocols. Edges implement them, verbs call them, `app` joins the two."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from bot.ports.plans import PlanStore
from bot.ports.store import ImageBytes, Store, Views
from bot.talk.delivery import Delivery, Shown
from bot.talk.document import Document, PageRange
from bot.talk.event import Commanded, Event, Pressed
from bot.talk.finding import Finding
from bot.talk.message import Attachment, Place
from bot.talk.plan import Plan, Run
from bot.talk.prompt import Chunk, Engine, Prompt
from bot.talk.response import Response
from bot.talk.turn import Part, Piece

__all__ = [
    "Clock",
    "Counters",
    "Deliveries",
    "Documents",
    "Draft",
    "Examined",
    "Hear",
    "ImageBytes",
    "Inference",
    "OnCommand",
    "OnPress",
    "OnRun",
    "PlanStore",
    "Platform",
    "Store",
    "Views",
]

Hear = Callable[[Event], Awaitable[None]]
"""Takes an event. Returns when it is recorded, not when it is answered. A replay is harmless.

Raises DatabaseUnusable for what was said, edited or deleted and is not written down: it is to be told again by whoever
can. What was said is also tried again by itself, as long as this process lives, and whoever asked has been told.
"""

OnCommand = Callable[[Commanded], Awaitable[Response | None]]
"""Carries out one declared command; what it returns is told privately to whoever used it. None: something else will
answer, by the event's `handle`."""

OnPress = Callable[[Pressed], Awaitable[Response | None]]
"""Carries out the press of a button."""

OnRun = Callable[[Run], Awaitable[Sequence[Delivery | Plan]]]
"""Carries out one planned moment; deliveries that it returns leave, and plans are saved, if the run counts. May be
called again for the same moment, so it changes nothing itself that must not be changed twice. Raises CalanqueError to
be tried again later, as often as plans are; NotYet (`bot.talk.plan`) to be called again, however often."""


class Clock(Protocol):
    """Time, injected."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class Counters(Protocol):
    """Counts what an operator may want to see. Names are `snake_case`, labels have few values.

    Each name is declared in `bot/operate/metrics_table.py`.
    """

    def add(self, name: str, amount: float = 1, /, **labels: str) -> None: ...

    def observe(self, name: str, value: float, /) -> None:
        """One value, in seconds, of which the spread matters and not the sum alone."""
        ...


class Platform(Protocol):
    """Where people talk."""

    @property
    def name(self) -> str:
        """As in `Place.platform`."""
        ...

    async def run(self, hear: Hear) -> None:
        """Serve until cancelled; leave properly then. Raises OperatorError for what an operator must mend."""
        ...

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        """Bring the place to show exactly this delivery, given what stands there of it; returns what stands there now.

        Idempotent: parts that already show the same are not sent again; surplus messages are removed. An empty text
        that is not final shows a sign of waiting. Raises PlatformUnavailable (try again) or PlaceGone (give up).
        """
        ...

    async def typing(self, place: Place) -> None:
        """Show that an answer is being written, for some seconds. Never raises for a platform's refusal."""
        ...

    def fetch(self, attachment: Attachment) -> AsyncGenerator[bytes]:
        """The bytes of an attachment, in blocks. Raises PlatformUnavailable or AttachmentUnreadable when gone."""
        ...


class Inference(Protocol):
    """An engine. Rendering and counting belong to it, because engines differ."""

    async def probe(self) -> Engine:
        """Look at the engine, loading the model if need be. Raises EngineUnreachable, ModelMissing, EngineRefused."""
        ...

    async def render(self, part: Part) -> Piece:
        """One part in the engine's own format, counted. Text of people becomes harmless here. Needs no engine."""
        ...

    def stream(self, prompt: Prompt, *, reply_tokens: int) -> AsyncGenerator[Chunk]:
        """Generate. The last chunk is Finished, or a BackendError is raised. Closing the iterator frees the engine."""
        ...


class Documents(Protocol):
    """Opens attachments, in a process that may die."""

    async def read(self, name: str, media_type: str, data: bytes, *, pages: PageRange | None = None) -> Document:
        """Raises AttachmentTooLarge, AttachmentUnreadable or DocumentWorkerDied. Trusts neither name nor type.

        `pages`: of a file that has pages, only these; none are shown where it has not so many.
        """
        ...


class Examined(Protocol):
    """Something the doctor can look at."""

    async def examine(self) -> Sequence[Finding]:
        """What is found and what to do about each gap. A gap is a finding, never an exception."""
        ...


class Draft(Protocol):
    """The view of a delivery that is still being written. `shown`: what stands on the platform, exact once it ended."""

    @property
    def shown(self) -> Shown: ...

    def show(self, delivery: Delivery) -> None:
        """Bring the place to show this, soon; an earlier wish that was not yet sent is forgotten."""
        ...


class Deliveries(Protocol):
    """The only way out, as the verbs see it."""

    def draft(self, delivery: Delivery, shown: Shown) -> AbstractAsyncContextManager[Draft]:
        """Shows signs of waiting, then whatever the draft is told to show. After it nothing is in flight."""
        ...

    async def post(self, delivery: Delivery) -> None:
        """A delivery that belongs to no turn: written down, then shown; only told where it cannot be written down."""
        ...

    async def tell(self, delivery: Delivery, shown: Shown) -> None:
        """Show it once, now or not at all, whatever the store says. For apologies; never raises CalanqueError."""
        ...

    async def finish(self, delivery: Delivery, shown: Shown) -> None:
        """Show what is final and stored; later, if the platform fails for now."""
        ...

    def break_off(self) -> None:
        """At the very end: views that are being shown are let go, and none is begun any more."""
        ...
