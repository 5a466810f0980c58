"""What tools can use, made for each question: every service acts for one asker and one audience."""

from __future__ import annotations

from collections.abc import Mapping

from bot.app.shelf import Shelf
from bot.ports.rights import Rights
from bot.ports.services import Services
from bot.talk.message import Message


class Desk:
    """`rights`: who may read what, by platform."""

    def __init__(self, *, rights: Mapping[str, Rights], shelf: Shelf) -> None:
        self._rights = rights
        self._shelf = shelf

    @property
    def names(self) -> frozenset[str]:
        """The services that this house has, as a tool's `needs` names them."""
        shelf = self._shelf
        there = {"seen": shelf.files, "knowledge": shelf.library, "glossary": shelf.glossary}
        return frozenset(name for name, service in there.items() if service is not None)

    def services(self, message: Message) -> Services:
        """For whoever asks, and everyone who can read the answer."""
        return Services(
            seen=self._shelf.seen(self._rights, message),
            knowledge=self._shelf.knowledge(self._rights, message),
            glossary=self._shelf.glossary,
        )
