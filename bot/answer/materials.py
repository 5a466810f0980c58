"""What every turn is made with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.agent.toolbox import Toolbox
from bot.lanes.engines import Engines
from bot.languages.phrases import Phrases
from bot.languages.speaking import Speaks
from bot.memory.preparations import Preparations
from bot.ports import Clock, Counters, Store
from bot.ports.services import NONE, Services
from bot.ports.support import Helps, NoHelp
from bot.settings import Settings
from bot.talk.approval import Asking
from bot.talk.delivery import Action
from bot.talk.document import Reading
from bot.talk.message import Conversation, Message
from bot.talk.oversight import NOBODY, Overseen, Signals
from bot.talk.prompt import Engine
from bot.talk.redaction import Redaction
from bot.talk.turn import Call, Instructions


class ReadsAttachments(Protocol):
    async def read(self, message: Message, *, vision: bool) -> Reading: ...


class Asks(Protocol):
    """What a turn (by id) asks people for because of these calls, under this answer, in the language of `phrases`."""

    def __call__(
        self, message: Message, turn: str, calls: Sequence[Call], answer: str, *, phrases: Phrases
    ) -> Asking: ...


class Offers(Protocol):
    """The buttons under the answer of a turn (by id)."""

    def __call__(self, message: Message, turn: str, *, phrases: Phrases) -> tuple[Action, ...]: ...


async def _always(_message: Message) -> bool:
    return True


def _asks_nothing(message: Message, turn: str, calls: Sequence[Call], answer: str, *, phrases: Phrases) -> Asking:
    return Asking()


def _offers_nothing(message: Message, turn: str, *, phrases: Phrases) -> tuple[Action, ...]:
    return ()


async def _by_nobody(_message: Message, _turn: str, _signals: Signals) -> Overseen:
    return NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """What every turn is made with.

    `touched` is told of every conversation in which a turn was closed. `services`: what tools can use for whoever asks.
    `audience`: who can read what is answered there, as `Rights.audience`; `reads`: whether whoever is answered alone
    can read the place that they asked in, as of now.
    `redact` takes secrets out of a text. `speaks`: in which language to answer; None: the model sees for itself.
    `privately`: the button for a private answer. `overseen`: what is added to a whole answer of a turn (by id), and how
    it counts. `helps`: support channels.
    """

    store: Store
    engines: Engines
    reader: ReadsAttachments
    toolbox: Toolbox
    instructions: Callable[[Engine, Conversation], Instructions]
    settings: Settings
    phrases: Phrases
    clock: Clock
    counters: Counters
    preparations: Preparations = field(default_factory=Preparations)
    touched: Callable[[Conversation], None] = lambda _: None
    services: Callable[[Message], Services] = lambda _: NONE
    audience: Callable[[Conversation], str] = lambda _: ""
    reads: Callable[[Message], Awaitable[bool]] = _always
    asks: Asks = _asks_nothing
    privately: Offers = _offers_nothing
    overseen: Callable[[Message, str, Signals], Awaitable[Overseen]] = _by_nobody
    redact: Redaction = field(default_factory=Redaction)
    speaks: Speaks | None = None
    helps: Helps = field(default_factory=NoHelp)
