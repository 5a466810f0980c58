"""The model that tells languages: loaded when it is first needed, in a thread, and then kept.

It is a table of `py3langid` that takes a second or two to unpack, and some 95 MiB with NumPy.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.languages.identify import Identifier, Ranks
from bot.languages.tags import main

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

Identifies = Callable[[], Awaitable[Identifier]]
"""Gives the identifier, loaded once."""


def load() -> Identifier:
    """Blocks for a second or two."""
    return Identifier(_ranks())


@lru_cache(maxsize=1)
def model() -> LanguageIdentifier:
    """The library's own, unpacked once. Blocks for a second or two."""
    # Not at the start of the program: most of its runs need no language told.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _ranks() -> Ranks:
    import numpy as np  # noqa: PLC0415 - likewise
    from py3langid.langid import visit_counts  # noqa: PLC0415 - likewise

    known = model()
    rows = [row << 8 for row in known.tk_row]
    mains = [main(str(code)) for code in known.nb_classes]
    order = np.array(sorted(range(len(mains)), key=lambda column: mains[column]))
    languages = sorted(set(mains))
    firsts = np.array([[mains[column] for column in order].index(language) for language in languages])

    def ranks(text: str) -> Mapping[str, float]:
        lower = text.lower() if text.isupper() else text
        data = unicodedata.normalize("NFC", lower).encode("utf-8", "surrogatepass")
        visits = visit_counts(known.tk_nextmove, rows, known.tk_output, data) or {}
        features = np.fromiter(visits.keys(), dtype=np.intp, count=len(visits))
        counts = np.fromiter(visits.values(), dtype=np.float32, count=len(visits))
        scores = np.log1p(counts) @ known.nb_ptc[features].astype(np.float32) + known.nb_pc
        return dict(zip(languages, np.maximum.reduceat(scores[order], firsts).tolist(), strict=True))

    return ranks


class Lazy:
    """`await lazy()` gives the identifier; however many ask at once, it is loaded once."""

    def __init__(self, loads: Callable[[], Identifier] = load) -> None:
        self._loads = loads
        self._lock = asyncio.Lock()
        self._loaded: Identifier | None = None

    async def __call__(self) -> Identifier:
        if self._loaded is None:
            async with self._lock:
                if self._loaded is None:
                    self._loaded = await asyncio.to_thread(self._loads)
        return self._loaded
