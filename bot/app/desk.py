"""What tools can use, made for each question: every service acts for one asker and one audience."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from bot.app.reminding import Reminded
from bot.app.searching import history_for
from bot.app.shelf import Shelf
from bot.ports.history import MessageSearch
from bot.ports.human import Human
from bot.ports.recap import Recap
from bot.ports.rights import Rights
from bot.ports.services import Services
from bot.ports.web import Web, WebSearch
from bot.talk.message import Conversation, Message, Place, PlaceKind


class Desk:
    """`rights`: who may read what, by platform. `messages`: what was said. `reminded`: reminders and polls. `recap`:
    what was missed. `shelf`: files and words of the community. `human`: calls a person. `collections`: labels of the
    knowledge that is searched in a place; none: all of it. `web` and `web_search` are the same for everybody."""

    def __init__(
        self,
        *,
        rights: Mapping[str, Rights],
        messages: MessageSearch,
        reminded: Reminded,
        recap: Callable[[Message], Recap | None],
        shelf: Shelf,
        human: Callable[[Message], Human],
        collections: Callable[[Place], Collection[str]],
        web: Web | None = None,
        web_search: WebSearch | None = None,
    ) -> None:
        self._rights = rights
        self._messages = messages
        self._reminded = reminded
        self._recap = recap
        self._shelf = shelf
        self._human = human
        self._collections = collections
        self._web = web
        self._web_search = web_search

    @property
    def names(self) -> frozenset[str]:
        """The services that this house has, as a tool's `needs` names them."""
        there = {
            "history": self._rights or None,
            "recap": self._rights or None,
            "seen": self._shelf.files,
            "knowledge": self._shelf.library,
            "human": self._human,
            "glossary": self._shelf.glossary,
            "reminders": self._reminded,
            "polls": self._reminded,
            "web": self._web,
            "web_search": self._web_search,
        }
        return frozenset(name for name, service in there.items() if service is not None)

    def audience(self, conversation: Conversation) -> str:
        """As `Rights.audience`; "", unknown, on a platform without rights."""
        rights = self._rights.get(conversation.place.platform)
        return "" if rights is None else rights.audience(conversation)

    async def reads(self, message: Message) -> bool:
        """Whether whoever is answered alone can read the place that they asked in, as of now."""
        if message.only is None or message.place.kind is PlaceKind.DIRECT:
            return True
        rights = self._rights.get(message.place.platform)
        return rights is not None and await rights.may_read(message.author.key, message.place)

    def services(self, message: Message) -> Services:
        """For whoever asks, and everyone who can read the answer."""
        return Services(
            history=history_for(self._messages, self._rights, message),
            reminders=self._reminded.reminders(message),
            polls=self._reminded.polls(message),
            recap=self._recap(message),
            human=self._human(message),
            seen=self._shelf.seen(self._rights, message),
            knowledge=self._shelf.knowledge(self._rights, message, labels=self._collections(message.place)),
            glossary=self._shelf.glossary,
            web=self._web,
            web_search=self._web_search,
        )
