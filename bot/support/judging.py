"""Whether a message asks something, and what a thread says about itself. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from datetime import timedelta

from bot.languages.courtesies import acknowledges
from bot.talk.message import Addressed, Message, QuoteKind
from bot.talk.support import Silence, SupportChannel, Talk, ThreadNow

OPEN = timedelta(minutes=10)
"""So long after somebody has asked in a channel without threads, others who ask nothing are taken for people who
help."""
TALK = timedelta(hours=1)
"""What somebody says there later than this after their last message is a new question."""

_CUSTOM_EMOJI = re.compile(r":[A-Za-z0-9_~]{2,40}:")
_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")
_ADDRESS = re.compile(r"\bhttps?://\S+")
_QUESTION_MARKS = frozenset("?？؟⁇⁈⁉¿՞፧꘏⳺⳻")
_GREEK_MARK = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]\s?[;\u037e](?:\s|$)")


def says_something(message: Message, *, title: str = "") -> bool:
    """Whether there is anything to answer: words, a file, or what is forwarded; not where there are only emoji.
    `title`: of a post that it opens."""
    carried = any(quote.kind is not QuoteKind.REPLIED for quote in message.quotes)
    return bool(message.attachments) or carried or _has_words(message.text) or _has_words(title)


def only_greets(message: Message) -> bool:
    """Whether it is nothing but thanks or a greeting."""
    return acknowledges(message.text) and not message.attachments and not message.quotes


def asks(message: Message) -> bool:
    """Whether it is clear from the message alone that it asks something: by a question mark of any script, or because
    it shows something."""
    text = _ADDRESS.sub(" ", message.text)
    return bool(message.attachments) or not _QUESTION_MARKS.isdisjoint(text) or bool(_GREEK_MARK.search(text))


def helps_another(message: Message) -> bool:
    """Whether it is said to somebody else, as far as that shows: a reply to another, or it begins with a name."""
    if message.addressed is not Addressed.NO:
        return False
    if message.text.lstrip().startswith("@"):
        return True
    return message.reply_to is not None and replied(message) != message.author.key


def replied(message: Message) -> str | None:
    """Who wrote what it replies to, as `Person.key`; None where that is not known."""
    return next((quote.author_key for quote in message.quotes if quote.kind is QuoteKind.REPLIED), None)


def silence_of(now: ThreadNow, channel: SupportChannel, talk: Talk) -> Silence | None:
    """What the thread itself says: that it is closed, solved, or waits for a person. A tag that was there when the bot
    was called back says nothing."""
    if now.closed:
        return Silence.CLOSED
    if (now.tags - talk.overruled) & channel.person_tags:
        return Silence.PERSON
    return Silence.SOLVED if is_solved(now.tags, channel, talk) else None


def is_solved(tags: Set[str], channel: SupportChannel, talk: Talk) -> bool:
    """Whether the tags (ids) of a thread say so, open or closed."""
    tags = tags - talk.overruled
    return bool(tags & channel.solved_tags) and not tags & channel.person_tags


def older(now: ThreadNow | None, channel: SupportChannel) -> bool:
    """Whether the thread was there before the channel was set up."""
    if now is None or now.opened_at is None or channel.since is None:
        return False
    return now.opened_at < channel.since


def _has_words(text: str) -> bool:
    text = _KEYCAP.sub(" ", _CUSTOM_EMOJI.sub(" ", text))
    return any(unicodedata.category(each)[0] in "LN" for each in text)
