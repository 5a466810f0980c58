"""What of a text the index knows, in every script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.talk.spelling import (
    LONGEST_TEXT,
    LONGEST_WORD,
    TERMS,
    Term,
    fold,
    holds,
    position,
    spelled,
    terms,
    tokens,
    units,
)


def finds(question: str, text: str) -> bool:
    """As a search decides it: the index has all tokens, and the text has the words."""
    held = set(tokens(text))
    asked = terms(question)
    assert asked
    return all(held.issuperset(term.tokens) and holds(spelled(text), term) for term in asked)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("ANCHOR", "the anchor holds"),
        ("straße", "Die STRASSE ist gesperrt"),
        ("istanbul", "İSTANBUL"),
        ("abc123", "ＡＢＣ１２３"),
        ("ﬁle", "a file"),
        ("東京", "昨日東京都へ行きました"),
        ("京", "昨日東京都へ行きました"),
        ("アップデート", "昨日のｱｯﾌﾟﾃﾞｰﾄから"),
        ("อาหาร", "ฉันชอบอาหารไทย"),
        ("ไทย", "ฉันชอบอาหารไทย"),
        ("ອາຫານ", "ຂ້ອຍມັກອາຫານລາວ"),
        ("អាហារ", "ខ្ញុំចូលចិត្តអាហារខ្មែរ"),
        ("အစား", "ကျွန်တော်အစားအစာကြိုက်တယ်"),
        ("서울", "서울에서 만나요"),
        ("हिन्दी", "मुझे हिन्दी आती है"),
        ("مرحبا", "مَرْحَبًا بكم"),
        ("میخواهم", "می‌خواهم"),
        ("123", "ملف ١٢٣"),
        ("ΟΔΌΣ", "στην οδός"),
        ("3.14", "pi is 3.14, nearly"),
        ("don't", "I don’t know"),
        ("snake_case", "call snake_case(now)"),
        ("😀", "well 😀!"),
        ('"holds fast"', "the anchor holds fast"),
        ("fast anchor", "the anchor holds fast"),
        ('"東京 タワー"', "東京タワー"),
        ("e\u0301cole", "École"),
    ],
)
def test_a_word_is_found_however_it_is_written(question: str, text: str) -> None:
    assert finds(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("anchor", "the anchors hold"),
        ("京東", "東京"),
        ("東京都", "東京と京都"),
        ("किताब", "किताबें"),
        ('"fast holds"', "the anchor holds fast"),
        ("3.14", "14 and 3"),
        ("ไทย", "ไท ย"),
    ],
)
def test_what_only_looks_alike_is_not_found(question: str, text: str) -> None:
    assert not finds(question, text)


@given(st.text(max_size=200))
def test_folding_what_is_folded_changes_no_unit(text: str) -> None:
    assert units(fold(text)) == units(text)


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_whatever_was_said_is_found_by_its_own_words(before: str, said: str, after: str) -> None:
    for term in terms(said):
        text = f"{before} {said} {after}"
        assert set(tokens(text)).issuperset(term.tokens)
        assert holds(spelled(text), term)


@given(st.text(alphabet="日本語東京タワーไทย서울", min_size=1, max_size=40), st.data())
def test_any_part_of_a_sentence_without_spaces_is_found(text: str, data: st.DataObject) -> None:
    parts = [part for part in "".join(one if len(one) == 1 else " " for one in units(text)).split() if part]
    for part in parts:
        begin = data.draw(st.integers(0, len(part) - 1))
        end = data.draw(st.integers(begin + 1, len(part)))
        assert finds(part[begin:end], text)


def test_texts_words_and_questions_have_bounds() -> None:
    assert len(units("a " * LONGEST_TEXT)) <= LONGEST_TEXT
    (word,) = units("x" * 500)
    assert len(word) == LONGEST_WORD
    assert finds("x" * 500, "y " + "x" * 500)
    assert len(terms(" ".join(str(n) for n in range(500)))) == TERMS


def test_punctuation_alone_asks_for_nothing() -> None:
    assert terms('?! "" … <>') == ()


@pytest.mark.parametrize(
    ("text", "word"), [("the anchor holds", "ANCHOR"), ("昨日のｱｯﾌﾟと東京都", "東京"), ("Die Straße", "strasse")]
)
def test_the_place_of_a_word_in_its_text_is_known(text: str, word: str) -> None:
    (term,) = terms(word)
    at = position(text, term)
    assert at > 0
    assert fold(text[at:]).startswith(fold(word))


def test_a_place_that_is_not_known_is_the_beginning() -> None:
    assert position("", Term(("x",), ("x",))) == 0
