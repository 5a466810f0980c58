"""Six linked channels: 10,000 messages, edits and deletions, and a program that is killed at any await.

`python -m benchmarks.mirrors --json [--messages 10000] [--deaths 200] [--seed N]`

The program's own hearing, mirrors, outbox and store; the platform behaves as Discord does (it tells what was missed
once more, forgets nonces, loses answers), the model is a few lines, time passes by hand. In half of the channels
nothing is kept. At the end each message has to stand in each of the five others: once, as it reads now, as a reply to
the counterpart of what it answers, and in order; what was deleted nowhere.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from pathlib import Path
from time import monotonic

from benchmarks.mirroring.course import run
from benchmarks.mirroring.judge import judge
from benchmarks.reporting import Report, arguments

SEED = 20261128
STORIES = 20  # violations that are told


def mirrors(folder: Path, *, seed: int, messages: int, deaths: int) -> Report:
    began = monotonic()
    outcome = asyncio.run(run(folder, seed=seed, messages=messages, deaths=deaths))
    verdict, report = judge(outcome), Report()
    for name in ("lost", "doubled", "loops", "disorder", "astray", "unlike"):
        for violation in getattr(verdict, name)[:STORIES]:
            print(f"{name}: {violation}", file=sys.stderr)
    talk = outcome.talk
    report.add("messages", messages)
    report.add("said", len(talk.said))
    report.add("edits", talk.edits)
    report.add("deletions", talk.deletions)
    report.add("echoes", talk.echoes)
    report.add("in_threads", sum(each.begins is not None for each in talk.said))
    report.add("threads_changed", outcome.discord.shores.changes)
    report.add("deaths", outcome.deaths)
    report.add("copies", sum(each.id.startswith("mirror-local-") for each in outcome.discord.standing.values()))
    report.add("lost", len(verdict.lost), at_most=0)
    report.add("doubled", len(verdict.doubled), at_most=0)
    report.add("loops", len(verdict.loops), at_most=0)
    report.add("disorder", len(verdict.disorder), at_most=0)
    report.add("astray", len(verdict.astray), at_most=0)
    report.add("unlike", len(verdict.unlike), at_most=0)
    report.add("waiting", outcome.waiting, at_most=0)
    report.add("seconds", monotonic() - began, "s")
    return report


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--messages", type=int, default=10_000, help="messages, edits and deletions in all")
    parser.add_argument("--deaths", type=int, default=200, help="how often the program is killed")
    parser.add_argument("--seed", type=int, default=SEED, help="draws everything that happens")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="calanque-mirrors-", dir=memory if memory.is_dir() else None) as folder:
        report = mirrors(Path(folder), seed=options.seed, messages=options.messages, deaths=options.deaths)
    report.show(as_json=options.json)
    if any(figure.missed for figure in report.figures):
        sys.exit("something was lost, doubled, out of order or went in circles")


if __name__ == "__main__":
    main()
