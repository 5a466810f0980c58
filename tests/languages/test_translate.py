"""What translators get and give back: one line a sentence; what is wrong is named by its line and the rest is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.languages.po import parsed, translated
from bot.languages.sentence import Sentence
from bot.languages.translate import BETWEEN, escaped, main, unescaped
from bot.languages.words import path_of

SENTENCES = {
    each.key: each
    for each in (
        Sentence("files", "One file of {name}", "{count} files of {name}"),
        Sentence("menu-open", "Open it"),
        Sentence("two", "One line\nand \\ another of {name}"),
    )
}


def test_what_was_exported_and_filled_in_comes_back_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pl.txt"
    run(tmp_path, "pl", "--export", file)
    text = file.read_text()
    assert "#   form 1: 2, 3, 4, 22, 23, 24" in text
    assert "(an entry in the menu of a message; 32 characters at most in each form)" in text
    filled = {"files": ["plik {name}", "{count} pliki {name}", "{count} plików {name}"], "menu-open": ["Otwórz"]}
    filled["two"] = ["Wiersz\n\\ i {name}"]
    lines = [
        f"{line}{BETWEEN.join(map(escaped, filled[line.strip()]))}" if line.endswith("\t") else line
        for line in text.splitlines()
    ]
    file.write_text("\n".join(lines))
    assert run(tmp_path, "pl", "--import", file) == 0
    assert "3 taken, 0 complaints, 0 still without words" in capsys.readouterr().out
    kept = {entry.msgctxt: list(translated(entry)) for entry in parsed(path_of("pl", tmp_path).read_text())}
    assert kept == filled
    run(tmp_path, "pl", "--export", file)
    assert not [line for line in file.read_text().splitlines() if line and not line.startswith("#")]


def test_what_is_wrong_is_named_by_its_line_and_the_rest_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pl.txt"
    lines = [
        "# a comment",
        "files\tplik {name} ||| {count} pliki {name}",
        "menu-open\tOtwórz",
        "menu-open\tOtwórz to",
        "gone\tnie ma",
        "two Wiersz",
        "two\tWiersz {name}",
        "files\t",
    ]
    file.write_text("\n".join(lines))
    assert run(tmp_path, "pl", "--import", file) == 1
    told = capsys.readouterr()
    assert [line.partition(": ")[2] for line in told.err.splitlines()] == [
        "files: has 2 forms, 3 are wanted",
        "menu-open: is there twice",
        "gone: is no key of a sentence",
        "two Wiersz: has no tab after the key",
        "two: has more or fewer lines than the original",
    ]
    assert "line 2: files" in told.err
    assert "1 taken" in told.out


@given(st.text())
def test_any_text_survives_being_one_line(text: str) -> None:
    assert "\n" not in escaped(text)
    assert unescaped(escaped(text)) == text


def run(folder: Path, locale: str, way: str, file: Path) -> int:
    return main(["--locale", locale, way, str(file)], folder=folder, sentences=SENTENCES)
