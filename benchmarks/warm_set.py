"""How often the engine still holds a conversation when somebody asks there, beside what hindsight could have done.

Twelve channels, asked as often as their rank says (Zipf), on an engine that has room for four of them and is busy nine
tenths of the time. Ours goes through the program's own lanes, order and belief; beside it run the same order with a
cache that knows the future, and first come first served with a cache that drops the least recently used.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from statistics import mean

from benchmarks.crowd import Answered, Asked, Machine, by_rule, replies, through_lanes
from benchmarks.reporting import Report, arguments, percentile
from bot.lanes.lanes import Bounds
from bot.lanes.order import Order

CHANNELS, PEOPLE, ROOM = 12, 200, 4
LOAD = 0.9
WAIT_BOUND = 30.0
MEAN_REPLY = 200
GOAL = 0.9
SEEDS = (1, 2, 3)
TURNS = 4000
SETTLING = 3
"""Rounds in which the load is brought to what it shall be."""


def questions(seed: int, machine: Machine, *, turns: int, warm: float) -> list[Asked]:
    """Moments of a Poisson process whose turns, so many of them warm, keep the engine busy for its load."""
    random = Random(seed)
    weights = [1 / rank for rank in range(1, CHANNELS + 1)]
    work = warm * machine.takes(warm=True, other=True, reply=MEAN_REPLY) + (1 - warm) * machine.takes(
        warm=False, other=True, reply=MEAN_REPLY
    )
    at, asked = 0.0, list[Asked]()
    for _ in range(turns):
        at += random.expovariate(LOAD / work)
        channel = random.choices(range(CHANNELS), weights)[0]
        person = f"p{random.randrange(PEOPLE)}"
        asked.append(Asked(at=at, person=person, channel=channel, reply=replies(random, MEAN_REPLY)))
    return asked


def warm_share(answered: Sequence[Answered]) -> float:
    served = [one for one in answered if one.wait is not None]
    return sum(one.warm for one in served) / len(served)


def load(answered: Sequence[Answered]) -> float:
    """Share of the time in which the engine was busy."""
    return sum(one.ended - one.began for one in answered) / max(one.ended for one in answered)


def measured(seed: int, *, turns: int) -> dict[str, list[Answered]]:
    """The same questions under each rule. What load they are is settled by what hindsight makes of them."""
    machine = Machine(room=ROOM)
    bounds = Bounds(slots=1, queue=10_000, queue_per_person=10_000, seconds=86_400, warm_wait=WAIT_BOUND)

    def hindsight(asked: Sequence[Asked]) -> list[Answered]:
        return by_rule(asked, machine, clairvoyant=True, order=Order(warm_wait=WAIT_BOUND))

    asked = questions(seed, machine, turns=turns, warm=1.0)
    for _ in range(SETTLING):
        asked = questions(seed, machine, turns=turns, warm=warm_share(hindsight(asked)))
    return {
        "": through_lanes(asked, machine, bounds),
        "clairvoyant_": hindsight(asked),
        "first_come_": by_rule(asked, machine, clairvoyant=False, order=None),
    }


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--turns", type=int, default=TURNS)
    given = parser.parse_args()
    runs = [measured(seed, turns=given.turns) for seed in SEEDS]
    report = Report()
    ours, theirs = (mean([warm_share(run[rule]) for run in runs]) for rule in ("", "clairvoyant_"))
    report.add("warm", ours)
    report.add("clairvoyant", theirs)
    report.add("warm_ratio", ours / theirs, at_least=GOAL)
    report.add("warm_ratio_worst", min(warm_share(run[""]) / warm_share(run["clairvoyant_"]) for run in runs))
    report.add("first_come_warm", mean([warm_share(run["first_come_"]) for run in runs]))
    for rule in ("", "clairvoyant_", "first_come_"):
        waits = [one.wait for run in runs for one in run[rule] if one.wait is not None]
        report.add(f"{rule}load", mean([load(run[rule]) for run in runs]))
        report.add(f"{rule}wait_s_p50", percentile(waits, 0.5), "s")
        report.add(f"{rule}wait_s_p95", percentile(waits, 0.95), "s")
    report.show(as_json=given.json)


if __name__ == "__main__":
    main()
