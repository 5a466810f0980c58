"""What tools can use: each of these acts for one asker and one audience, and gives nothing that they may not have.

A tool gets them in its `CallContext` and needs not know who asks; so not even a wrong tool shows what it must not. A
service that a house does not have is None, and tools that need it are not offered.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from bot.ports.glossary import Glossary
from bot.ports.history import History
from bot.ports.human import Human
from bot.ports.knowledge import Knowledge
from bot.ports.polls import Polls
from bot.ports.recap import Recap
from bot.ports.reminders import Reminders
from bot.ports.seen import Seen
from bot.ports.web import Web, WebSearch


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    history: History | None = None
    seen: Seen | None = None
    knowledge: Knowledge | None = None
    glossary: Glossary | None = None
    web: Web | None = None
    web_search: WebSearch | None = None
    reminders: Reminders | None = None
    polls: Polls | None = None
    recap: Recap | None = None
    human: Human | None = None

    @property
    def names(self) -> frozenset[str]:
        """Those that there are, as a tool's `needs` names them."""
        return frozenset(each.name for each in fields(self) if getattr(self, each.name) is not None)


NONE = Services()
