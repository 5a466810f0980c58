"""What a language is called in another: "French" is "francês" in Portuguese.

The names are Unicode's, one file for each locale beside its catalog (`cldr` writes them), read when first needed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from bot.languages.locales import ENGLISH
from bot.languages.tags import NAMES, VARIETIES, clean, main, named
from bot.languages.words import FOLDER

KEPT = 16
"""Files in memory at most, some 0.02 MiB each."""

_log = logging.getLogger(__name__)


def names_path(locale: str, folder: Path = FOLDER) -> Path:
    return folder / locale / "languages.tsv"


def in_language(tag: str, locale: str, *, coded: bool = False) -> str:
    """What the language of a tag is called in a locale (`en` or one of `LOCALES`): in English where it has no name
    there, the tag itself where it has none at all. `coded`: with the tag behind it, as people write it in commands."""
    folded, known = tag.replace("_", "-").casefold(), known_in(locale)
    name = known.get(folded)
    if name is not None:
        return f"{name} ({tag})" if coded else name
    name = known.get(main(tag)) or named(tag)
    # A variety without a name of its own is told from others by its tag.
    return f"{name} ({tag})" if name != tag and (coded or "-" in folded) else name


def tag_named(text: str, locale: str) -> str | None:
    """The tag, in lower case, of the language that is called so in a locale; None: none is."""
    wanted = " ".join(text.split()).casefold()
    return next((tag for tag, name in known_in(locale).items() if name.casefold() == wanted), None)


def tag_meant(text: str, locale: str) -> str:
    """The tag of the language that somebody names who reads a locale: by a tag, in English, or in their own language.
    Raises ValueError where it is none that we can tell."""
    try:
        return clean(text)
    except ValueError:
        found = tag_named(text, locale)
        if found is None:
            raise
        return clean(found)


@lru_cache(maxsize=KEPT)
def known_in(locale: str) -> Mapping[str, str]:
    """Empty where the file is not there or cannot be read. Reads the disk."""
    if locale == ENGLISH:
        return MappingProxyType({**NAMES, **VARIETIES})
    try:
        lines = names_path(locale).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        _log.warning("Languages are named in English for readers of %s: %s", locale, type(error).__name__)
        return MappingProxyType({})
    parted = (line.partition("\t") for line in lines)
    return MappingProxyType({tag: name for tag, _, name in parted if name})
