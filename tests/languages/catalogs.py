"""Catalogs of a test's own."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from bot.languages import words
from bot.languages.po import merged, parsed, translate, written
from bot.languages.sentences import SENTENCES


@contextmanager
def reading_from(folder: Path) -> Generator[None]:
    """The program finds its catalogs there instead of its own."""
    read = words.read
    words.words.cache_clear()

    def instead(locale: str) -> words.Words:
        return read(locale, folder)

    with mock.patch.object(words, "read", instead):
        yield
    words.words.cache_clear()


def given(folder: Path, locale: str, **said: str | tuple[str, ...]) -> None:
    """A catalog with these translations, by key with _ for -; everything else has no words."""
    catalog = parsed(merged(locale, SENTENCES.values()))
    for entry in catalog:
        forms = said.get(str(entry.msgctxt).replace("-", "_"))
        if forms is not None:
            translate(entry, (forms,) if isinstance(forms, str) else forms)
    path = words.path_of(locale, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(catalog), encoding="utf-8")
