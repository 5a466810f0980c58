"""History search for one asker and one audience: rights as of now, excerpts around what was looked for, links."""

from __future__ import annotations

import re
from datetime import datetime

from bot.ports.history import Match, MessageSearch, Said, Searched, Wanted
from bot.ports.rights import Rights
from bot.talk.message import Message, Place
from bot.talk.reach import Reach

MOST = 50
"""Messages in one answer."""
EXCERPT, BEFORE = 300, 80
"""Characters of a message that are shown, and how many of them before what was looked for."""
HERE, ME = "here", "me"
NOT_THERE = "there is no such channel that I may search for you here; leave `where` empty to search all that I may"
"""The same for what is not there and for what may not be read."""

_ID = re.compile(r"(?:<@!?)?(\d{15,20})>?")


class HistorySearch:
    """Implements `bot.ports.history.History`. `asked`: the question, which is never part of what is found."""

    def __init__(self, store: MessageSearch, rights: Rights, asked: Message) -> None:
        self._store = store
        self._rights = rights
        self._asked = asked

    async def search(
        self,
        words: str,
        *,
        where: str = "",
        author: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        older: str = "",
        limit: int,
    ) -> Searched:
        reach = await self._rights.reach(self._asked.author, self._asked.conversation)
        places = self._places(where, reach) if where.strip() else ()
        by = self._key_of(author.strip())
        wanted = Wanted(
            platform=self._asked.place.platform,
            rooms=frozenset(place.room for place in places) if places else reach.here,
            places=frozenset(place.key for place in places),
            words=words,
            author="" if by else author.strip().lstrip("@"),
            by=by,
            since=since,
            until=until,
            older=older,
            but=(self._asked.reply_to or "") if self._asked.made else self._asked.id,
            limit=min(limit, MOST),
        )
        page = await self._store.find(wanted)
        hits = tuple(self._said(each) for each in page.matches if reach.covers(each.message.place))
        return Searched(hits=hits, older=page.older, behind=page.behind, privately=reach.more_alone)

    def _places(self, where: str, reach: Reach) -> tuple[Place, ...]:
        """Those of this name that may be read; raises ValueError where there is none."""
        here = self._asked.place
        meant = [here] if where.strip().casefold() == HERE else self._rights.named(where, here)
        places = tuple(place for place in meant if place.platform == here.platform and reach.covers(place))
        if not places:
            raise ValueError(NOT_THERE)
        return places

    def _key_of(self, author: str) -> str:
        """Of whoever is named by "me", an id or a mention; "" for a name."""
        if author.casefold() == ME:
            return self._asked.author.key
        match = _ID.fullmatch(author)
        return f"{self._asked.place.platform}:{match[1]}" if match else ""

    def _said(self, match: Match) -> Said:
        message = match.message
        files = ", ".join(one.name for one in message.attachments)
        return Said(
            message=message.id,
            place=message.place,
            author=message.author.name,
            author_key=message.author.key,
            text=excerpt(message.text, match.at) or files[:EXCERPT],
            sent_at=message.sent_at,
            link=self._rights.link(message.place, message.id),
        )


def excerpt(text: str, at: int) -> str:
    """On one line: what stands around `at`, with a mark where more stands beside it."""
    begin = 0 if len(text) <= EXCERPT else max(0, min(at - BEFORE, len(text) - EXCERPT))
    shown = " ".join(text[begin : begin + EXCERPT].split())
    return f"{'… ' if begin > 0 else ''}{shown}{' …' if begin + EXCERPT < len(text) else ''}"
