"""What people of the town do: they ask and wait for the finished answer."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image

from tests.discord_server import Channel, Message, Upload, User
from tests.end_to_end.harness import WITHIN, Town

FINE = "All is well."


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (200, 40, 40)).save(buffer, "PNG")
    return buffer.getvalue()


async def ask(
    place: Town,
    text: str,
    *,
    by: User | None = None,
    channel: Channel | None = None,
    attachments: Sequence[Upload] = (),
    reply_to: Message | None = None,
) -> Message:
    """Somebody (Ana) writes to the bot, in the channel where nothing else is said."""
    words = f"{place.mention} {text}".strip()
    who, where = by or place.ana, channel or place.channel
    return await place.discord.say(where, who, words, attachments=attachments, reply_to=reply_to)


async def answer_to(asked: Message, containing: str = "") -> Message:
    """The finished answer: a reply without a Stop button."""
    await asked.channel.until(lambda it: any(_finished(each, asked, containing) for each in it.bot_messages), WITHIN)
    return next(each for each in asked.channel.bot_messages if _finished(each, asked, containing))


async def growing_answer(asked: Message) -> Message:
    """The answer while its Stop button stands under it."""
    await asked.channel.until(lambda it: any(_grows(each, asked) for each in it.bot_messages), WITHIN)
    return next(each for each in asked.channel.bot_messages if _grows(each, asked))


def answers_to(asked: Message) -> list[Message]:
    """All that stands in the channel as a reply to the question."""
    return [each for each in asked.channel.bot_messages if _replies(each, asked)]


async def next_question_works(place: Town, *, channel: Channel | None = None, by: User | None = None) -> None:
    """Whatever went wrong: the next ordinary question is answered."""
    place.ollama.script(FINE)
    asked = await ask(place, "and otherwise?", channel=channel, by=by)
    assert (await answer_to(asked)).texts[-1] == FINE


async def works_again(place: Town, *held: Message) -> None:
    """What could not be written down when it was asked is answered after all, and so is the next question."""
    place.ollama.script(*[FINE] * (len(held) + 1))
    asked = await ask(place, "and now?")
    for each in (*held, asked):
        assert (await answer_to(each, FINE)).texts[-1] == FINE


def _finished(message: Message, asked: Message, containing: str) -> bool:
    return _replies(message, asked) and not message.buttons and not message.deleted and containing in message.texts[-1]


def _grows(message: Message, asked: Message) -> bool:
    return _replies(message, asked) and bool(message.buttons)


def _replies(message: Message, asked: Message) -> bool:
    return message.referenced is not None and message.referenced.id == asked.id
