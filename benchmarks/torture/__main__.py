"""The command line: runs it, tells the figures, and of every violation the story."""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.program import measure
from benchmarks.reporting import Report, arguments, percentile
from benchmarks.torture import __doc__ as about
from benchmarks.torture.course import Outcome, run
from benchmarks.torture.journal import Journal
from benchmarks.torture.judge import Finding
from benchmarks.torture.plan import Plan, draw
from benchmarks.torture.records import Kind, records
from benchmarks.torture.town import PEOPLE, ROOMS, TALKED_IN

SEED = 20261123
LONGEST = 3 * 3600.0  # seconds of the whole benchmark
MOST_SECONDS = 45 * 60.0  # for 10,000 messages and 500 kills
MOST_APOLOGISED = 0.005  # of the questions
STORIES = 8  # violations of one kind that are told whole


async def torture(plan: Plan, kind: Kind, folder: Path) -> tuple[Report, bool]:
    """The figures, and whether the promise was kept."""
    with Journal(folder / "journal.txt") as journal:
        async with records(kind, folder) as kept:
            outcome = await run(plan, kept, folder, journal)
        broken = _tell(outcome, journal)
    return _report(outcome), not broken


def _report(outcome: Outcome) -> Report:
    verdict, report = outcome.verdict, Report()
    report.add("messages", outcome.messages)
    report.add("questions", outcome.questions)
    report.add("kills", outcome.kills)
    report.add("lost", len(verdict.lost), at_most=0)
    report.add("duplicated", len(verdict.duplicated), at_most=0)
    report.add("mixed", len(verdict.mixed), at_most=0)
    report.add("unknown", outcome.states.get("unknown", 0), at_most=0)
    report.add("apologised", len(verdict.apologised))
    share = len(verdict.apologised) / max(1, outcome.questions)
    report.add("apologised_share", share, at_most=MOST_APOLOGISED)
    report.add("transcript_lost", len(verdict.transcript_lost), at_most=0)
    report.add("transcript_stale", len(verdict.transcript_stale), at_most=0)
    report.add("transcript_undeleted", len(verdict.transcript_undeleted), at_most=0)
    report.add("pending", outcome.pending, at_most=0)
    report.add("unfinished", sum(outcome.states.get(state, 0) for state in ("open", "ready")), at_most=0)
    report.add("failed", outcome.states.get("failed", 0))
    report.add("own_exits", len(outcome.own_exits), at_most=0)
    report.add("sends_lost", outcome.sends_lost)
    report.add("engine_faults", outcome.engine_faults)
    report.add("seconds", outcome.seconds, "s", at_most=MOST_SECONDS)
    report.add("quiet_seconds", outcome.quiet, "s")
    if outcome.recovered:
        report.add("recover_s_p50", percentile(outcome.recovered, 0.5), "s")
        report.add("recover_s_p95", percentile(outcome.recovered, 0.95), "s")
    return report


def _tell(outcome: Outcome, journal: Journal) -> bool:
    """Print what went wrong, with stories; whether the promise was broken."""
    verdict = outcome.verdict
    violations: dict[str, Sequence[Finding]] = {
        "lost": verdict.lost,
        "duplicated": verdict.duplicated,
        "mixed": verdict.mixed,
        "transcript_lost": verdict.transcript_lost,
        "transcript_stale": verdict.transcript_stale,
        "transcript_undeleted": verdict.transcript_undeleted,
    }
    for name, found in (*violations.items(), ("apologised", verdict.apologised)):
        for number, finding in enumerate(found):
            print(f"{name}: {finding.what}", file=sys.stderr)
            if number < STORIES:
                for line in journal.story(*finding.words):
                    print(f"    {line}", file=sys.stderr)
    for exit_ in outcome.own_exits:
        print(f"ended by itself: {exit_}", file=sys.stderr)
    if outcome.exit_codes != (0, 0):
        print(f"asked to end, it left with {outcome.exit_codes}", file=sys.stderr)
    print(f"deliveries by state: {outcome.states}", file=sys.stderr)
    return any(violations.values()) or bool(outcome.own_exits) or bool(outcome.pending) or outcome.exit_codes != (0, 0)


def main() -> None:
    parser = arguments(about or "")
    parser.add_argument("--messages", type=int, default=10_000, help="what people say in all")
    parser.add_argument("--kills", type=int, default=500, help="how often the program is killed")
    parser.add_argument("--seed", type=int, default=SEED, help="draws everything that happens")
    parser.add_argument("--database", type=Kind, choices=list(Kind), default=Kind.SQLITE)
    parser.add_argument("--logs", type=Path, help="a new folder that stays; else one is named where it is needed")
    options = parser.parse_args()
    if options.messages < ROOMS or options.kills < 0:
        parser.error(f"at least {ROOMS} messages, so that every room hears one, and no fewer than 0 kills")
    plan = draw(
        options.seed,
        messages=options.messages,
        kills=options.kills,
        rooms=ROOMS,
        talked_in=TALKED_IN,
        people=PEOPLE,
    )
    folder = options.logs
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="calanque-torture-"))
    else:
        folder.mkdir(parents=True)
    # What the doubles say when a connection ends under them, or when they are wrong themselves.
    logging.basicConfig(filename=folder / "doubles.log", level=logging.INFO)
    print(f"the journal and the logs are in {folder}", file=sys.stderr, flush=True)
    report, kept = measure(torture(plan, options.database, folder.resolve()), seconds=LONGEST)
    report.show(as_json=options.json)
    if not kept:
        sys.exit(f"the promise was broken: the journal and the logs are in {folder}")
    if options.logs is None:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
