"""Writes gettext's files: the template, and the catalog of each locale kept in step with the sentences.

The same wherever and whenever they are made: sorted by key, without dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polib

from bot.languages.counting import forms, header
from bot.languages.flaws import placeholders
from bot.languages.sentence import Sentence

STALE = "fuzzy"
"""gettext's mark of a translation whose original has changed since."""

_ABOUT = "The sentences of Calanque. msgctxt is the sentence's key; {names} in braces stay as they are."
_ENGLISH_PLURAL = "nplurals=2; plural=(n != 1);"


def template(sentences: Iterable[Sentence]) -> str:
    """The catalog without translations."""
    catalog = _empty(_ENGLISH_PLURAL)
    catalog.extend(_entry(sentence, count=2) for sentence in _sorted(sentences))
    return _written(catalog)


def parsed(text: str) -> polib.POFile:
    """Raises ValueError for what is no catalog."""
    try:
        # An empty text would be taken for the name of a file.
        return polib.pofile(f"{text}\n", check_for_duplicates=True)
    except (OSError, ValueError) as error:
        raise ValueError(f"is no catalog: {error}") from error


def merged(locale: str, sentences: Iterable[Sentence], old: str = "") -> str:
    """The catalog of a locale: what `old` has and still fits, the rest empty; what was translated from other words is
    marked as stale. Raises ValueError for an `old` that is no catalog."""
    known = {str(entry.msgctxt): entry for entry in parsed(old) if not entry.obsolete} if old else {}
    catalog = _empty(header(locale), locale)
    for sentence in _sorted(sentences):
        entry = _entry(sentence, count=len(forms(locale)))
        if sentence.key in known:
            _take(entry, known[sentence.key])
        catalog.append(entry)
    return _written(catalog)


def translated(entry: polib.POEntry) -> tuple[str, ...]:
    """Its forms: one where it has no plural."""
    if not entry.msgid_plural:
        return (str(entry.msgstr),)
    return tuple(str(entry.msgstr_plural[index]) for index in sorted(entry.msgstr_plural))


def translate(entry: polib.POEntry, said: Sequence[str]) -> None:
    """Put a translation of the present words into an entry."""
    if entry.msgid_plural:
        entry.msgstr_plural = dict(enumerate(said))
    else:
        entry.msgstr = said[0]
    entry.flags = [flag for flag in entry.flags if flag != STALE]
    entry.previous_msgid = entry.previous_msgid_plural = None


def written(catalog: polib.POFile) -> str:
    return _written(catalog)


def _take(entry: polib.POEntry, old: polib.POEntry) -> None:
    said = translated(old)
    if not any(said) or bool(entry.msgid_plural) != bool(old.msgid_plural) or len(said) != len(translated(entry)):
        return
    changed = (entry.msgid, entry.msgid_plural) != (old.msgid, old.msgid_plural)
    translate(entry, said)
    if STALE in old.flags or changed:
        entry.flags.append(STALE)
        entry.previous_msgid = old.previous_msgid if STALE in old.flags and old.previous_msgid else old.msgid


def _entry(sentence: Sentence, *, count: int) -> polib.POEntry:
    entry = polib.POEntry(msgctxt=sentence.key, msgid=sentence.text)
    if placeholders(sentence.text) or (sentence.many and placeholders(sentence.many)):
        entry.flags.append("python-brace-format")
    if sentence.many is not None:
        entry.msgid_plural = sentence.many
        entry.msgstr_plural = dict.fromkeys(range(count), "")
    return entry


def _empty(plural: str, locale: str = "") -> polib.POFile:
    catalog = polib.POFile(wrapwidth=0)
    catalog.header = _ABOUT
    catalog.metadata = {
        "Project-Id-Version": "calanque",
        **({"Language": locale.replace("-", "_")} if locale else {}),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": plural,
    }
    return catalog


def _sorted(sentences: Iterable[Sentence]) -> list[Sentence]:
    return sorted(sentences, key=lambda sentence: sentence.key)


def _written(catalog: polib.POFile) -> str:
    catalog.wrapwidth = 0
    return f"{str(catalog).rstrip()}\n"
