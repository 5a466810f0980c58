"""Words that tell sibling languages apart."""

from __future__ import annotations

import pytest

from bot.languages.siblings import MOST, TELLS, lacked


@pytest.mark.parametrize(
    ("text", "language", "others"),
    [
        ("hvad er der nu", "da", ("no", "sv")),
        ("eg veit ikkje", "no", ("da", "sv")),
        ("vad är det och varför", "sv", ("da", "no")),
        ("gdje je riječ", "hr", ("sr", "sl")),
        ("gde je reč", "sr", ("hr",)),
        ("kaj je to in zakaj", "sl", ("hr", "sr")),
        ("karena saya tidak bisa", "id", ("ms",)),
        ("kerana saya mahu", "ms", ("id",)),
    ],
)
def test_words_of_a_language_speak_against_its_siblings(text: str, language: str, others: tuple[str, ...]):
    against = lacked(text.split(), (language, *others))
    assert against.get(language, 0.0) == 0.0
    assert all(against[other] >= TELLS for other in others)


def test_words_that_siblings_have_in_common_say_nothing():
    assert lacked(["det", "er", "ikke", "her"], ("da", "no")) == {}


def test_a_language_without_siblings_in_the_list_loses_nothing():
    assert lacked(["hvad", "er", "der", "nu"], ("no", "en", "de")) == {}
    assert lacked(["hvad", "er", "der", "nu"], ("no", "hr", "id")) == {}


def test_many_words_tell_no_more_than_some():
    against = lacked(["af", "hvad", "mig", "dig", "blev", "uge", "noget", "meget"], ("da", "no"))
    assert against == {"no": TELLS * MOST}
