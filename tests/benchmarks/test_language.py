"""People of the benchmark write in their language, cut short, and mostly keep to it."""

from __future__ import annotations

from random import Random

from benchmarks.tongues.people import Cut, shortened, written

LINES = {"en": ["some words in a line that is long enough " * 3], "ja": ["これは日本語の長い文章です" * 6]}


def test_people_keep_to_their_language_nine_times_in_ten():
    said = list(written(LINES, ("en", "ja"), Cut.SIXTY, people=40, each=50, random=Random(1)))
    kept = 0
    for person in range(40):
        own = [each.language for each in said if each.person == person]
        kept += max(own.count("en"), own.count("ja"))
    assert 0.87 < kept / len(said) < 0.93
    assert {len(each.text) for each in said} == {60}


def test_a_short_message_has_one_to_four_words():
    for seed in range(50):
        assert 1 <= len(shortened(LINES["en"][0], "en", Cut.WORDS, Random(seed)).split()) <= 4
        assert 3 <= len(shortened(LINES["ja"][0], "ja", Cut.WORDS, Random(seed))) <= 12
