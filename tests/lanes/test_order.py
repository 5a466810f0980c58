"""The order among those who wait: fair, warm first within a bound, and nobody waits for ever."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.lanes.order import CONVERSATION_SECONDS, LEAST_SHARE, Order, Ticket

WARM_WAIT = 30.0
LONGEST = 20.0
"""Seconds of a request in these tests."""


@dataclass(slots=True)
class Engine:
    """Serves one request at a time in the order's order; `warm` conversations are held."""

    warm: set[str] = field(default_factory=set[str])
    order: Order = field(default_factory=lambda: Order(warm_wait=WARM_WAIT))
    served: list[Ticket] = field(default_factory=list[Ticket])

    def asks(self, conversation: str, person: str) -> Ticket:
        return self.order.enter(conversation, person)

    def serves(self, seconds: float, *, busy: Collection[str] = ()) -> Ticket | None:
        ticket = self.order.choose(busy=busy, is_warm=self.warm.__contains__)
        if ticket is not None:
            self.served.append(ticket)
            self.order.spent(ticket, seconds)
            self.order.leave(ticket)
        return ticket


def test_among_people_who_had_nothing_whoever_came_first_goes_first() -> None:
    engine = Engine()
    tickets = [engine.asks(f"c{number}", f"p{number}") for number in range(5)]
    while engine.serves(5):
        pass
    assert engine.served == tickets


def test_somebody_who_asks_again_and_again_goes_behind_those_who_had_nothing() -> None:
    engine = Engine()
    many = [engine.asks(f"c{number}", "flooder") for number in range(3)]
    engine.serves(5)
    other, another = engine.asks("c7", "ana"), engine.asks("c8", "ben")
    for _ in range(4):
        engine.serves(5)
    assert engine.served == [many[0], other, another, many[1], many[2]]


def test_a_channel_full_of_people_does_not_keep_one_who_asks_elsewhere_waiting_for_all_of_them() -> None:
    engine = Engine()
    for number in range(25):
        engine.asks("raided", f"p{number}")
    quiet = engine.asks("quiet", "ana")
    seconds = 0.0
    while engine.serves(5) is not quiet:
        seconds += 5
    assert seconds <= CONVERSATION_SECONDS + 5


def test_a_conversation_with_a_turn_under_way_is_passed_over() -> None:
    engine = Engine()
    first, second = engine.asks("here", "ana"), engine.asks("there", "ben")
    assert engine.serves(5, busy={"here"}) is second
    assert engine.serves(5, busy={"here"}) is None
    assert engine.serves(5) is first


def test_a_turn_in_the_middle_goes_on_before_the_others_though_it_had_most() -> None:
    engine = Engine(warm={"there"})
    going_on = engine.asks("here", "ana")
    assert engine.order.choose(busy=(), is_warm=engine.warm.__contains__) is going_on
    engine.order.spent(going_on, 60)
    engine.asks("there", "ben")
    engine.order.again(going_on)
    assert engine.serves(5, busy={"here"}) is going_on


def test_a_warm_conversation_goes_ahead_until_whoever_is_first_was_held_up_long_enough() -> None:
    engine = Engine(warm={"warm"})
    cold = engine.asks("cold", "ana")
    for number in range(9):
        engine.asks("warm", f"p{number}")
    while engine.serves(10) is not cold:
        pass
    assert len(engine.served) == 1 + WARM_WAIT / 10
    assert cold.held_up == WARM_WAIT


def test_without_a_bound_nobody_goes_ahead_for_being_warm() -> None:
    engine = Engine(warm={"warm"}, order=Order(warm_wait=0))
    cold, _ = engine.asks("cold", "ana"), engine.asks("warm", "ben")
    assert engine.serves(5) is cold


def test_somebody_who_asks_for_several_things_at_once_goes_ahead_with_none_of_them() -> None:
    engine = Engine(warm={"warm", "too"})
    cold = engine.asks("cold", "ana")
    engine.asks("warm", "flooder")
    engine.asks("too", "flooder")
    assert engine.serves(5) is cold


def test_somebody_who_had_much_more_does_not_go_ahead_for_being_warm() -> None:
    engine = Engine(warm={"warm"})
    engine.asks("warm", "greedy")
    keeps_busy = engine.asks("far", "eve")
    engine.serves(WARM_WAIT + 5, busy={"far"})
    cold = engine.asks("cold", "ana")
    engine.asks("warm", "greedy")
    assert [engine.serves(5), engine.serves(5)] == [keeps_busy, cold]


def test_the_line_foretells_the_order_in_which_they_go() -> None:
    engine = Engine(warm={"warm"})
    for conversation, person in (("a", "ana"), ("b", "ben"), ("warm", "cleo"), ("c", "dan"), ("c", "eve")):
        engine.asks(conversation, person)
    line = engine.order.line(is_warm=engine.warm.__contains__)
    while engine.serves(5):
        pass
    assert line == engine.served
    assert engine.order.line(is_warm=engine.warm.__contains__) == []


def test_once_nobody_is_there_what_people_had_is_forgotten() -> None:
    engine = Engine()
    engine.asks("here", "ana")
    engine.serves(500)
    ana, _ = engine.asks("here", "ana"), engine.asks("there", "ben")
    assert engine.serves(5) is ana


def test_somebody_who_leaves_the_line_is_not_chosen() -> None:
    engine = Engine()
    gone, there = engine.asks("here", "ana"), engine.asks("there", "ben")
    engine.order.leave(gone)
    assert engine.serves(5) is there
    assert len(engine.order) == 0


arrivals = st.lists(
    st.tuples(
        st.sampled_from(["c1", "c2", "c3"]),
        st.sampled_from(["p1", "p2", "p3", "p4"]),
        st.floats(0.1, LONGEST),
        st.sets(st.sampled_from(["c1", "c2", "c3"])),
        st.integers(0, 2),
    ),
    max_size=60,
)


@given(arrivals)
def test_everybody_is_served_exactly_once_and_nobody_who_is_first_is_held_up_beyond_the_bound(
    coming: list[tuple[str, str, float, set[str], int]],
) -> None:
    engine = Engine()
    tickets: list[Ticket] = []
    for conversation, person, seconds, warm, serves in coming:
        tickets.append(engine.asks(conversation, person))
        engine.warm = warm
        for _ in range(serves):
            engine.serves(seconds)
    while engine.serves(1):
        pass
    assert sorted(each.number for each in engine.served) == [each.number for each in tickets]
    assert all(each.held_up < WARM_WAIT + LONGEST for each in tickets)
    assert len(engine.order) == engine.order.waiting == 0


@settings(max_examples=20, deadline=None)
@given(st.floats(3, LONGEST), st.floats(0, 60), st.randoms(use_true_random=False), st.booleans())
def test_however_many_come_who_had_nothing_nobody_waits_for_ever(
    seconds: float, had: float, random: Random, warm: bool
) -> None:
    engine = Engine(warm={"busy"} if warm else set())
    engine.asks("here", "ana")
    engine.asks("elsewhere", "anchor")  # so that nothing is forgotten
    engine.serves(had, busy={"elsewhere"})
    waiting = engine.asks("here", "ana")
    spent, newcomers = 0.0, 0
    while waiting not in engine.served[-1:]:
        newcomers += 1
        engine.asks(random.choice(["busy", f"new-{newcomers}"]), f"n{newcomers}")
        engine.serves(seconds)
        spent += seconds
        assert spent <= (had + 2 * LONGEST) / LEAST_SHARE + WARM_WAIT


@pytest.mark.parametrize("people", [2, 5])
def test_those_who_always_ask_share_the_engine_evenly_whatever_their_requests_take(people: int) -> None:
    engine, had = Engine(), dict.fromkeys([f"p{number}" for number in range(people)], 0.0)
    for person in had:
        engine.asks(f"channel of {person}", person)
    for _ in range(300):
        ticket = engine.order.choose(busy=(), is_warm=lambda _: False)
        assert ticket is not None
        seconds = 2.0 if ticket.person == "p0" else 12.0
        engine.order.spent(ticket, seconds)
        had[ticket.person] += seconds
        engine.asks(ticket.conversation, ticket.person)
        engine.order.leave(ticket)
    assert max(had.values()) - min(had.values()) <= 2 * 12.0
