"""Words and meaning rank together, and no language is behind."""

from __future__ import annotations

from bot.services.fusing import fused
from bot.talk.knowledge import EVERYONE, Chunk, Known, Match
from tests.fakes import START


def match(key: str, language: str) -> Match:
    document = Known(key=key, name=key, title=key, readers=EVERYONE, digest="", read_at=START, language=language)
    return Match(document=document, chunk=Chunk(text=key))


def test_within_a_language_what_both_rankings_have_is_ahead_of_what_one_has() -> None:
    words, both, meaning = (match(key, "en") for key in ("words", "both", "meaning"))
    found = fused([words, both], [meaning, both], languages={"en"}, limit=5)
    assert found[0].document.key == "both"
    assert len(found) == 3


def test_the_best_in_another_language_is_ahead_of_what_words_alone_found() -> None:
    foreign = match("foreign", "ja")
    noise = [match(f"noise {number}", "en") for number in range(9)]
    found = fused(noise, [foreign, *reversed(noise)], languages={"en"}, limit=3)
    assert found[0] == foreign


def test_across_languages_the_order_is_that_of_meaning() -> None:
    ranked = [match(str(number), "de") for number in range(9)]
    assert fused([], ranked, languages={"en"}, limit=9) == ranked


def test_a_passage_of_unknown_language_counts_as_one_of_the_question() -> None:
    known, unknown = match("a text", "fr"), match("table", "")
    assert fused([known, unknown], [unknown, known], languages={"fr"}, limit=9) == [known, unknown]
