"""How sentences and names stand one after the other, in the signs of a language."""

from __future__ import annotations

from collections.abc import Iterable

_UNSPACED = frozenset({"ja", "zh-CN", "zh-TW"})
"""Locales whose full stop holds its own space."""
_COMMAS = {"ja": "、", "zh-CN": "、", "zh-TW": "、", "ar": "، ", "fa": "، "}


def after_another(sentences: Iterable[str], locale: str) -> str:
    return ("" if locale in _UNSPACED else " ").join(sentences)


def listed(names: Iterable[str], locale: str) -> str:
    return _COMMAS.get(locale, ", ").join(names)
