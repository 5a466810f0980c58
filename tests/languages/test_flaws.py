"""What is lost in a translation is found without knowing the language, and what is only said otherwise is not."""

from __future__ import annotations

from itertools import starmap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.languages.flaws import flaws
from bot.languages.sentence import Sentence

BUTTONS = frozenset({"stop"})


@pytest.mark.parametrize(
    ("original", "said"),
    [
        ("Deleted: {messages} messages.", "Gelöscht: {messages} Nachrichten."),
        ("{bot} waits …", "{bot} wartet …"),
        ("I read:", "我读："),
        ("`/privacy` tells more; use /digest-list.", "Mehr sagt `/privacy`; sonst hilft /digest-list."),
        ("Use /digest-list", "/digest-listで見る"),
        ("**Yes** for <@&{role}>", "Für <@&{role}>: **ja**"),
        ("*(stopped)*", "*(angehalten)*"),
        ("## In {place}\nAll", "## {place}\nAlles"),
        ("In {place}", "في \u2068{place}\u2069"),
    ],
)
def test_what_is_said_otherwise_is_no_flaw(original: str, said: str) -> None:
    assert of(original, said) == []


@pytest.mark.parametrize(
    ("original", "said", "flaw"),
    [
        ("Hello {name}", "Hallo", "lacks {name}"),
        ("Hello {name}", "Hallo {name} {nmae}", "names {nmae}"),
        ("Hello {name}", "Hallo {name", "expected '}'"),
        ("Hello {name}", "Hallo {}", "plain name"),
        ("Say `/keep`", "Sag `/behalten`", "other codes"),
        ("Say `/keep`", "Sag /keep", "other codes"),
        ("Use /digest-list", "Nimm /digest-liste", "lacks /digest-list"),
        ("See https://a.example/b", "Siehe https://a.example", "other links"),
        ("For <@&{role}>", "Für <@ &{role}>", "other mentions"),
        ("**Yes**", "*Ja*", "has ** 0 times"),
        ("## In {place}", "In {place}", "other headings"),
        ("One\nTwo", "Eins Zwei", "lines"),
        ("Which is sent:", "Gesendet wird", "colon"),
        ("Stop", "Halt …", "which the original does not"),
        ("Works …", "Arbeitet", "does not end with …"),
        ("Stop", " Halt", "spaces"),
        ("In {place}", "\u2067في {place}", "direction"),
        ("In {place}", "\u202bفي\u2069 {place}", "direction"),
        ("Stop", "Ha\x00lt", "control"),
        ("Stop", "Ha\u2028lt", "control"),
    ],
)
def test_what_was_lost_is_named(original: str, said: str, flaw: str) -> None:
    assert any(flaw in each for each in of(original, said)), of(original, said)


@pytest.mark.parametrize(("key", "most"), [("command-a", 100), ("argument-a", 100), ("menu-a", 32), ("stop", 72)])
def test_discords_limits_hold_for_what_stands_where_they_count(key: str, most: int) -> None:
    sentence = Sentence(key, "Stop")
    assert flaws(sentence, ["x" * most], single=[1, None], buttons=BUTTONS) == []
    assert flaws(sentence, ["x" * (most + 1)], single=[1, None], buttons=BUTTONS) == [
        f"has {most + 1} characters, {most} at most"
    ]


def test_only_a_form_for_one_number_may_leave_it_out() -> None:
    files = Sentence("files", "One file of {name}", "{count} files of {name}")
    said = ["{name}: bir", "{name}: çok"]
    assert flaws(files, said, single=[1, None], buttons=BUTTONS) == ["lacks {count} (form 1)"]
    assert flaws(files, said, single=[None, None], buttons=BUTTONS) == [
        "lacks {count} (form 0)",
        "lacks {count} (form 1)",
    ]


@given(st.lists(st.tuples(st.sampled_from(["{name}", "`/keep`", "**a**", "<@&{role}>", "wort", "\n"]), st.just(" "))))
def test_a_sentence_is_a_sound_translation_of_itself(parts: list[tuple[str, str]]) -> None:
    text = "".join(starmap("{}{}".format, parts)).strip()
    text = "\n".join(line.strip() for line in text.replace("{}", "").splitlines())
    assert of(text, text) == []


def of(original: str, said: str) -> list[str]:
    return flaws(Sentence("a", original), [said], single=[1, None], buttons=BUTTONS)
