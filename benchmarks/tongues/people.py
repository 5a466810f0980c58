"""People who keep to a language nine times in ten, and what they write, cut short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

KEEPS = 0.9
SHORTEST, LONGEST = 1, 4  # words of a short message
DENSE = frozenset({"ja", "zh", "th", "lo"})  # written without spaces; some characters stand for a word
DENSE_CHARS = 3


class Cut(StrEnum):
    SIXTY = "60"
    THIRTY = "30"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Written:
    person: int
    text: str
    language: str


def written(
    lines: Mapping[str, Sequence[str]],
    languages: Sequence[str],
    cut: Cut,
    *,
    people: int,
    each: int,
    random: Random,
) -> Iterator[Written]:
    for person in range(people):
        own = random.choice(languages)
        for _ in range(each):
            others = [language for language in languages if language != own]
            language = own if random.random() < KEEPS else random.choice(others)
            yield Written(person, shortened(random.choice(lines[language]), language, cut, random), language)


def shortened(text: str, language: str, cut: Cut, random: Random) -> str:
    if cut is not Cut.WORDS:
        return text[: int(cut.value)]
    count = random.randint(SHORTEST, LONGEST)
    if language in DENSE:
        start = random.randrange(max(1, len(text) - count * DENSE_CHARS))
        return text[start : start + count * DENSE_CHARS]
    words = text.split()
    start = random.randrange(max(1, len(words) - count + 1))
    return " ".join(words[start : start + count])
