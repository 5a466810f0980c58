"""Whatever our clock shows, each message is told by one digest: when it was sent and when it was heard decide."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.digest.schedule import SET_BACK, Schedule, step_before
from bot.ports.moments import News
from bot.talk.ground import Ground
from bot.talk.plan import Plan, Run, first_due
from bot.talk.recurrence import Every, OnDays, Recurrence
from tests.fakes import GENERAL, START

DAY = timedelta(days=1)
AHEAD = timedelta(minutes=1)
"""As `bot.storage.plans`."""


def planned(recurrence: Recurrence) -> Plan:
    due = first_due(recurrence, "UTC", now=START)
    assert due is not None
    says = Schedule(
        number=1,
        grounds=(Ground(place=GENERAL),),
        target=GENERAL,
        home=GENERAL,
        when="at 20",
        since=step_before(due, recurrence, "UTC"),
    )
    return Plan(id="p", kind="digest", recurrence=recurrence, due=due, payload=says.payload)


@dataclass(slots=True)
class World:
    """`now`: of the platform; our clock shows `ahead` more. What was said is in the order of hearing."""

    plan: Plan
    now: datetime = START
    ahead: timedelta = timedelta(0)
    said: list[datetime] = field(default_factory=list[datetime])
    told: list[int] = field(default_factory=list[int])
    done: set[datetime] = field(default_factory=set[datetime])
    touched: datetime = START

    def say(self, lag: timedelta) -> None:
        self.said.append(max(START, self.now - lag))

    def look(self) -> None:
        """As plans are claimed and ended."""
        shown = self.now + self.ahead
        assert self.plan.due is not None
        if self.touched > shown + AHEAD:
            if self.plan.due > shown:
                self.plan = replace(self.plan, due=min(self.plan.due, self.plan.next_after(shown) or self.plan.due))
            self.touched = shown
        at = self.plan.occurrence(shown)
        if at is None:
            return None
        self.touched = shown
        if at in self.done:
            self.plan = replace(self.plan, due=self.plan.next_after(at))
            return self.look()
        self.done.add(at)
        self.tell(Run(plan=self.plan, at=at, claimed_at=shown, attempt=1, token=""))
        return None

    def tell(self, run: Run) -> None:
        says = Schedule.of(run.plan)
        new = self.said[says.newest :] if says.newest is not None else []
        news = News(last=len(self.said), since=min(new, default=None))
        self.plan = says.told(run, news)
        told = Schedule.of(self.plan)
        assert len(told.heard) <= SET_BACK
        period = says.untold(run.plan, run.at, news, until=told.heard[-1].until)
        for number, sent in enumerate(self.said, 1):
            known = any(sent < each.until and number <= each.last for each in period.told)
            last = number if period.last is None else period.last
            if period.since <= sent < period.until and number <= last and not known:
                self.told.append(number)


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.timedeltas(timedelta(0), timedelta(days=3))),
        st.tuples(st.just("say"), st.just(timedelta(0))),
        st.tuples(st.just("wait"), st.timedeltas(timedelta(0), timedelta(days=3))),
        st.tuples(st.just("set"), st.timedeltas(timedelta(days=-3), timedelta(days=9))),
    ),
    max_size=30,
)


@given(ACTS, st.sampled_from([OnDays(at=time(20)), Every(minutes=360, since=START)]))
def test_each_message_is_told_once_whatever_clocks_show_and_however_late_it_is_heard(
    acts: list[tuple[str, timedelta]], recurrence: Recurrence
) -> None:
    world = World(planned(recurrence))
    set_back = 0
    for act, length in acts:
        if act == "say":
            world.say(length)
        elif act == "wait":
            world.now += length
        elif set_back < SET_BACK - 1:
            set_back += 1
            world.ahead = length
        world.look()
    world.ahead = timedelta(0)
    for _ in range(16):
        world.now += DAY
        world.look()
    assert sorted(world.told) == list(range(1, len(world.said) + 1))


def test_what_came_late_is_told_from_when_on_it_was_said() -> None:
    plan = planned(OnDays(at=time(20)))
    says, moment = Schedule.of(plan), START.replace(hour=20)
    assert says.period(plan, moment).since == moment - DAY
    assert says.period(plan, moment, first=moment - timedelta(hours=1)).since == moment - DAY
    assert says.period(plan, moment, first=moment - timedelta(days=3)).since == moment - timedelta(days=3)
