"""Looks whether a message of ours stands in a channel, where a send may have reached Discord without our knowing."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from discord.http import Route

from bot.errors import PlaceGone, ShownUnknown
from bot.platforms.discord.failures import LACKS_RIGHTS, UNKNOWN_MESSAGE, code_of
from bot.platforms.discord.render import Wanted, custom_ids, poll_of
from bot.platforms.discord.sending import sent
from bot.platforms.discord.times import id_at
from bot.platforms.discord.wire import Wire
from bot.talk.delivery import Delivery
from bot.talk.message import Place

PAGE = 100
PAGES = 50
"""More than so many pages of messages after a question are not read; then it stays unknown."""

MARGIN = timedelta(hours=2)
"""Where nothing but our clock says from when on to look: it may be an hour off, and be set back by one more."""

ALIKE = 40
"""Characters that an earlier revision of a text has in common with a later one."""

_COPY = re.compile(r"-# [^\n]*\]\(<(https://[^<>\s]+)>\)")


class Claims(Protocol):
    """The part of the store that knows which messages of ours show something."""

    async def claimed(self, place: Place | None, message_ids: Collection[str]) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Part `index` of a delivery, as it is wanted now. `known`: the messages of the delivery that are known.

    `replies`: whether the first part is a reply to the question, which stands in this channel. `prefix` marks ids.
    `growing`: it was sent while the text grew, so that it has a button whatever it says. `until`: it was sent before
    that, by Discord's own time; None: at any time.
    """

    wanted: Wanted
    delivery: Delivery
    index: int
    known: Sequence[str]
    since: datetime
    replies: bool
    prefix: str
    growing: bool = False
    until: datetime | None = None

    @property
    def after(self) -> int:
        """What stands no later than the message with this id cannot be it."""
        question = self.delivery.reply_to if self.replies else None
        ids = [each.removeprefix(self.prefix) for each in (*self.known, question or "")]
        return max((int(each) for each in ids if each.isdecimal()), default=id_at(self.since - MARGIN))

    def is_it(self, message: Mapping[str, Any]) -> bool:
        """Whether a message of ours that shows no other delivery is this part in an earlier revision, or this one."""
        late = self.until is not None and int(message["id"]) >= id_at(self.until)
        if late or poll_of(message) != poll_of({"poll": self.wanted.poll}):
            return False
        buttons, own = set(custom_ids(message.get("components") or ())), {each.id for each in self.delivery.actions}
        if not buttons & own and _kinds(buttons) & _kinds(own):
            return False  # the same, but of something else: another reminder, say, that begins alike
        own_original = _original(str(self.wanted.content)) if self.delivery.quiet else None
        if own_original is not None:  # whatever it says by now, and whichever message it replies to
            return self.index == 0 and _original(str(message.get("content", ""))) == own_original
        reference = (message.get("message_reference") or {}).get("message_id")
        if reference is not None:
            return self.index == 0 and self.replies and str(reference) == self.delivery.reply_to
        if self.growing or buttons & own:
            return bool(buttons)
        content, wanted = str(message.get("content", "")).strip(), self.wanted.content.strip()
        return content == wanted or (bool(buttons) and content[:ALIKE] == wanted[:ALIKE])


def _original(content: str) -> str | None:
    """The address of the message of which it is a copy, as the small line above it tells."""
    found = _COPY.match(content)
    return None if found is None else found[1]


def _kinds(buttons: Collection[str]) -> set[str]:
    """What they are for; what follows the colon says of which thing."""
    return {each.partition(":")[0] for each in buttons}


async def read_back(wire: Wire, channel: str, sought: Sought, claims: Claims) -> dict[str, Any] | None:
    """The message; None where it does not stand there, for certain.

    Raises ShownUnknown where the channel may not be read or too much was written in it, PlaceGone, PlatformUnavailable.
    """
    after, seen = sought.after, False
    try:
        for _ in range(PAGES):
            page = await _page(wire, channel, after)
            seen = seen or bool(page)
            found = await _ours(wire, page, sought, claims)
            if found is not None or len(page) < PAGE:
                if not seen:
                    await _require_sight(wire, channel, after)
                return found
            after = int(page[-1]["id"])
    except PlaceGone as error:
        if code_of(error) not in LACKS_RIGHTS:
            raise
        hint = "the bot may not read there (right Read Message History)"
        raise ShownUnknown(hint) from error
    raise ShownUnknown(f"more than {PAGE * PAGES} messages were written there since")


async def _page(wire: Wire, channel: str, after: int) -> list[dict[str, Any]]:
    route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel)
    page = await sent(wire.request(route, params={"after": str(after), "limit": str(PAGE)}), "reading back")
    messages: list[dict[str, Any]] = page if isinstance(page, list) else []
    return sorted(messages, key=lambda each: int(each["id"]))


async def _ours(wire: Wire, page: Sequence[dict[str, Any]], sought: Sought, claims: Claims) -> dict[str, Any] | None:
    mine = {
        sought.prefix + str(each["id"]): each
        for each in page
        if str(each["author"]["id"]) == wire.me and sought.prefix + str(each["id"]) not in sought.known
    }
    mine = {name: each for name, each in mine.items() if sought.is_it(each)}
    if not mine:
        return None
    place = None if sought.prefix else sought.delivery.conversation.place
    claimed = await claims.claimed(place, list(mine))
    return next((each for name, each in mine.items() if claimed.get(name) in (None, sought.delivery.id)), None)


async def _require_sight(wire: Wire, channel: str, after: int) -> None:
    """Discord says that a channel is empty where its history may not be read. Asked for one message it is honest."""
    path = "/channels/{channel_id}/messages/{message_id}"
    try:
        await sent(wire.request(Route("GET", path, channel_id=channel, message_id=after)), "reading back")
    except PlaceGone as error:
        if code_of(error) != UNKNOWN_MESSAGE:
            raise
