"""The words of one locale, read from its catalog when they are first needed."""

from __future__ import annotations

import gettext
import io
import logging
from functools import lru_cache
from pathlib import Path

from bot.languages.locales import ENGLISH

FOLDER = Path(__file__).parent / "locales"
KEPT = 16
"""Catalogs in memory at most, some 0.7 MiB each."""

_log = logging.getLogger(__name__)


def path_of(locale: str, folder: Path = FOLDER) -> Path:
    return folder / locale / "LC_MESSAGES" / "calanque.po"


def read(locale: str, folder: Path = FOLDER) -> gettext.NullTranslations:
    """What is translated and not stale. English where there is no catalog, or where it cannot be read. Reads the disk
    and takes some 30 ms."""
    # Loaded late: most programs speak English alone.
    import polib  # noqa: PLC0415

    try:
        catalog = polib.pofile(path_of(locale, folder).read_text(encoding="utf-8"))
        missing = sum(not entry.translated() and not entry.obsolete for entry in catalog)
        words = gettext.GNUTranslations(io.BytesIO(catalog.to_binary()))
    except Exception as error:  # whatever is wrong with it: people are told in English
        _log.warning("There is no reading the catalog of %s, so English is spoken: %s", locale, type(error).__name__)
        return gettext.NullTranslations()
    if missing:
        _log.info("%d sentences have no words in %s and are said in English", missing, locale)
    return words


@lru_cache(maxsize=KEPT)
def words(locale: str) -> gettext.NullTranslations:
    """Read once, then kept. `locale`: `en` or one of `LOCALES`."""
    return gettext.NullTranslations() if locale == ENGLISH else read(locale)
