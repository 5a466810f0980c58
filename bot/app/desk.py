"""What tools can use, made for each question: every service acts for one asker and one audience."""

from __future__ import annotations

from collections.abc import Mapping

from bot.ports.rights import Rights
from bot.ports.services import Services
from bot.ports.web import Web, WebSearch
from bot.talk.message import Message


class Desk:
    """`rights`: who may read what, by platform. `web` and `web_search` are the same for everybody."""

    def __init__(
        self, *, rights: Mapping[str, Rights], web: Web | None = None, web_search: WebSearch | None = None
    ) -> None:
        self._rights = rights
        self._web = web
        self._web_search = web_search

    @property
    def names(self) -> frozenset[str]:
        """The services that this house has, as a tool's `needs` names them."""
        return Services(web=self._web, web_search=self._web_search).names

    def services(self, message: Message) -> Services:
        """For whoever asks, and everyone who can read the answer."""
        return Services(web=self._web, web_search=self._web_search)
