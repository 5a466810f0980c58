"""The words of one locale, read from its catalog when they are first needed.

gettext's own way, to make a binary of the catalog and a table of that, would hold up the event loop for some 40 ms. So
only the places of the entries are found at first, which takes a millisecond; each is read when it is first said.
"""

from __future__ import annotations

import gettext
import logging
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from bot.languages.locales import ENGLISH
from bot.languages.sentence import Sentence

FOLDER = Path(__file__).parent / "locales"
KEPT = 16
"""Catalogs in memory at most, some 0.2 MiB each."""

_log = logging.getLogger(__name__)

_KEY = re.compile(rb'\nmsgctxt (?:""\n)?"([^"\\]+)"')
_STALE = re.compile(r"^#,.*\bfuzzy\b", re.MULTILINE)
_RULE = re.compile(r"^Plural-Forms:.*?\bplural=([^;\n]+)", re.MULTILINE)
_FIELD = re.compile(r'^(msg[a-z_]+(?:\[\d+\])?|)[ \t]*"(.*)"$', re.MULTILINE)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


class Words:
    """`catalog`: as it is in its file. `plural`: which form a number takes."""

    def __init__(self, locale: str, catalog: bytes = b"", plural: Callable[[int], int] | None = None) -> None:
        self._locale = locale
        self._catalog = catalog
        self._places = {match[1]: match.start() for match in _KEY.finditer(catalog)}
        self._plural = plural
        self._read: dict[str, tuple[str, ...]] = {}

    def said(self, sentence: Sentence, number: int = 1) -> str:
        """Empty where it is not translated, or was from other words than these."""
        forms = self._read.get(sentence.key)
        if forms is None:
            forms = self._read[sentence.key] = self._forms(sentence)
        index = 0 if sentence.many is None or self._plural is None else self._plural(number)
        return forms[index] if index < len(forms) else ""

    def _forms(self, sentence: Sentence) -> tuple[str, ...]:
        entry = self._entry(sentence.key)
        fields = {} if "fuzzy" in entry and _STALE.search(entry) else _fields(entry)
        names = [name for name in fields if name.startswith("msgstr")]
        forms = tuple(fields[name] for name in sorted(names, key=lambda name: (len(name), name)))
        same = (fields.get("msgid"), fields.get("msgid_plural")) == (sentence.text, sentence.many)
        if same and forms and all(forms):
            return forms
        _log.info("The sentence %s has no words in %s and is said in English", sentence.key, self._locale)
        return ()

    def _entry(self, key: str) -> str:
        """The lines around a key, up to the empty ones that stand between entries."""
        at = self._places.get(key.encode())
        if at is None:
            return ""
        begins, ends = self._catalog.rfind(b"\n\n", 0, at + 1), self._catalog.find(b"\n\n", at)
        return self._catalog[max(begins, 0) : ends if ends > 0 else None].decode()


def path_of(locale: str, folder: Path = FOLDER) -> Path:
    return folder / locale / "LC_MESSAGES" / "calanque.po"


def read(locale: str, folder: Path = FOLDER) -> Words:
    """English where there is no catalog, or where it cannot be read. Reads the disk."""
    try:
        catalog = path_of(locale, folder).read_bytes().replace(b"\r\n", b"\n")
        rule = _RULE.search(_fields(catalog.decode().partition("\n\n")[0]).get("msgstr", ""))
        if rule is None:
            raise ValueError("there is no rule for plurals")
        return Words(locale, catalog, gettext.c2py(rule[1]))
    except Exception as error:  # whatever is wrong with it: people are told in English
        _log.warning("There is no reading the catalog of %s, so English is spoken: %s", locale, type(error).__name__)
        return Words(locale)


@lru_cache(maxsize=KEPT)
def words(locale: str) -> Words:
    """Read once, then kept. `locale`: `en` or one of `LOCALES`."""
    return Words(locale) if locale == ENGLISH else read(locale)


def _fields(entry: str) -> dict[str, str]:
    """What an entry says, by gettext's names. Lines that say nothing are left out."""
    fields: dict[str, str] = {}
    name = ""
    for begins, text in _FIELD.findall(entry):
        name = begins or name
        fields[name] = fields.get(name, "") + (_ESCAPE.sub(_unescaped, text) if "\\" in text else text)
    return fields


def _unescaped(match: re.Match[str]) -> str:
    return _ESCAPED.get(match[1], match[1])
