"""What tools can use, made for each question: every service acts for one asker and one audience."""

from __future__ import annotations

from collections.abc import Mapping

from bot.app.reminding import Reminded
from bot.app.searching import history_for
from bot.app.shelf import Shelf
from bot.ports.history import MessageSearch
from bot.ports.rights import Rights
from bot.ports.services import Services
from bot.talk.message import Conversation, Message


class Desk:
    """`rights`: who may read what, by platform. `messages`: what was said. `reminded`: reminders and polls."""

    """`rights`: who may read what, by platform. `messages`: what was said. `reminded`: reminders and polls. `shelf`: the
    community's files."""

    def __init__(
        self, *, rights: Mapping[str, Rights], messages: MessageSearch, reminded: Reminded, shelf: Shelf
    ) -> None:
        self._rights = rights
        self._messages = messages
        self._reminded = reminded
        self._shelf = shelf

    @property
    def names(self) -> frozenset[str]:
        """The services that this house has, as a tool's `needs` names them."""
        shelf = self._shelf
        there = {
            "history": self._rights or None,
            "seen": shelf.files,
            "knowledge": shelf.library,
            "glossary": shelf.glossary,
        }
        return frozenset({"reminders", "polls", *(name for name, service in there.items() if service is not None)})

    def audience(self, conversation: Conversation) -> str:
        """As `Rights.audience`; "", unknown, on a platform without rights."""
        rights = self._rights.get(conversation.place.platform)
        return "" if rights is None else rights.audience(conversation)

    def services(self, message: Message) -> Services:
        """For whoever asks, and everyone who can read the answer."""
        return Services(
            history=history_for(self._messages, self._rights, message),
            reminders=self._reminded.reminders(message),
            polls=self._reminded.polls(message),
            seen=self._shelf.seen(self._rights, message),
            knowledge=self._shelf.knowledge(self._rights, message),
            glossary=self._shelf.glossary,
        )
