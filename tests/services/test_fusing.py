"""Words and meaning rank together, and no language is behind."""

from __future__ import annotations

from bot.ports.embedding import Held
from bot.services.fusing import foreign, fused
from bot.talk.knowledge import Spot

OWN, FOREIGN = 1, 2


def own(position: int) -> Spot:
    return Spot(OWN, position)


def test_within_a_language_what_both_rankings_have_is_ahead_of_what_one_has() -> None:
    words, both, meaning = own(1), own(2), own(3)
    found = fused([words, both], [meaning, both], foreign=(), limit=5)
    assert found[0] == both
    assert len(found) == 3


def test_the_best_in_another_language_is_ahead_of_what_words_alone_found() -> None:
    best = Spot(FOREIGN, 0)
    noise = [own(number) for number in range(9)]
    found = fused(noise, [best, *reversed(noise)], foreign={FOREIGN}, limit=3)
    assert found[0] == best


def test_across_languages_the_order_is_that_of_meaning() -> None:
    ranked = [Spot(FOREIGN, number) for number in reversed(range(9))]
    assert fused([], ranked, foreign={FOREIGN}, limit=9) == ranked
    assert fused([], ranked, foreign={FOREIGN}, limit=3) == ranked[:3]


def test_a_passage_of_unknown_language_counts_as_one_of_the_question() -> None:
    held = [Held(number, 1, language) for number, language in enumerate(("fr", "", "de"))]
    assert foreign(held, {"fr"}) == {2}
