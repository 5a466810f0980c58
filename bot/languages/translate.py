"""For translators: what has no words yet in a locale as a plain file, one line a sentence, and back.

`python -m bot.languages.translate --locale de --export FILE` writes it, `--import FILE` takes it in: what is wrong is
named line by line, the rest is taken.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import polib

from bot.languages import uses
from bot.languages.counting import forms, header
from bot.languages.flaws import flaws, limit
from bot.languages.locales import LOCALES, direction
from bot.languages.po import STALE, merged, parsed, translate, translated, written
from bot.languages.sentences import SENTENCES, Sentence
from bot.languages.words import FOLDER, path_of

BETWEEN = " ||| "
"""Stands between plural forms."""


def exported(locale: str, catalog: polib.POFile, sentences: Mapping[str, Sentence], *, every: bool = False) -> str:
    """What is missing or stale, or `every` sentence, to be filled in after the key and a tab."""
    sources = uses.sources()
    buttons, places = uses.buttons(sources), uses.places(sources)
    lines = list(_guide(locale))
    for entry in catalog:
        sentence = sentences[str(entry.msgctxt)]
        said = translated(entry)
        stale = STALE in entry.flags
        if all(said) and not stale and not every:
            continue
        lines.append("")
        lines += _about(sentence, buttons, places)
        if stale:
            lines.append(f"# stale: it was translated from: {escaped(entry.previous_msgid or '')}")
        lines.append(f"{sentence.key}\t{BETWEEN.join(map(escaped, said)) if any(said) else ''}")
    return "\n".join(lines) + "\n"


def imported(
    locale: str, catalog: polib.POFile, text: str, sentences: Mapping[str, Sentence], *, buttons: Collection[str]
) -> tuple[int, list[str]]:
    """Puts the lines of a filled-in file into the catalog. How many were taken, and what is wrong with the others, by
    the number of their line. Lines without words are left out."""
    entries = {str(entry.msgctxt): entry for entry in catalog}
    single = [form.single for form in forms(locale)]
    taken: set[str] = set()
    wrong: list[str] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        key, tab, said = line.partition("\t")
        if tab and not said.strip():
            continue
        entry, sentence = entries.get(key), sentences.get(key)
        if not tab:
            flawed = ["has no tab after the key"]
        elif key in taken:
            flawed = ["is there twice"]
        elif entry is None or sentence is None:
            flawed = ["is no key of a sentence"]
        else:
            flawed = _taken(entry, sentence, said, single=single, buttons=buttons)
        wrong += [f"line {number}: {key.strip()[:60]}: {flaw}" for flaw in flawed]
        if not flawed:
            taken.add(key)
    return len(taken), wrong


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def unescaped(text: str) -> str:
    return "\\".join(part.replace("\\n", "\n") for part in text.split("\\\\"))


def _taken(
    entry: polib.POEntry, sentence: Sentence, said: str, *, single: Sequence[int | None], buttons: Collection[str]
) -> list[str]:
    """What is wrong with it; where that is nothing, the entry has it."""
    given = [said] if sentence.many is None else said.split(BETWEEN.strip())
    parts = [unescaped(part.strip(" ")) for part in given]
    wanted = 1 if sentence.many is None else len(single)
    if len(parts) != wanted:
        return [f"has {len(parts)} forms, {wanted} are wanted"]
    if not all(parts):
        return ["lacks a form"]
    wrong = flaws(sentence, parts, single=single, buttons=buttons)
    if not wrong:
        translate(entry, parts)
    return wrong


def _guide(locale: str) -> Iterator[str]:
    # Babel is among the tools of developers, who alone come here.
    import babel  # noqa: PLC0415

    yield f"# {babel.Locale.parse(locale.replace('-', '_')).english_name} ({locale}), {direction(locale)}"
    yield "# After each key and its tab stands the translation; lines with # are left out."
    yield "# \\n is the end of a line. {names} in braces, `code`, /commands, **marks**, links and <…> stay as they are."
    yield "# Where a number stands in a sentence without plural forms, write it so that none is needed (messages: 5)."
    yield f"# Plural forms ({header(locale)}), written with{BETWEEN}between them:"
    for index, form in enumerate(forms(locale)):
        examples = ", ".join(map(str, form.examples)) or "none of the usual numbers"
        only = " alone: it may leave the number out" if form.single is not None else " …: it must name the number"
        yield f"#   form {index}: {examples}{only}"


def _about(sentence: Sentence, buttons: Collection[str], places: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield f"# {escaped(sentence.text)}"
    if sentence.many is not None:
        yield f"# plural by {{{sentence.by}}}: {escaped(sentence.many)}"
    most = limit(sentence.key, buttons)
    told = [uses.kind(sentence.key, buttons), "" if most is None else f"{most} characters at most in each form"]
    told.append(", ".join(places.get(sentence.key, ())[:2]))
    if any(told):
        yield f"# ({'; '.join(filter(None, told))})"


def main(
    arguments: Sequence[str] | None = None, *, folder: Path = FOLDER, sentences: Mapping[str, Sentence] = SENTENCES
) -> int:
    parser = argparse.ArgumentParser(prog="python -m bot.languages.translate", description=__doc__)
    parser.add_argument("--locale", required=True, choices=LOCALES, metavar="LOCALE")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--export", type=Path, metavar="FILE")
    way.add_argument("--import", type=Path, metavar="FILE", dest="taken")
    parser.add_argument("--all", action="store_true", help="export what is translated, too")
    chosen = parser.parse_args(arguments)
    path = path_of(chosen.locale, folder)
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    catalog = parsed(merged(chosen.locale, sentences.values(), old))
    if chosen.export is not None:
        chosen.export.write_text(exported(chosen.locale, catalog, sentences, every=chosen.all), encoding="utf-8")
        return 0
    text = chosen.taken.read_text(encoding="utf-8")
    buttons = uses.buttons(uses.sources())
    taken, wrong = imported(chosen.locale, catalog, text, sentences, buttons=buttons)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(catalog), encoding="utf-8")
    for line in wrong:
        sys.stderr.write(f"{line}\n")
    left = sum(not all(translated(entry)) or STALE in entry.flags for entry in catalog)
    sys.stdout.write(f"{taken} taken, {len(wrong)} complaints, {left} still without words\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
