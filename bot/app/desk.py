"""What tools can use, made for each question: every service acts for one asker and one audience."""

from __future__ import annotations

from collections.abc import Mapping

from bot.app.reminding import Reminded
from bot.ports.rights import Rights
from bot.ports.services import Services
from bot.talk.message import Message


class Desk:
    """`rights`: who may read what, by platform. `reminded`: reminders and polls."""

    def __init__(self, *, rights: Mapping[str, Rights], reminded: Reminded) -> None:
        self._rights = rights
        self._reminded = reminded

    @property
    def names(self) -> frozenset[str]:
        """The services that this house has, as a tool's `needs` names them."""
        return frozenset({"reminders", "polls"})

    def services(self, message: Message) -> Services:
        """For whoever asks, and everyone who can read the answer."""
        return Services(reminders=self._reminded.reminders(message), polls=self._reminded.polls(message))
