"""The smaller table tells what the library's own does."""

from __future__ import annotations

import math
from array import array

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from bot.languages.grams import Tree
from bot.languages.model import ranks
from bot.languages.tags import main

TEXTS = (
    "my screen stays black after the update",
    "nach dem Update bleibt der Bildschirm schwarz",
    "更新してから画面が真っ暗です",
    "Почему экран остаётся чёрным после обновления?",
    "jeg kan ikke åbne vinduet efter opdateringen",
    "لماذا تبقى الشاشة سوداء بعد التحديث",
    "WARUM GEHT DAS NICHT",
    "ok",
)


def test_it_scores_as_the_library_does_up_to_rounding():
    library = LanguageIdentifier.from_model_file(MODEL_FILE)
    for text in TEXTS:
        wanted: dict[str, float] = {}
        for code, score in library.rank(text):
            wanted[main(code)] = max(score, wanted.get(main(code), -math.inf))
        del wanted["zxx"]
        found = dict(ranks()(text).items())
        assert set(found) == set(wanted)
        best = max(wanted, key=wanted.__getitem__)
        lost = [(found[best] - found[code]) - (wanted[best] - wanted[code]) for code in wanted]
        assert max(map(abs, lost)) < 0.02 * len(text.encode())


def test_a_text_in_which_nothing_is_known_says_nothing():
    assert {score for text in ("", "q") for _, score in ranks()(text).items()} == {0.0}


def test_half_a_character_is_no_error():
    assert all(math.isfinite(score) for _, score in ranks()("\ud800 was ist das").items())


def _tree() -> Tree:
    """Of the runs "ab", "abc" and "bc", with a row each."""
    return Tree(
        labels=b"abbcc",
        first=array("i", [0, 2, 3, 4, 5, 5, 5]),
        falls=array("i", [0, 0, 0, 2, 0, 4]),
        rows=np.array([-1, -1, -1, 0, 2, 1], dtype=np.int32),
    )


@given(st.text("abcd", max_size=30))
def test_the_longest_run_that_ends_at_each_byte_is_found(text: str):
    runs = {"ab": 0, "abc": 1, "bc": 2}
    ends = range(1, len(text) + 1)
    longest = [next((runs[text[at:end]] for at in range(end) if text[at:end] in runs), -1) for end in ends]
    tree = _tree()
    assert tree.found(text.encode()).tolist() == longest
    assert tree.found(text.encode()).tolist() == longest  # from what it remembers
