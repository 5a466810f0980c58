"""Writes docs/samples: a digest of each of the project's own logs, with links into the log, for anybody to judge.

`python -m benchmarks.digesting.samples` makes them without a model. The one that comes with the program, of 135 million
parameters, was tried on a stretch of them and repeated the request.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.digesting.engine import Misbehaving
from benchmarks.digesting.logs import PLATFORM, Log, read
from benchmarks.program import ROOT
from benchmarks.replay.logs import SAMPLE
from bot.digest.making import Maker
from bot.digest.showing import told
from bot.inference.tekken import Tekken
from bot.lanes.engines import Engines
from bot.lanes.lanes import Bounds, Lanes
from bot.languages.phrases import Phrases
from bot.operate.clock import SystemClock
from bot.operate.metrics import MemoryCounters
from bot.settings import Database, EngineSettings
from bot.storage.store import open_store
from bot.talk.digest import Digest, Order, Period, text_of
from bot.talk.message import Place
from bot.talk.record import Incoming

FOLDER = ROOT / "docs" / "samples"
_TIME = re.compile(r"<t:(\d+):[tf]>")
_SPOKEN = re.compile(r"\[(\d\d):(\d\d)\] <[^>]+> ")
NOTICE = (
    "The log is a part of the data of J. Kummerfeld et al., “A Large-Scale Corpus for Conversation Disentanglement” "
    "(ACL 2019), licensed under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/); see "
    "[NOTICE.md](../../benchmarks/replay/sample/NOTICE.md). The arrows lead to its lines. Instead of the log's hours "
    "Discord shows moments that everybody sees in their own zone."
)


async def made(log: Log) -> Digest:
    clock, counters = SystemClock(), MemoryCounters()
    # Never asked anything.
    lanes = Lanes(
        Misbehaving(Tekken(), (), (), seed=0),
        Bounds(slots=1, queue=1, queue_per_person=1, seconds=1),
        clock=clock,
        counters=counters,
    )
    engines = Engines(lanes, None, demo_platforms=(), clock=clock, counters=counters)
    period = Period(since=log.messages[0].sent_at, until=log.messages[-1].sent_at + timedelta(seconds=1))
    order = Order(platform=PLATFORM, rooms=frozenset({log.place.room}), period=period, language="en")
    with tempfile.TemporaryDirectory(prefix="calanque-samples-") as home:
        async with open_store(Database(), Path(home), clock=clock) as store:
            await store.record_all([Incoming(message=each, keep=True) for each in log.messages])
            maker = Maker(store, engines, settings=EngineSettings(), clock=clock, counters=counters)
            return await maker.gather(order)


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
    return f"# Made without a model\n\n{NOTICE}\n\n{_TIME.sub(hour, shown).replace('-# ', '')}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to write them")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for log in read(SAMPLE):
        (options.folder / f"{log.place.name}.md").write_text(page(log, asyncio.run(made(log))), encoding="utf-8")


if __name__ == "__main__":
    main()
