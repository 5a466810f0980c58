"""What waits for approval is shown whole before it can be allowed, in blocks that no text of it leaves."""

from __future__ import annotations

import json
import operator
from datetime import timedelta

from hypothesis import given as each
from hypothesis import strategies as st

from bot.approvals.shown import CALL_CHARS, FENCE, VALUE_CHARS, WHOLE_CHARS, dead, seen_whole, shown, too_long, whole
from bot.languages.phrases import Phrases
from bot.platforms.discord.render import render
from bot.platforms.discord.split import LIMIT
from bot.talk.approval import Request
from bot.talk.delivery import Delivery
from bot.talk.message import Conversation
from bot.talk.turn import Call
from tests.fakes import ANA, GENERAL, START

TEXTS = st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(["```", "```\n", "\n\n", "a\n```py\nb"])
LONG = st.builds(operator.mul, TEXTS, st.integers(1, 80))
ARGUMENTS = st.dictionaries(TEXTS, LONG | st.lists(TEXTS, max_size=3) | st.integers(), max_size=4)
PHRASES = Phrases()


def request(arguments: object) -> Request:
    return Request(
        id="r1",
        turn="t1",
        conversation=Conversation(place=GENERAL),
        asker=ANA.key,
        call=Call(id="c1", name="note", arguments=json.dumps(arguments)),
        until=START + timedelta(minutes=30),
    )


def outside(text: str) -> list[str]:
    """The lines that stand in no block of code."""
    lines: list[str] = []
    inside = False
    for line in text.split("\n"):
        if line.startswith(FENCE):
            inside = not inside
        elif not inside:
            lines.append(line)
    assert not inside
    return lines


@each(ARGUMENTS)
def test_all_of_it_stands_there_and_nothing_of_it_outside_its_blocks(arguments: dict[str, object]) -> None:
    text = whole(request(arguments), PHRASES)
    first, *heads = outside(text)
    assert first == "call **note** with:"
    assert [head.partition(",")[0] for head in heads] == [
        f"Argument {number} of {len(arguments)}" for number in range(1, len(arguments) + 1)
    ]
    for value in arguments.values():
        assert dead(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)) in text


@each(ARGUMENTS)
def test_in_the_messages_of_discord_too_nothing_stands_outside_a_block(arguments: dict[str, object]) -> None:
    text = whole(request(arguments), PHRASES)
    delivery = Delivery(id="d1", conversation=Conversation(place=GENERAL, only=ANA.key), text=text)
    messages = [each.content for each in render(delivery, waiting="…")]
    assert all(len(each) <= LIMIT for each in messages)
    heads = [line for message in messages for line in outside(message) if line.strip()]
    assert heads == [line for line in outside(text) if line.strip()]


@each(ARGUMENTS)
def test_what_is_not_whole_under_the_answer_says_so(arguments: dict[str, object]) -> None:
    asked = request(arguments)
    text = shown([asked], who="Ana", timezone="UTC", phrases=PHRASES)
    assert ("**Show all**" in text) is not seen_whole(asked.call)


def test_what_is_a_sign_too_long_is_not_seen_whole() -> None:
    assert seen_whole(request({"text": "x" * VALUE_CHARS}).call)
    assert not seen_whole(request({"text": "x" * (VALUE_CHARS + 1)}).call)
    assert not seen_whole(request({"x" * 65: 1}).call)
    assert not seen_whole(request({str(n): "x" * (VALUE_CHARS - 1) for n in range(CALL_CHARS // VALUE_CHARS)}).call)


def test_what_nobody_could_read_to_its_end_is_too_long_however_it_is_written() -> None:
    room = WHOLE_CHARS - len("text:\n")
    assert not too_long(request({"text": "x" * room}).call)
    assert too_long(request({"text": "x" * (room + 1)}).call)
    assert not too_long(request({"text": "é" * room}).call)
    assert too_long(request({"text": "\u202e" * (room // 7)}).call)
    assert too_long(Call(id="c1", name="note", arguments="[" * 10 * WHOLE_CHARS))
