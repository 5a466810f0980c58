"""Writes docs/samples: a digest of each of the project's own logs, with links into the log, for anybody to judge.

`python -m benchmarks.digesting.samples` writes those that are made without a model; `--demo-model` those of the small
model that comes with the program, which is English and knows little.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.digesting.logs import PLATFORM, Log, read
from benchmarks.program import ROOT
from benchmarks.replay.logs import SAMPLE
from bot.digest.making import Maker
from bot.digest.showing import told
from bot.inference.embedded import MODEL, EmbeddedInference
from bot.lanes.engines import Engines
from bot.lanes.lanes import Bounds, Lanes
from bot.languages.phrases import Phrases
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.settings import Database, EngineSettings
from bot.storage.store import open_store
from bot.talk.digest import Digest, Made, Order, Period, text_of
from bot.talk.message import Person, Place
from bot.talk.record import Incoming

FOLDER = ROOT / "docs" / "samples"
READER = Person(platform=PLATFORM, id="reader", name="reader")
_TIME = re.compile(r"<t:(\d+):[tf]>")
_SPOKEN = re.compile(r"\[(\d\d):(\d\d)\] <[^>]+> ")
NOTICE = (
    "The log is a part of the data of J. Kummerfeld et al., “A Large-Scale Corpus for Conversation Disentanglement” "
    "(ACL 2019), licensed under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/); see "
    "[NOTICE.md](../../benchmarks/replay/sample/NOTICE.md). The arrows lead to its lines. Instead of the log's hours "
    "Discord shows moments that everybody sees in their own zone."
)


class NoImages:
    async def images(self, digests: Collection[str]) -> Mapping[str, bytes]:
        return {}


@asynccontextmanager
async def maker(log: Log, home: Path) -> AsyncGenerator[Maker]:
    clock, counters, settings = SystemClock(), MemoryCounters(), EngineSettings()
    embedded = EmbeddedInference(settings, images=NoImages(), counters=counters, clock=clock)
    lanes = Lanes(embedded, Bounds(slots=1, queue=4, queue_per_person=4, seconds=600), clock=clock, counters=counters)
    engines = Engines(lanes, None, demo_platforms=(), clock=clock, counters=counters)
    async with embedded, open_store(Database(), home, clock=clock) as store:
        await store.record_all([Incoming(message=each, keep=True) for each in log.messages])
        yield Maker(store, engines, settings=settings, clock=clock, counters=counters)


async def made(log: Log, *, demo: bool) -> Digest:
    period = Period(since=log.messages[0].sent_at, until=log.messages[-1].sent_at + timedelta(seconds=1))
    order = Order(platform=PLATFORM, rooms=frozenset({log.place.room}), period=period, language="en")
    with tempfile.TemporaryDirectory(prefix="calanque-samples-") as home:
        async with maker(log, Path(home)) as making:
            return await (making.make(order, waited_for=READER) if demo else making.gather(order))


def page(log: Log, digest: Digest) -> str:
    """As Markdown for people who browse the repository."""
    file = (SAMPLE / f"{log.place.name}.txt").read_text(encoding="utf-8", errors="replace").splitlines()
    spoken = [(number, found) for number, line in enumerate(file, 1) if (found := _SPOKEN.match(line))]
    lines = {message.id: number for message, (number, _) in zip(log.messages, spoken, strict=True)}
    clock = timedelta(hours=int(spoken[0][1][1]), minutes=int(spoken[0][1][2]))
    begin = log.messages[0].sent_at.replace(second=0, microsecond=0)

    def hour(found: re.Match[str]) -> str:
        return f"{datetime.min + clock + (datetime.fromtimestamp(int(found[1]), UTC) - begin):%H:%M}"

    def link(_: Place, message: str) -> str:
        return f"../../benchmarks/replay/sample/{log.place.name}.txt#L{lines[message]}"

    shown = text_of(told(digest, link=link, phrases=Phrases(), heading=f"## A digest of {log.place.name}"))
    by = f"the demo model {MODEL}, checked by code" if digest.made is Made.MODEL else "no model: extracts"
    return f"# Made by {by}\n\n{NOTICE}\n\n{_TIME.sub(hour, shown).replace('-# ', '')}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo-model", action="store_true", help="by the model that comes with the program")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for log in read(SAMPLE):
        digest = asyncio.run(made(log, demo=options.demo_model))
        suffix = "-demo-model" if options.demo_model else ""
        (options.folder / f"{log.place.name}{suffix}.md").write_text(page(log, digest), encoding="utf-8")


if __name__ == "__main__":
    main()
