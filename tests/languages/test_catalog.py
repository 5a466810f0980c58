"""The files for translators: gettext reads them, they keep what was translated, and what is broken is found."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

import polib
import pytest

from bot.languages.catalog import complaints, main, wrong_in
from bot.languages.counting import forms
from bot.languages.flaws import placeholders
from bot.languages.locales import LOCALES
from bot.languages.po import STALE, merged, parsed, template, translate, translated, written
from bot.languages.sentences import SENTENCES, Sentence

FILES = Sentence("files", "One file of {name}", "{count} files of {name}")
STOP = Sentence("stop", "Stop")
BUTTONS = frozenset({"stop"})


def test_our_own_sentences_are_sound() -> None:
    assert complaints(SENTENCES.values()) == []


@pytest.mark.parametrize(
    ("sentence", "complaint"),
    [
        (Sentence("a", "{count} files", "many files"), "plural"),
        (Sentence("a", "one file of {name}", "{count} files"), "plural"),
        (Sentence("a", "{} files"), "plain name"),
        (Sentence("a", "{name!r}"), "plain name"),
        (Sentence("a", "{person.id}"), "plain name"),
        (Sentence("a", "a } alone"), "a:"),
        (Sentence("a", "space "), "spaces"),
        (Sentence("command-a", "x" * 101), "100 at most"),
        (Sentence("menu-a", "x" * 33), "32 at most"),
    ],
)
def test_a_sentence_that_would_break_is_named(sentence: Sentence, complaint: str) -> None:
    (told,) = complaints([sentence])
    assert told.startswith(f"{sentence.key}:")
    assert complaint in told


def test_a_singular_need_not_count() -> None:
    assert complaints([FILES]) == []


def test_literal_braces_are_no_placeholders() -> None:
    assert placeholders("{{not}} {this}") == {"this"}


def test_the_files_are_the_same_in_any_order_of_the_sentences() -> None:
    sentences = list(SENTENCES.values())
    made = template(sentences)
    assert made == template(reversed(sentences))
    assert merged("ru", sentences) == merged("ru", reversed(sentences))
    assert all(f'msgctxt "{key}"' in made for key in SENTENCES)


def test_quotes_backslashes_and_line_ends_come_back_as_they_were() -> None:
    odd = Sentence("a", 'say "yes" \\ no\tor\nnot')
    (entry,) = parsed(template([odd]))
    assert entry.msgid == odd.text


def test_what_gettext_looks_up_is_what_was_translated() -> None:
    catalog = parsed(merged("ru", [FILES, STOP]))
    translate(entry_of(catalog, "stop"), ["Стоп"])
    translate(entry_of(catalog, "files"), ["{count} файл", "{count} файла", "{count} файлов"])
    words = gettext.GNUTranslations(io.BytesIO(parsed(written(catalog)).to_binary()))
    assert words.pgettext("stop", "Stop") == "Стоп"
    said = [words.npgettext("files", FILES.text, FILES.many or "", count) for count in (1, 3, 11, 21)]
    assert said == ["{count} файл", "{count} файла", "{count} файлов", "{count} файл"]


def test_translations_stay_and_those_of_other_words_are_stale_until_translated_anew() -> None:
    catalog = parsed(merged("de", [FILES, STOP]))
    translate(entry_of(catalog, "stop"), ["Halt"])
    translate(entry_of(catalog, "files"), ["Eine Datei", "{count} Dateien"])
    old = written(catalog)
    assert merged("de", [FILES, STOP], old) == old
    changed = merged("de", [FILES, Sentence("stop", "Stop it")], old)
    entry = entry_of(parsed(changed), "stop")
    assert (translated(entry), STALE in entry.flags, entry.previous_msgid) == (("Halt",), True, "Stop")
    assert merged("de", [FILES, Sentence("stop", "Stop it")], changed) == changed
    catalog = parsed(changed)
    translate(entry_of(catalog, "stop"), ["Lass das"])
    assert "fuzzy" not in written(catalog)
    assert "previous" not in written(catalog)
    assert "#|" not in written(catalog)


def test_sentences_that_are_gone_go_and_new_ones_come_without_words() -> None:
    catalog = parsed(merged("de", [STOP]))
    translate(entry_of(catalog, "stop"), ["Halt"])
    assert [(entry.msgctxt, translated(entry)) for entry in parsed(merged("de", [FILES], written(catalog)))] == [
        ("files", ("", ""))
    ]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_number_has_a_form_and_each_form_a_number(locale: str) -> None:
    assert all(form.examples for form in forms(locale))
    assert len(translated(entry_of(parsed(merged(locale, [FILES])), "files"))) == len(forms(locale))


def test_a_catalog_that_is_not_complete_may_lack_words_and_one_that_is_may_not() -> None:
    text = merged("de", [FILES, STOP])
    assert wrong(text, complete=False) == []
    assert wrong(text, complete=True) == ["de: files: is missing", "de: stop: is missing"]
    stale = merged("de", [FILES, STOP], text.replace('msgid "Stop"\nmsgstr ""', 'msgid "Halt!"\nmsgstr "Halt"'))
    assert wrong(stale, complete=False) == []
    assert "de: stop: is stale" in wrong(stale, complete=True)


def test_what_is_translated_is_looked_at_in_every_locale() -> None:
    text = merged("de", [FILES, STOP])
    broken = text.replace('msgstr[0] ""', 'msgstr[0] "Eine {datei}"').replace('msgstr[1] ""', 'msgstr[1] "Dateien"')
    found = "\n".join(wrong(broken, complete=False))
    assert "names {datei}" in found
    assert "lacks {count} (form 1)" in found
    half = text.replace('msgstr[0] ""', 'msgstr[0] "Eine Datei von {name}"')
    assert wrong(half, complete=False) == ["de: files: lacks a form"]


def test_a_catalog_out_of_step_is_named_and_so_is_one_that_is_none() -> None:
    assert wrong(template([STOP]), complete=False)[0].startswith("de: is not in step")
    assert wrong("nonsense", complete=False)[0].startswith("de: is no catalog")


def test_stale_files_are_told_and_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"], folder=tmp_path, locales=["de"], complete=False) == 1
    told = capsys.readouterr().err
    assert "calanque.pot is not in step" in told
    assert "de: is not in step" in told
    assert main([], folder=tmp_path, locales=["de"]) == 0
    assert main(["--check"], folder=tmp_path, locales=["de"], complete=False) == 0
    assert main(["--check"], folder=tmp_path, locales=["de"], complete=True) == 1


def entry_of(catalog: polib.POFile, key: str) -> polib.POEntry:
    return next(entry for entry in catalog if entry.msgctxt == key)


def wrong(text: str, *, complete: bool) -> list[str]:
    sentences = {each.key: each for each in (FILES, STOP)}
    return wrong_in("de", text, sentences, buttons=BUTTONS, complete=complete)
