"""The template for translators: gettext reads it, and sentences that would break at run time are found."""

from __future__ import annotations

import gettext
import io
import struct
from pathlib import Path

import pytest

from bot.languages.catalog import complaints, main, placeholders, template
from bot.languages.sentences import SENTENCES, Sentence


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
    ],
)
def test_a_sentence_that_would_break_is_named(sentence: Sentence, complaint: str) -> None:
    (told,) = complaints([sentence])
    assert told.startswith("a:")
    assert complaint in told


def test_a_singular_need_not_count() -> None:
    assert complaints([Sentence("a", "One file of {name}.", "{count} files of {name}.")]) == []


def test_literal_braces_are_no_placeholders() -> None:
    assert placeholders("{{not}} {this}") == {"this"}


def test_the_template_is_the_same_in_any_order_of_the_sentences() -> None:
    sentences = list(SENTENCES.values())
    assert template(sentences) == template(reversed(sentences))
    assert all(f'msgctxt "{key}"' in template(sentences) for key in SENTENCES)


def test_quotes_backslashes_and_line_ends_are_escaped() -> None:
    text = template([Sentence("a", 'say "yes" \\ no\nor\n')])
    assert 'msgid ""\n"say \\"yes\\" \\\\ no\\n"\n"or\\n"\nmsgstr ""' in text


def test_a_catalog_with_our_contexts_is_what_gettext_looks_up() -> None:
    entries = {b"": b"Content-Type: text/plain; charset=UTF-8\n", b"stop\x04Stop": b"Halt"}
    catalog = gettext.GNUTranslations(io.BytesIO(_machine_object(entries)))
    assert 'msgctxt "stop"\nmsgid "Stop"' in template(SENTENCES.values())
    assert catalog.pgettext("stop", SENTENCES["stop"].text) == "Halt"


def test_a_stale_template_is_told_and_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "locales" / "calanque.pot"
    assert main(["--check"], path=path) == 1
    assert "calanque.pot is not in step" in capsys.readouterr().err
    assert main([], path=path) == 0
    assert main(["--check"], path=path) == 0
    path.write_text(path.read_text() + "\n")
    assert main(["--check"], path=path) == 1


def _machine_object(entries: dict[bytes, bytes]) -> bytes:
    """A .mo file by the layout in GNU gettext's manual: header, two tables of (length, offset), the strings."""
    count = len(entries)
    keys, values = sorted(entries), [entries[key] for key in sorted(entries)]
    offset = 28 + 16 * count
    tables, strings = b"", b""
    for text in (*keys, *values):
        tables += struct.pack("<II", len(text), offset + len(strings))
        strings += text + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, offset) + tables + strings
