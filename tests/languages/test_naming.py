"""What languages are called to whoever reads of them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bot.languages import cldr, naming
from bot.languages.directed import FIRST_STRONG, POP
from bot.languages.locales import ENGLISH, LOCALES
from bot.languages.phrases import Phrases
from bot.languages.tags import NAMES


def test_a_language_is_named_in_the_readers_own() -> None:
    named = {locale: Phrases(locale).language("fr") for locale in ("en", "ja", "ar", "pl", "es-MX")}
    assert named == {"en": "French", "ja": "フランス語", "ar": "الفرنسية", "pl": "francuski", "es-MX": "francés"}


def test_the_tag_that_commands_take_stands_behind_the_name_where_it_is_wanted() -> None:
    assert Phrases("de").language("ja", coded=True) == "Japanisch (ja)"


def test_a_variety_has_its_own_name_or_is_told_from_others_by_its_tag() -> None:
    german = Phrases("de")
    assert german.language("zh-TW") == "Chinesisch (traditionell)"
    assert german.language("de_AT") == "Deutsch (de_AT)"
    assert Phrases("ja").language("pt-BR") == "ポルトガル語 (pt-BR)"


def test_tags_of_one_language_have_one_name_and_an_unknown_one_stays_a_tag() -> None:
    english = Phrases("en")
    assert [english.language(tag) for tag in ("no", "nb", "iw", "xx")] == ["Norwegian", "Norwegian", "Hebrew", "xx"]
    assert english.language("xx", coded=True) == "xx"


@pytest.mark.parametrize("locale", [ENGLISH, *LOCALES])
def test_every_language_that_we_can_tell_has_a_name_in_every_locale(locale: str) -> None:
    unnamed = [tag for tag in NAMES if Phrases(locale).language(tag) == tag]
    assert unnamed == []


def test_a_name_in_a_sentence_from_right_to_left_stands_apart() -> None:
    arabic = Phrases("ar")
    said = arabic.say("language-for-person", language=arabic.language("fr", coded=True))
    assert f"{FIRST_STRONG}الفرنسية (fr){POP}" in said


def test_where_the_file_of_a_locale_is_gone_languages_are_named_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(naming, "names_path", lambda locale: tmp_path / locale)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    naming.known_in.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert Phrases("ja").language("fr", coded=True) == "French (fr)"
    naming.known_in.cache_clear()
    assert "named in English" in caplog.text


def test_a_file_that_is_not_in_step_with_unicode_is_found_and_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cldr.main([], folder=tmp_path) == 0
    assert cldr.main(["--check"], folder=tmp_path) == 0
    naming.names_path("de", tmp_path).write_text("fr\tGallisch\n", encoding="utf-8")
    assert cldr.main(["--check"], folder=tmp_path) == 1
    assert "of de is not in step" in capsys.readouterr().err
