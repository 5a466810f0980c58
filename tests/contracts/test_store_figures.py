"""What is counted of answers, by day, room and language."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from bot.storage.store import SqlStore
from bot.talk.message import Place, PlaceKind
from bot.talk.oversight import Assessed, Counted
from bot.talk.turn import TurnState
from tests.contracts.scene import after
from tests.contracts.test_store_oversight import DAY, answered, asks, counted
from tests.fakes import GENERAL, START
from tests.storage.acts import final, opened


async def test_threads_are_counted_under_the_channel_that_everyone_of_theirs_reads(store: SqlStore) -> None:
    thread = Place(platform="local", id="t", kind=PlaceKind.THREAD, guild="marseille", parent="help", open=True)
    await answered(store, asks("one", place=thread))
    await answered(store, asks("two", place=replace(thread, id="p", open=False)))
    counts = await store.support_counts("local", "marseille", first=DAY, last=DAY)
    assert {each.room.key: each.number for each in counts} == {"local:help": 1, "local:p": 1}
    await store.forget_place(thread)
    counts = await store.support_counts("local", "marseille", first=DAY, last=DAY)
    assert {each.room.key for each in counts} == {"local:help", "local:p"}


async def test_numbers_are_given_for_the_days_asked_for(store: SqlStore) -> None:
    for day in range(3):
        await store.count_support(GENERAL, Counted.SOLVED, language="de", at=START + timedelta(days=day))
    await store.count_support(GENERAL, Counted.SOLVED, language="de", at=START)
    counts = await store.support_counts("local", None, first=DAY, last=DAY + timedelta(days=1))
    assert [(each.day, each.language, each.number) for each in counts] == [
        (DAY, "de", 2),
        (DAY + timedelta(days=1), "de", 1),
    ]
    assert await store.counted_guilds(first=date(2000, 1, 1), last=date(2000, 1, 2)) == set()


async def test_a_question_answered_anew_is_counted_once(store: SqlStore) -> None:
    message = asks("one")
    first = await answered(store, message)
    again = await store.open_turn(message, at=after(5), anew=first.id)
    assert again is not None
    await store.close_turn(
        again.id,
        state=TurnState.DONE,
        delivery=final(again, message, "better"),
        assessed=Assessed(room=GENERAL),
        at=after(6),
    )
    assert await counted(store) == {Counted.ANSWERED: 1}


async def test_a_question_whose_first_answer_was_stopped_is_counted_with_the_second(store: SqlStore) -> None:
    message = asks("one")
    turn = await opened(store, message)
    await store.close_turn(turn.id, state=TurnState.STOPPED, delivery=final(turn, message, "an"), at=after(1))
    for at in (2, 3):
        again = await store.open_turn(message, at=after(at), anew=turn.id)
        assert again is not None
        turn, delivery, assessed = again, final(again, message, "better"), Assessed(room=GENERAL)
        await store.close_turn(turn.id, state=TurnState.DONE, delivery=delivery, assessed=assessed, at=after(at))
        assert await counted(store) == {Counted.ANSWERED: 1}
