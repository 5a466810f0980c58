"""Points are told from wrong ones in every script, by no knowledge of any language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from benchmarks.polyglot.languages import languages
from bot.digest.support import Talk, supported
from bot.talk.message import Message
from tests.digest.talks import said

SENTENCE_END = re.compile(r"(?<=[.。।!?])\s*")
SCRIPTS = (
    "en",
    "de-1996",
    "tr",
    "vi",
    "ru",
    "el",
    "ka",
    "hy",
    "he",
    "ar",
    "fa",
    "hi",
    "bn",
    "ta",
    "th",
    "ja",
    "zh",
    "ko",
    "am",
)
LEAST_SENTENCES = 6
MOST_LOST, MOST_WRONG = 0.05, 0.01


def talks() -> Iterator[list[Message]]:
    """Of each language, its sentences said by nine people."""
    prose = languages()
    for paragraphs in (prose[tag] for tag in SCRIPTS if tag in prose):
        sentences = [each for text in paragraphs for each in SENTENCE_END.split(text) if len(each) > 25]
        if len(sentences) >= LEAST_SENTENCES:
            yield [said(number, f"p{number % 9}", text) for number, text in enumerate(sentences)]


def shortened(text: str, random: Random) -> str:
    """Less some of its words, or where spaces part none, less a stretch."""
    kept = text.split()
    if len(kept) > LEAST_SENTENCES:
        return " ".join(word for word in kept if random.random() > 0.3)
    return text[: len(text) // 3] + text[len(text) // 2 :]


def test_in_many_scripts_a_point_is_held_by_its_message_and_by_no_other() -> None:
    random = Random(2)
    good = lost = wrong = through = 0
    for messages in talks():
        talk = Talk(messages)
        for message in messages:
            text = f"{message.author.name}: {shortened(message.text, random)}"
            good += 1
            lost += not supported(text, [message], talk)
            others = [each for each in random.sample(messages, 2) if each.text != message.text]
            wrong += len(others)
            through += sum(supported(text, [each], talk) for each in others)
    assert good > 100
    assert lost <= MOST_LOST * good
    assert through <= MOST_WRONG * wrong
