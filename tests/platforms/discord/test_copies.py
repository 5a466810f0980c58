"""Copies of messages from linked channels: they ping nobody, and one in doubt is known by its original."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.platforms.discord.commands import arguments_of
from bot.platforms.discord.readback import Sought
from bot.platforms.discord.render import render
from bot.talk.delivery import Delivery
from bot.talk.message import Conversation, Place
from tests.fakes import START

HERE = Place(platform="discord", id="1", guild="9")
LEAD = "translated from: en · [original](<https://discord.com/channels/9/2/{number}>)"
COPY = Delivery(
    id="mirror-discord-5-1",
    conversation=Conversation(place=HERE),
    text="**Ada**\nhello @everyone",
    lead=LEAD.format(number=5),
    reply_to="77",
    quiet=True,
)


def sought(delivery: Delivery = COPY, index: int = 0) -> Sought:
    wanted = render(delivery, waiting="")[index]
    return Sought(wanted=wanted, delivery=delivery, index=index, known=(), since=START, replies=True, prefix="")


def message(content: str, reply_to: str | None = "77") -> dict[str, Any]:
    reference = {} if reply_to is None else {"message_reference": {"message_id": reply_to}}
    return {"id": "100", "content": content, **reference}


def test_a_copy_that_replies_pings_nobody_and_an_answer_pings_who_asked() -> None:
    (wanted,) = render(COPY, waiting="")
    body = wanted.first(COPY, "1", 0, 0)
    assert body["message_reference"]["message_id"] == "77"
    assert body["allowed_mentions"] == {"parse": [], "replied_user": False}
    assert wanted.first(replace(COPY, quiet=False), "1", 0, 0)["allowed_mentions"]["replied_user"]


@pytest.mark.parametrize(
    ("stands", "reply_to", "is_it"),
    [
        (f"-# {LEAD.format(number=5)}\n**Ada**\nhello @everyone", "77", True),
        (f"-# {LEAD.format(number=5)}\n**Ada**\nas it read before an edit", None, True),
        (f"-# {LEAD.format(number=6)}\n**Ada**\nhello @everyone", "77", False),
        ("an answer of ours to the same message", "77", False),
    ],
)
def test_a_copy_in_doubt_is_known_by_its_original_and_not_by_what_it_answers(
    stands: str, reply_to: str | None, is_it: bool
) -> None:
    assert sought().is_it(message(stands, reply_to)) is is_it


def test_later_parts_of_a_long_copy_are_known_by_what_they_say() -> None:
    long = replace(COPY, text="**Ada**\n" + "word " * 700)
    second = render(long, waiting="")[1]
    assert sought(long, 1).is_it(message(second.content, None))
    assert not sought(long, 1).is_it(message("something else", None))


def test_a_menu_tells_the_words_of_the_message_as_whoever_chose_it_sees_them() -> None:
    data = {"type": 3, "target_id": "5", "resolved": {"messages": {"5": {"content": "hello"}}}}
    assert arguments_of(data) == {"message": "5", "words": "hello"}
    assert arguments_of({"type": 3, "target_id": "5"}) == {"message": "5", "words": ""}
