"""What one person who writes a hundred messages a second takes from two hundred others.

The others load the engine to seven tenths, over twenty channels; the one writes in a channel that they use. Everything
goes through the program's own lanes with its default bounds. Beside it: first come first served with the same bound on
how much one person may have waiting, as a semaphore would serve them.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from benchmarks.crowd import Answered, Asked, Machine, by_rule, replies, through_lanes
from benchmarks.reporting import Report, arguments, percentile
from bot.lanes.lanes import Bounds
from bot.settings import Limits

PEOPLE, CHANNELS, LOAD = 200, 20, 0.7
FLOOD_PER_SECOND = 100
FLOODER = "flooder"
MEAN_REPLY = 200
MINUTES = 40
BEGIN_SECONDS = 600.0
"""Until every channel has been read once; then the flood begins, and what is measured."""
SEEDS = (1, 2)
GOAL = 1.2
MACHINE = Machine(room=CHANNELS)
"""Every channel is warm: only the order is to be seen."""


def ordinary(seed: int, seconds: float) -> list[Asked]:
    random = Random(seed)
    work = MACHINE.takes(warm=True, other=True, reply=MEAN_REPLY)
    at, asked = 0.0, list[Asked]()
    while (at := at + random.expovariate(LOAD / work)) < seconds:
        number = random.randrange(PEOPLE)
        reply = replies(random, MEAN_REPLY)
        asked.append(Asked(at=at, person=f"p{number}", channel=number % CHANNELS, reply=reply))
    return asked


def flood(seed: int, seconds: float) -> list[Asked]:
    """From its beginning to the end."""
    random = Random(seed + 1000)
    begin = BEGIN_SECONDS
    return [
        Asked(at=begin + number / FLOOD_PER_SECOND, person=FLOODER, channel=0, reply=replies(random, MEAN_REPLY))
        for number in range(int((seconds - begin) * FLOOD_PER_SECOND))
    ]


def together(*groups: Sequence[Asked]) -> list[Asked]:
    return sorted((one for group in groups for one in group), key=lambda one: one.at)


def waits(answered: Sequence[Answered], *, since: float) -> list[float]:
    """Of the others, once the flood has begun."""
    return [
        one.wait for one in answered if one.wait is not None and one.asked.person != FLOODER and one.asked.at >= since
    ]


def refused(answered: Sequence[Answered]) -> int:
    return sum(one.wait is None for one in answered if one.asked.person != FLOODER)


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--minutes", type=int, default=MINUTES)
    given = parser.parse_args()
    limits, seconds = Limits(), given.minutes * 60.0
    bounds = Bounds(
        slots=1,
        queue=limits.queue,
        queue_per_person=limits.queue_per_person,
        seconds=limits.wait_seconds,
        warm_wait=limits.warm_wait_seconds,
    )
    quiet, loud, peer = list[float](), list[float](), list[float]()
    lost = served = 0
    for seed in SEEDS:
        others = ordinary(seed, seconds)
        quiet += waits(through_lanes(others, MACHINE, bounds), since=BEGIN_SECONDS)
        with_flood = together(others, flood(seed, seconds))
        answered = through_lanes(with_flood, MACHINE, bounds)
        loud += waits(answered, since=BEGIN_SECONDS)
        lost += refused(answered)
        served += sum(one.wait is not None and one.asked.person == FLOODER for one in answered)
        by_semaphore = by_rule(with_flood, MACHINE, clairvoyant=False, order=None, per_person=limits.queue_per_person)
        peer += waits(by_semaphore, since=BEGIN_SECONDS)
    turn = MACHINE.takes(warm=True, other=True, reply=MEAN_REPLY)
    alone, beside = percentile(quiet, 0.95), percentile(loud, 0.95)
    report = Report()
    report.add("p95_ratio", (beside - turn) / alone, at_most=GOAL)
    report.add("p95_ratio_whole", beside / alone)
    report.add("wait_s_p95_without", alone, "s")
    report.add("wait_s_p95_with", beside, "s")
    report.add("wait_s_p50_without", percentile(quiet, 0.5), "s")
    report.add("wait_s_p50_with", percentile(loud, 0.5), "s")
    report.add("turn_s", turn, "s")
    report.add("others_refused", lost)
    report.add("flooder_served_share", served / (len(SEEDS) * (seconds - BEGIN_SECONDS) * FLOOD_PER_SECOND))
    report.add("first_come_wait_s_p95_with", percentile(peer, 0.95), "s")
    report.show(as_json=given.json)


if __name__ == "__main__":
    main()
