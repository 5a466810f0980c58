"""The judge of mirrors finds what is wrong, and a slice of the benchmark has nothing wrong in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks.mirroring.course import run
from benchmarks.mirroring.harbour import CHANNELS, copy_id
from benchmarks.mirroring.judge import judge
from bot.talk.delivery import Delivery
from bot.talk.message import Conversation


async def test_nothing_is_lost_doubled_or_goes_in_circles_and_the_judge_would_have_seen_it(tmp_path: Path) -> None:
    outcome = await run(tmp_path, seed=7, messages=30, deaths=3)
    verdict = judge(outcome)
    assert (verdict.lost, verdict.doubled, verdict.loops, verdict.disorder, verdict.astray) == ([], [], [], [], [])
    assert (verdict.unlike, outcome.waiting, outcome.deaths > 0) == ([], 0, True)

    shores = outcome.discord.shores
    before = judge(outcome).unlike
    thread, (place, shape) = next((id_, each) for id_, each in shores.now.items() if each[1].ours)
    shores.now[thread] = place, replace(shape, locked=not shape.locked)
    assert judge(outcome).unlike != before
    shores.now[thread], shores.titled[thread] = (place, replace(shape, title="en: x")), "x"
    assert judge(outcome).loops == ["en: x"]
    shores.now[thread] = place, replace(shape, title="x")

    standing = outcome.discord.standing
    spoken = next(each for each in outcome.talk.said if not each.deleted)
    target = next(place for place in CHANNELS if place != spoken.message.place)
    name = copy_id(spoken.message, target)
    id_, copy = next((id_, each) for id_, each in standing.items() if each.id == name)
    standing["again"] = copy
    assert judge(outcome).doubled == [name]
    del standing["again"]
    standing[id_] = replace(copy, text="as it read before", reply_to=None)
    assert len(judge(outcome).lost) == 1
    del standing[id_]
    assert len(judge(outcome).lost) == 1
    standing[id_] = copy  # behind all others of its channel
    assert judge(outcome).disorder
    astray = copy_id(spoken.message, spoken.message.place)
    conversation = Conversation(place=spoken.message.place)
    standing["loop"] = Delivery(id=astray, conversation=conversation, text="x")
    assert judge(outcome).loops == [astray]
