"""Keeps gettext's files in step with the bot's sentences, and finds what is wrong with them.

`python -m bot.languages.catalog` writes the template and the catalog of every locale: new sentences come without words,
those whose English changed are marked as stale, those that are gone go. With `--check` it writes nothing and says what
is not in step, and which translations are broken, or missing in a locale that is said to be complete.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from bot.languages import uses
from bot.languages.counting import forms
from bot.languages.flaws import flaws, limit, placeholders
from bot.languages.locales import LOCALES
from bot.languages.po import STALE, merged, parsed, template, translated
from bot.languages.sentences import SENTENCES, Sentence
from bot.languages.words import FOLDER, path_of

_MEND = "is not in step with the sentences; run `make fmt`"


def complaints(sentences: Iterable[Sentence], buttons: Collection[str] = ()) -> list[str]:
    """What is wrong with the sentences themselves."""
    found: list[str] = []
    for sentence in sentences:
        try:
            one = placeholders(sentence.text)
            many = one if sentence.many is None else placeholders(sentence.many)
        except ValueError as error:
            found.append(f"{sentence.key}: {error}")
            continue
        # "One answer" need not count, but the plural must, and nothing may differ otherwise.
        if sentence.many is not None and (sentence.by not in many or one | {sentence.by} != many):
            found.append(f"{sentence.key}: the plural must name {{{sentence.by}}} and what the singular names")
        if sentence.text != sentence.text.strip():
            found.append(f"{sentence.key}: has spaces at its ends")
        most = limit(sentence.key, buttons)
        if most is not None and len(sentence.text) > most:
            found.append(f"{sentence.key}: has {len(sentence.text)} characters, {most} at most")
    return found


def wrong_in(
    locale: str, text: str, sentences: Mapping[str, Sentence], *, buttons: Collection[str], complete: bool
) -> list[str]:
    """What is wrong with a locale's catalog, one line an entry. `complete`: every sentence must have words."""
    try:
        catalog = parsed(text)
        in_step = merged(locale, sentences.values(), text) == text
    except ValueError as error:
        return [f"{locale}: {error}"]
    found: list[str] = [] if in_step else [f"{locale}: {_MEND}"]
    single = [form.single for form in forms(locale)]
    for entry in catalog:
        sentence = sentences.get(str(entry.msgctxt))
        if sentence is None or entry.obsolete:
            continue
        said = translated(entry)
        if len(said) != (1 if sentence.many is None else len(single)):
            found.append(f"{locale}: {sentence.key}: has {len(said)} forms")
        elif STALE in entry.flags or not any(said):
            if complete:
                found.append(f"{locale}: {sentence.key}: {'is stale' if any(said) else 'is missing'}")
        elif not all(said):
            found.append(f"{locale}: {sentence.key}: lacks a form")
        else:
            wrong = flaws(sentence, said, single=single, buttons=buttons)
            found += [f"{locale}: {sentence.key}: {flaw}" for flaw in wrong]
    return found


def main(
    arguments: Sequence[str] | None = None,
    *,
    folder: Path = FOLDER,
    locales: Sequence[str] = LOCALES,
    complete: bool = True,
) -> int:
    """`complete`: no sentence may be missing in any locale."""
    parser = argparse.ArgumentParser(prog="python -m bot.languages.catalog", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if something is wrong")
    check: bool = parser.parse_args(arguments).check
    buttons = uses.buttons(uses.sources())
    wrong = complaints(SENTENCES.values(), buttons)
    if not wrong:
        wrong = _checked(folder, locales, buttons, complete=complete) if check else _kept(folder, locales)
    for line in wrong:
        sys.stderr.write(f"{line}\n")
    return 1 if wrong else 0


def _checked(folder: Path, locales: Sequence[str], buttons: Collection[str], *, complete: bool) -> list[str]:
    path = folder / "calanque.pot"
    wrong = [] if _text(path) == template(SENTENCES.values()) else [f"{path.name} {_MEND}"]
    for locale in locales:
        text = _text(path_of(locale, folder))
        wrong += wrong_in(locale, text, SENTENCES, buttons=buttons, complete=complete)
    return wrong


def _kept(folder: Path, locales: Sequence[str]) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "calanque.pot").write_text(template(SENTENCES.values()), encoding="utf-8")
    wrong: list[str] = []
    for locale in locales:
        path = path_of(locale, folder)
        try:
            text = merged(locale, SENTENCES.values(), _text(path))
        except ValueError as error:
            wrong.append(f"{locale}: {error}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return wrong


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
