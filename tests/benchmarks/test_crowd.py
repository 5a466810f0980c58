"""The machinery of the benchmarks of lanes: virtual time, an engine with room for few, people who ask."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks import fairness, warm_set
from benchmarks.crowd import Asked, Cache, Machine, Slot, by_rule, through_lanes
from benchmarks.virtual_time import NothingLeft, VirtualClock, run
from bot.lanes.lanes import Bounds

BOUNDS = Bounds(slots=1, queue=50, queue_per_person=3, seconds=900)


def test_hours_of_virtual_time_pass_at_once_and_in_order() -> None:
    async def main() -> list[float]:
        clock, seen = VirtualClock(), list[float]()

        async def wait(seconds: float) -> None:
            await clock.sleep(seconds)
            seen.append(clock.monotonic())

        await asyncio.gather(wait(7200), wait(3600), wait(10_800))
        return seen

    assert run(main()) == [3600, 7200, 10_800]


def test_what_waits_for_nothing_is_told_instead_of_waiting_for_ever() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingLeft):
        run(main())


def test_a_cache_drops_the_least_recently_used_or_what_hindsight_says() -> None:
    plain, knowing = Cache(2), Cache(2, farthest=max)
    for cache in (plain, knowing):
        for channel in (1, 2, 3):
            cache.use(channel)
    assert plain.held == [2, 3]
    assert knowing.held == [1, 3]


def test_a_slot_takes_a_conversation_back_from_the_hosts_memory_while_it_has_room() -> None:
    slot = Slot(host_tokens=130)
    assert [slot.take(channel, 60)[0] for channel in (1, 2, 1, 2)] == [False, False, True, True]
    assert [slot.take(channel, 60)[0] for channel in (3, 4, 2)] == [False, False, False]


def test_the_same_questions_are_all_answered_through_lanes_and_by_rule() -> None:
    asked = [Asked(at=number * 20.0, person=f"p{number % 4}", channel=number % 3, reply=50) for number in range(30)]
    machine = Machine(room=3)
    for answered in (through_lanes(asked, machine, BOUNDS), by_rule(asked, machine, clairvoyant=False, order=None)):
        assert {one.asked for one in answered if one.wait is not None} == set(asked)
        assert sum(one.warm for one in answered) == 27


def test_a_person_with_too_much_waiting_is_refused_and_the_others_are_not() -> None:
    flood = [Asked(at=1 + number / 100, person="flooder", channel=0, reply=50) for number in range(100)]
    other = Asked(at=1.5, person="other", channel=1, reply=50)
    answered = through_lanes(sorted([*flood, other], key=lambda one: one.at), Machine(), BOUNDS)
    served = [one for one in answered if one.wait is not None]
    assert len(served) == 4
    assert other in {one.asked for one in served}


def test_our_order_keeps_nearly_as_much_warm_as_hindsight_would() -> None:
    found = warm_set.measured(1, turns=400)
    assert warm_set.warm_share(found[""]) > 0.85 * warm_set.warm_share(found["clairvoyant_"])
    assert warm_set.warm_share(found[""]) > 1.1 * warm_set.warm_share(found["first_come_"])


def test_the_ordinary_crowd_loads_the_engine_as_much_as_it_says() -> None:
    answered = through_lanes(fairness.ordinary(1, 7200), fairness.MACHINE, BOUNDS)
    assert warm_set.load(answered) == pytest.approx(fairness.LOAD, abs=0.1)
