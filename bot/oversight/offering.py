"""What oversight adds to an answer that ends: buttons for votes, and how it counts."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from bot.errors import CalanqueError
from bot.languages.phrases import Phrases
from bot.memory.rules import rules
from bot.oversight.confidence import flags
from bot.ports import Store
from bot.ports.support import KnownChannels
from bot.talk.delivery import Action
from bot.talk.message import Message, PlaceKind
from bot.talk.oversight import NOBODY, Assessed, Overseen, Signals, room_of
from bot.talk.support import SupportChannel

log = logging.getLogger(__name__)

VOTE_UP, VOTE_DOWN = "vote-up", "vote-down"


class Offering:
    """`spoken`: in which language an answer to this message is, as a tag."""

    def __init__(
        self,
        store: Store,
        channels: KnownChannels,
        *,
        spoken: Callable[[Message], Awaitable[str]] | None,
        phrases: Phrases,
    ) -> None:
        self._store = store
        self._channels = channels
        self._spoken = spoken
        self._phrases = phrases

    async def overseen(self, message: Message, turn: str, signals: Signals) -> Overseen:
        """Of a whole answer to this message. An answer is never lost for it: what fails leaves it as it is."""
        if message.only is not None or message.place.kind is PlaceKind.DIRECT:
            return NOBODY
        try:
            return await self._overseen(message, turn, signals)
        except CalanqueError as error:
            log.warning("whether the answer of turn %s is overseen is not known: %s", turn, error)
        except Exception:
            log.exception("whether the answer of turn %s is overseen is not known", turn)
        return NOBODY

    async def _overseen(self, message: Message, turn: str, signals: Signals) -> Overseen:
        place = message.place
        channel, wanted = await self._channels.support_channel(place), await self._store.feedback(place)
        if channel is None and not wanted:
            return NOBODY
        assessed = Assessed(
            room=room_of(place),
            language=await self._language(message, channel),
            flags=flags(signals, grounded=channel is not None and channel.grounded),
        )
        votes = wanted is not False and await self._kept(message)
        return Overseen(actions=self._buttons(turn) if votes else (), assessed=assessed)

    async def _language(self, message: Message, channel: SupportChannel | None) -> str:
        if self._spoken is not None:
            return await self._spoken(message)
        return channel.languages[0] if channel is not None and channel.languages else ""

    async def _kept(self, message: Message) -> bool:
        """Votes hang on an answer that is kept."""
        consent = await self._store.consent(message.author.key)
        return not consent.opted_out and (await rules(self._store, message.place)).keeping

    def _buttons(self, turn: str) -> tuple[Action, ...]:
        return (
            Action(id=f"{VOTE_UP}:{turn}", label=self._phrases.say("vote-up")),
            Action(id=f"{VOTE_DOWN}:{turn}", label=self._phrases.say("vote-down")),
        )
