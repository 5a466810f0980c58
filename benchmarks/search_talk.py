"""A community's talk for the search benchmark: many channels, words as common and as rare as they are, many scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, islice
from random import Random

from benchmarks.polyglot.languages import languages
from bot.talk.message import Message, Person, Place
from bot.talk.spelling import tokens, units

SPACED = ("en", "fr", "de-1996", "es", "ru", "ar", "hi", "ko")
UNSPACED = ("ja", "zh", "th")
KEPT_BACK = ("krakenfest", "тайник", "खजाना", "سرداب", "隠し", "鲸骨", "ขุมทรัพย์", "보물")
"""Words that are common where the asker may not read, and are said nowhere else; some have two characters."""
PEOPLE = 400
FORBIDDEN_SHARE = 0.3
DAYS = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """`words`: the most common ones first. `weights` add up as `Random.choices` takes them."""

    tag: str
    words: Sequence[str]
    weights: Sequence[float]
    glue: str


def _language(tag: str, paragraphs: Sequence[str], random: Random) -> Language:
    text = " ".join(paragraphs)
    if tag in UNSPACED:
        # Made-up words of one to four characters, of real neighbours.
        flat = "".join(units(text))
        found = [flat[at : at + random.randint(1, 4)] for at in range(len(flat) - 4)]
    else:
        found = list(tokens(text))
        # A dictionary is longer than a declaration.
        found += [f"{one}{random.choice('aeiou')}{random.randint(2, 99)}" for one in found[:3000] if one.isascii()]
    words = list(dict.fromkeys(found))
    random.shuffle(words)
    weights = list(accumulate(1 / (rank + 2) for rank in range(len(words))))
    return Language(tag=tag, words=words, weights=weights, glue="" if tag in UNSPACED else " ")


class Talk:
    """Invented, the same in every run. `open` are the channels that the asker may read."""

    def __init__(self, *, channels: int, readable: int, start: datetime, seed: int) -> None:
        self.random = Random(seed)
        prose = languages()
        self.languages = [_language(tag, prose[tag], self.random) for tag in (*SPACED, *UNSPACED) if tag in prose]
        self.places = [
            Place(platform="local", id=f"c{number:04}", name=f"channel-{number}", guild="g")
            for number in range(channels)
        ]
        self.open = self.random.sample(self.places, readable)
        self.people = [
            Person(platform="local", id=f"p{number:04}", name=f"{self.random.choice(self.languages[0].words)} {number}")
            for number in range(PEOPLE)
        ]
        self._start = start

    def sentence(self, language: Language) -> str:
        many = self.random.randint(3, 14)
        return language.glue.join(self.random.choices(language.words, cum_weights=language.weights, k=many))

    def messages(self, count: int) -> Iterator[Message]:
        readable = {place.key for place in self.open}
        busy = list(accumulate(1 / (rank + 10) for rank in range(len(self.places))))
        step = timedelta(days=DAYS) / count
        for number in range(count):
            place = self.random.choices(self.places, cum_weights=busy)[0]
            text = self.sentence(self.random.choice(self.languages))
            if place.key not in readable and self.random.random() < FORBIDDEN_SHARE:
                text += f" {self.random.choice(KEPT_BACK)}"
            yield Message(
                id=f"m{number}",
                place=place,
                author=self.random.choice(self.people),
                text=text,
                sent_at=self._start + number * step,
            )


def batches(messages: Iterator[Message], size: int) -> Iterator[list[Message]]:
    while batch := list(islice(messages, size)):
        yield batch
