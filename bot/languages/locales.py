"""Which languages the bot's own words are in, and which of them a tag of a language means."""

from __future__ import annotations

from functools import lru_cache

ENGLISH = "en"

# fmt: off
DISCORD = (
    "bg", "cs", "da", "de", "el", "es-419", "es-ES", "fi", "fr", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "nl",
    "no", "pl", "pt-BR", "ro", "ru", "sv-SE", "th", "tr", "uk", "vi", "zh-CN", "zh-TW",
)
# fmt: on
"""Discord's locales, as its API writes them, less its two kinds of English, which need no catalog."""

OTHERS = ("ar", "bn", "fa", "he", "ms", "ne", "sr")
"""Spoken in communities, and not by Discord's own clients. Serbian is written in Cyrillic."""

LOCALES = tuple(sorted([*DISCORD, *OTHERS]))
"""What there is a catalog of."""

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he"})

# What people and browsers call them otherwise; the most exact first.
_ALSO = {
    "es": "es-ES",
    "pt": "pt-BR",
    "sv": "sv-SE",
    "nb": "no",
    "nn": "no",
    "iw": "he",
    "in": "id",
    "zh": "zh-CN",
    "zh-hans": "zh-CN",
    "zh-sg": "zh-CN",
    "zh-hant": "zh-TW",
    "zh-hk": "zh-TW",
    "zh-mo": "zh-TW",
}
_SPAIN = frozenset({"es-es", "es-ea", "es-ic"})
_LONGEST = 35  # characters of a tag that is looked at (RFC 5646, 4.4.1)


@lru_cache(maxsize=256)
def resolved(tag: str) -> str | None:
    """The locale that a tag means: `en`, one of `LOCALES`, or None for a language that the bot has no words in."""
    wanted = tag.strip().replace("_", "-").casefold()[:_LONGEST]
    by_name = {locale.casefold(): locale for locale in (ENGLISH, *LOCALES)}
    # Spanish outside Spain is that of Latin America.
    if wanted.startswith("es-") and wanted not in _SPAIN:
        return "es-419"
    while wanted:
        found = by_name.get(wanted) or _ALSO.get(wanted)
        if found is not None:
            return found
        wanted = wanted.rpartition("-")[0]
    return None


def direction(locale: str) -> str:
    """As HTML's `dir` names it."""
    return "rtl" if resolved(locale) in RIGHT_TO_LEFT else "ltr"
