"""Opens a thread from a message. It has the message's id, so that asking twice finds the same one."""

from __future__ import annotations

import logging

from bot.errors import PlaceGone
from bot.platforms.discord.failures import UNKNOWN_MESSAGE, code_of, translated
from bot.platforms.discord.graphemes import safe_cut
from bot.platforms.discord.read import public_thread
from bot.platforms.discord.wire import Wire
from bot.ports.threads import MessageGone
from bot.talk.message import Message, Place

NAME_UNITS = 100
"""Of a thread's name, as Discord counts: in UTF-16."""
ARCHIVED_AFTER = 4320
"""Minutes without a word, after which Discord archives the thread: three days."""
ALREADY_OPEN = 160004

_log = logging.getLogger(__name__)


async def opened(wire: Wire, message: Message, name: str) -> Place | None:
    """See `Threads.open`."""
    where, called = message.place, named(name)
    try:
        with translated("the opening of a thread"):
            await wire.start_thread_with_message(
                int(where.id), int(message.id), name=called, auto_archive_duration=ARCHIVED_AFTER
            )
    except PlaceGone as error:
        if code_of(error) == UNKNOWN_MESSAGE:  # also where its thread is there already, and outlives it
            raise MessageGone from None
        if code_of(error) != ALREADY_OPEN:
            _log.warning("no thread was opened in channel %s: %s", where.id, error)
            return None
    return public_thread(where, message.id, called)


def named(words: str) -> str:
    """As many of the words as fit, cut between two of them where they have spaces, and never within a character."""
    if _units(words) <= NAME_UNITS:
        return words
    end, room = 0, NAME_UNITS - 1
    for char in words:
        room -= _units(char)
        if room < 0:
            break
        end += 1
    cut = words[: safe_cut(words[:end], words[end])]
    whole = cut if words[len(cut)].isspace() else cut.rpartition(" ")[0]
    return (whole if _units(whole) > NAME_UNITS // 2 else cut).rstrip() + "…"


def _units(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)
