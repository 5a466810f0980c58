"""A real manual in many languages: Debian's reference, from the packages `debian-reference-*`, as the program reads it.

They are fetched with `apt-get download` where the cache folder does not hold them.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.program import BenchmarkFailed
from bot.documents.bounds import Bounds
from bot.documents.markup import open_markup
from bot.knowledge import chunks
from bot.talk.knowledge import EVERYONE, Chunk, Known
from tests.fakes import START

LANGUAGES = ("en", "de", "fr", "ja", "es", "it", "pt", "zh-cn")

_BOUNDS = Bounds(megapixels=1, pages=1, characters=2_000_000, seconds=60, memory_bytes=2**30, attachment_bytes=2**26)
_NUMBERED = re.compile(r"(?:.* › )?((?:\d+|[A-Z])(?:\.\d+)+)\.?\s+(.*)")
_SENTENCE = re.compile(r"(.{30,200}?[.!?。！？])(?:\s|$)|(.{30,200})", re.DOTALL)
_TIMEOUT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Manual:
    """`chapters`: documents with their passages. `titles` and `sentences`: of sections, by their numbers. `whole`:
    passages that all of it has."""

    language: str
    chapters: Sequence[tuple[Known, Sequence[Chunk]]]
    titles: dict[str, str]
    sentences: dict[str, str]
    whole: int

    @property
    def passages(self) -> int:
        return sum(len(parts) for _, parts in self.chapters)


def section_of(where: str) -> str:
    """The number of the section that a passage is of; "" for none."""
    found = _NUMBERED.fullmatch(where)
    return found.group(1) if found else ""


def manual(language: str, cache: Path, *, chapters: int = 0, every: int = 1) -> Manual:
    """The first so many chapters (0: all), and of these the first of each so many sections, by their order; what stands
    in no section only where all are taken. Raises BenchmarkFailed where the package cannot be had."""
    folder = cache / "manual" / language
    if not folder.is_dir():
        _fetch(language, folder)
    files = sorted(folder.glob("usr/share/debian-reference/ch*.html"))
    if not files:
        raise BenchmarkFailed(f"debian-reference-{language} holds no chapters")
    made: list[tuple[Known, Sequence[Chunk]]] = []
    titles: dict[str, str] = {}
    sentences: dict[str, str] = {}
    for file in files[: chapters or None]:
        parts = chunks.of_markup(open_markup(file.read_bytes(), _BOUNDS).text)
        tag = language.partition("-")[0]
        name = f"{language} {file.name.partition('.')[0]}"
        known = Known(key=name, name=name, title=name, readers=EVERYONE, digest="1", read_at=START, language=tag)
        made.append((known, parts))
        for part in parts:
            found = _NUMBERED.fullmatch(part.where)
            if found is None or found.group(1) in titles:
                continue
            titles[found.group(1)] = found.group(2)
            prose = next((line for line in part.text.split("\n") if len(line) > 30 and line[0] not in "#|-`$"), "")
            said = _SENTENCE.match(prose)
            if said:
                sentences[found.group(1)] = said[0].strip()
    whole = sum(len(parts) for _, parts in made)
    book = Manual(language=language, chapters=made, titles=titles, sentences=sentences, whole=whole)
    return book if every == 1 else _sample(book, frozenset(list(titles)[::every]))


def _sample(book: Manual, sections: Collection[str]) -> Manual:
    return Manual(
        language=book.language,
        chapters=[
            (known, [part for part in parts if section_of(part.where) in sections]) for known, parts in book.chapters
        ],
        titles={at: title for at, title in book.titles.items() if at in sections},
        sentences={at: sentence for at, sentence in book.sentences.items() if at in sections},
        whole=book.whole,
    )


def _fetch(language: str, folder: Path) -> None:
    package = f"debian-reference-{language}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(
            ["apt-get", "download", package], cwd=folder.parent, check=True, capture_output=True, timeout=_TIMEOUT
        )
        (archive,) = folder.parent.glob(f"{package}_*.deb")
        subprocess.run(["dpkg-deb", "-x", archive, folder], check=True, capture_output=True, timeout=_TIMEOUT)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise BenchmarkFailed(f"{package} cannot be had here: {error}") from error
