"""In which language our own words stand around an answer."""

from __future__ import annotations

import logging

from bot.answer.materials import Materials
from bot.errors import CalanqueError
from bot.languages.phrases import Phrases
from bot.talk.language import Languages
from bot.talk.message import Message

log = logging.getLogger(__name__)


async def spoken(message: Message, materials: Materials) -> tuple[Phrases, Languages | None]:
    """And what is kept of the languages there, so that it is read once for an answer; None where it was not read."""
    phrases, speaks = materials.phrases, materials.speaks
    if speaks is None:
        return await phrases.heard(message.conversation, message.author), None
    try:
        known = await speaks.known(message)
        return phrases.to(await speaks.tongue(message, known)), known
    except CalanqueError as error:
        log.warning("It could not be found out in which language people are spoken to: %s", error)
        return phrases, None
