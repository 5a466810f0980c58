"""Writes the gettext template from the bot's sentences, for whoever translates them.

`python -m bot.languages.catalog` writes `locales/calanque.pot`; with `--check` it only says whether that is in step and
whether the placeholders of every sentence make sense.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Formatter

from bot.languages.sentences import SENTENCES, Sentence

TEMPLATE = Path(__file__).parent / "locales" / "calanque.pot"

# No date: the file must be the same wherever and whenever it is made.
_HEADER = r"""# The sentences of Calanque. msgctxt is the sentence's key; {names} in braces stay as they are.
msgid ""
msgstr ""
"Project-Id-Version: calanque\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""


def template(sentences: Iterable[Sentence]) -> str:
    """The catalog without translations, sorted by key."""
    return "\n".join([_HEADER, *map(_entry, sorted(sentences, key=lambda sentence: sentence.key))])


def _entry(sentence: Sentence) -> str:
    lines = [f"msgctxt {_quoted(sentence.key)}", f"msgid {_quoted(sentence.text)}"]
    if placeholders(sentence.text):
        lines.insert(0, "#, python-brace-format")
    if sentence.many is None:
        lines.append('msgstr ""')
    else:
        lines += [f"msgid_plural {_quoted(sentence.many)}", 'msgstr[0] ""', 'msgstr[1] ""']
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    if "\n" not in escaped:
        return f'"{escaped}"'
    *lines, last = escaped.split("\n")
    return "\n".join(['""', *(f'"{line}\\n"' for line in lines), *([f'"{last}"'] if last else [])])


def placeholders(text: str) -> frozenset[str]:
    """The names in braces. Raises ValueError for braces that are not a plain name."""
    names: set[str] = set()
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError(f"{{{name}}} is not a plain name")
        names.add(name)
    return frozenset(names)


def complaints(sentences: Iterable[Sentence]) -> list[str]:
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
        if sentence.many is not None and ("count" not in many or one | {"count"} != many):
            found.append(f"{sentence.key}: the plural must name {{count}} and what the singular names")
        if sentence.text != sentence.text.strip():
            found.append(f"{sentence.key}: has spaces at its ends")
    return found


def main(arguments: Sequence[str] | None = None, *, path: Path = TEMPLATE) -> int:
    parser = argparse.ArgumentParser(prog="python -m bot.languages.catalog", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if something is not in step")
    check: bool = parser.parse_args(arguments).check
    sentences = SENTENCES.values()
    wrong = complaints(sentences)
    text = template(sentences)
    if not check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != text:
        wrong.append(f"{path.name} is not in step with the sentences; run `make fmt`")
    for line in wrong:
        sys.stderr.write(f"{line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
