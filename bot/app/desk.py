"""What tools can use, made for each question: every service acts for one asker and one audience."""

from __future__ import annotations

from collections.abc import Mapping

from bot.app.searching import history_for
from bot.ports.history import MessageSearch
from bot.ports.rights import Rights
from bot.ports.services import Services
from bot.talk.message import Conversation, Message


class Desk:
    """`rights`: who may read what, by platform. `messages`: what was said."""

    def __init__(self, *, rights: Mapping[str, Rights], messages: MessageSearch) -> None:
        self._rights = rights
        self._messages = messages

    @property
    def names(self) -> frozenset[str]:
        """The services that this house has, as a tool's `needs` names them."""
        return frozenset({"history"}) if self._rights else frozenset()

    def audience(self, conversation: Conversation) -> str:
        """As `Rights.audience`; "", unknown, on a platform without rights."""
        rights = self._rights.get(conversation.place.platform)
        return "" if rights is None else rights.audience(conversation)

    def services(self, message: Message) -> Services:
        """For whoever asks, and everyone who can read the answer."""
        return Services(history=history_for(self._messages, self._rights, message))
