"""A digest of any size: stretch by stretch in the window, what was made before not paid again, always an end."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.digest.merging import MOST
from bot.errors import EngineBroke, EngineUnreachable
from bot.talk.digest import Length, Made, Period, Point, Progress
from bot.talk.message import Conversation
from bot.talk.prompt import Prompt
from tests.digest.stages import DAY, ORDER, OTHER, PEOPLE, ROOM, Model, talk, thread, workshop
from tests.fakes import ANA, GENERAL, START

BEFORE_NOON = Period(since=START, until=START + timedelta(hours=12))


def sources(points: tuple[Point, ...]) -> set[str]:
    return {each.message for point in points for each in point.sources}


@pytest.mark.parametrize("window", [2048, 3000, 8192, 60_000])
async def test_everything_is_shown_once_and_every_request_fits(window: int) -> None:
    messages = talk(600, every=30)
    made = workshop(*messages, window=window)
    digest = await made.make()  # the model refuses what does not fit
    shown = [text for texts in made.model.asked_about for text in texts]
    assert sorted(shown) == sorted(message.text for message in messages)
    assert (digest.messages, digest.people, digest.made) == (600, len(PEOPLE), Made.MODEL)
    assert 8 <= len(digest.points) <= MOST[Length.NORMAL]
    assert all(point.text.startswith(tuple(person.name for person in PEOPLE)) for point in digest.points)


async def test_the_same_digest_once_more_asks_the_model_for_no_stretch() -> None:
    made = workshop(*talk(300))
    first = await made.make()
    with made.asked_meanwhile() as asked:
        assert await made.make() == first
    assert asked == []
    assert made.counters.get("digest_stages_total", outcome="reused") > 1


async def test_a_short_and_a_normal_digest_share_their_stretches_and_another_language_has_its_own() -> None:
    made = workshop(*talk(100))
    await made.make()
    with made.asked_meanwhile() as asked:
        await made.make(replace(ORDER, length=Length.SHORT))
    assert asked == []
    with made.asked_meanwhile() as asked:
        await made.make(replace(ORDER, language="fr"))
    assert sum(map(len, asked)) == 100


async def test_of_a_longer_while_only_what_is_new_and_the_talk_that_went_on_is_read_again() -> None:
    messages = talk(700, every=120)
    made = workshop(*messages)
    await made.make(replace(ORDER, period=BEFORE_NOON))
    before = [message for message in messages if message.sent_at < BEFORE_NOON.until]
    stretches = len(made.model.asked_about)
    with made.asked_meanwhile() as asked:
        digest = await made.make()
    again = {text for texts in asked for text in texts} & {message.text for message in before}
    assert 0 < len(again) < 2 * len(before) / stretches
    assert digest.messages == 700


async def test_talk_that_was_over_when_it_was_told_is_not_read_again_when_more_is_said_later() -> None:
    made = workshop(*talk(30), *talk(30, at=20 * 3600, ids="evening"))
    await made.make(replace(ORDER, period=BEFORE_NOON))
    with made.asked_meanwhile() as asked:
        await made.make()
    assert sum(map(len, asked)) == 30


async def test_an_edit_costs_its_own_stretch_alone() -> None:
    made = workshop(*talk(300))
    await made.make()
    stretches = len(made.model.asked_about)
    made.shelf.edit("harbour-50", "We agreed on something else altogether.")
    with made.asked_meanwhile() as asked:
        await made.make()
    assert stretches > 2
    assert sum(map(len, asked)) < 2 * 300 / stretches
    assert "We agreed on something else altogether." in {text for texts in asked for text in texts}


async def test_a_digest_that_is_broken_off_goes_on_where_it_was() -> None:
    whole = await workshop(*talk(300)).make()
    made = workshop(*talk(300))
    made.model.stuck_at = "water155 "
    making = asyncio.create_task(made.make())
    await made.model.stuck.wait()
    making.cancel()
    await asyncio.gather(making, return_exceptions=True)
    *done, _ = made.model.asked_about
    made.model.stuck_at = ""
    with made.asked_meanwhile() as asked:
        assert await made.make() == whole
    assert done
    assert not {text for texts in done for text in texts} & {text for texts in asked for text in texts}


async def test_while_nobody_waits_it_gives_way_at_once_and_asks_the_same_again() -> None:
    made = workshop(*talk(10))
    made.model.stuck_at = "water5 "
    making = asyncio.create_task(made.make())
    await made.model.stuck.wait()
    made.model.stuck_at = ""
    async with (
        asyncio.timeout(30),
        made.lanes.turn(Conversation(place=GENERAL), person="ana") as engine,
        aclosing(engine.stream(Prompt(pieces=()), reply_tokens=9)) as chunks,
    ):
        async for _ in chunks:
            pass
    digest = await making
    assert digest.made is Made.MODEL
    first, asked, again = made.model.prompts
    assert (first, asked) == (again, Prompt(pieces=()))


async def test_who_waits_for_it_takes_turns_with_others_stretch_by_stretch() -> None:
    made = workshop(*talk(200))
    order: list[str] = []

    async def asks() -> None:
        async with made.lanes.turn(Conversation(place=GENERAL), person="ben"):
            order.append("ben")

    def stretch(text: str) -> str:
        order.append("stretch")
        if len(order) == 1:
            others.append(asyncio.create_task(asks()))
        return original(text)

    others: list[asyncio.Task[None]] = []
    original, made.model.says = made.model.says, stretch
    digest = await made.make(waited_for=ANA)
    assert digest.made is Made.MODEL
    assert order[:3] == ["stretch", "ben", "stretch"]


async def test_whoever_waits_is_told_at_once_how_much_there_is_and_then_how_far_it_came() -> None:
    made = workshop(*talk(200))
    await made.make(waited_for=ANA)
    assert made.progress[0] == Progress(read=0, of=200)
    read = [each.read for each in made.progress]
    assert read == sorted(read)
    assert read[-1] == 200
    assert any(each.waits for each in made.progress)


async def test_where_the_engine_is_away_peoples_own_words_are_cut_out() -> None:
    made = workshop(*talk(50))
    made.model.away = EngineUnreachable("no")
    digest = await made.make()
    assert (digest.made, digest.messages) == (Made.EXTRACTS, 50)
    assert digest.points
    assert made.shelf.kept == {}


async def test_a_model_that_answers_in_prose_is_no_model() -> None:
    made = workshop(*talk(50), model=Model(says=lambda _: "Nothing but a lovely chat, everyone!"))
    digest = await made.make()
    assert digest.made is Made.EXTRACTS
    assert digest.points
    assert made.shelf.kept == {}


async def test_one_request_that_breaks_twice_costs_no_more_than_its_stretch() -> None:
    made = workshop(*talk(200))
    made.model.fails = [EngineBroke("a loop"), EngineBroke("a loop")]
    digest = await made.make()
    assert digest.made is Made.MODEL
    assert made.counters.get("digest_stages_total", outcome="extracts") == 1
    assert made.counters.get("digest_stages_total", outcome="made") > 1


async def test_an_engine_that_takes_less_than_it_says_is_asked_for_less() -> None:
    made = workshop(*talk(600), window=8192)
    made.model.really = 2500
    digest = await made.make()
    assert (digest.made, digest.messages) == (Made.MODEL, 600)
    assert made.counters.get("digest_stages_total", outcome="extracts") == 0


async def test_an_engine_that_breaks_at_everything_is_left_alone() -> None:
    made = workshop(*talk(400))
    made.model.fails = [EngineBroke("a loop")] * 100
    digest = await made.make()
    assert digest.made is Made.EXTRACTS
    assert len(made.model.prompts) == 6


async def test_who_has_too_many_questions_waiting_is_helped_without_the_model_in_the_end() -> None:
    made = workshop(*talk(50))
    talks = [Conversation(place=GENERAL), Conversation(place=ROOM)]
    with made.engines.queued(ANA.key, talks[0]), made.engines.queued(ANA.key, talks[1]):
        making = asyncio.create_task(made.make(waited_for=ANA))
        await made.waits.wait()
        await made.clock.advance(300)
        digest = await making
    assert digest.made is Made.EXTRACTS


async def test_what_only_some_may_read_is_never_shown_beside_what_others_read() -> None:
    here, there = talk(30), talk(30, place=OTHER)
    made = workshop(*here, *there, window=60_000)
    await made.make()
    texts = [{message.text for message in part} for part in (here, there)]
    assert [set(asked) in texts for asked in made.model.asked_about] == [True, True]
    with made.asked_meanwhile() as asked:
        digest = await made.make(replace(ORDER, rooms=frozenset({ROOM.key})))
    assert asked == []
    assert sources(digest.points) <= {message.id for message in here}


async def test_hundreds_of_threads_of_one_forum_take_a_few_requests_and_each_is_kept_by_itself() -> None:
    messages = [message for number in range(300) for message in talk(1, place=thread(number), at=number)]
    made = workshop(*messages)
    digest = await made.make()
    assert digest.messages == 300
    assert len(made.model.asked_about) < 10
    assert len(made.shelf.kept) == 300
    made.shelf.delete("harbour-7-0")
    with made.asked_meanwhile() as asked:
        await made.make()
    assert asked == []


async def test_threads_that_are_new_are_told_together_whatever_was_made_of_those_between() -> None:
    old = [message for number in range(0, 40, 2) for message in talk(2, place=thread(number))]
    new = [message for number in range(1, 40, 2) for message in talk(2, place=thread(number))]
    made = workshop(*old)
    await made.make()
    made.shelf.add(*new)
    with made.asked_meanwhile() as asked:
        await made.make()
    assert len(asked) == 1
    assert {message.text for message in new} >= set(asked[0])


async def test_what_was_deleted_while_it_was_made_is_not_told() -> None:
    made = workshop(*talk(20))

    def deletes(text: str) -> str:
        made.shelf.delete("harbour-0")
        return original(text)

    original, made.model.says = made.model.says, deletes
    digest = await made.make()
    assert sources(digest.points) == {"harbour-10"}
    assert made.shelf.kept == {}


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=1)])
async def test_words_that_were_taken_back_while_it_was_made_are_not_told(ahead: timedelta) -> None:
    """Also where our clock is ahead of the platform's, which says when something was edited."""
    made = workshop(*talk(20))

    def edits(text: str) -> str:
        made.shelf.edit("harbour-0", "I take that back.", at=made.clock.now() - ahead)
        return original(text)

    original, made.model.says = made.model.says, edits
    assert sources((await made.make()).points) == {"harbour-10"}


async def test_a_while_in_which_nothing_was_said_asks_nobody() -> None:
    made = workshop()
    digest = await made.make(replace(ORDER, period=DAY))
    assert (digest.messages, digest.people, digest.points) == (0, 0, ())
    assert made.model.prompts == []


async def test_noise_alone_is_counted_and_shown_to_nobody() -> None:
    made = workshop(*(replace(message, text="🎉🎉") for message in talk(70)))
    digest = await made.make()
    assert (digest.messages, digest.points) == (70, ())
    assert made.model.prompts == []


async def test_one_message_that_is_longer_than_the_window_is_cut_and_told_all_the_same() -> None:
    long = replace(talk(1)[0], text="We agreed on rope. " + "word " * 9000 + "And on nets.")
    made = workshop(long)
    assert (await made.make()).messages == 1
    assert len(made.model.prompts) >= 1


async def test_without_the_model_there_is_a_digest_of_peoples_own_words() -> None:
    made = workshop(*talk(50))
    digest = await made.maker.gather(ORDER)
    assert (digest.made, digest.messages) == (Made.EXTRACTS, 50)
    assert made.model.prompts == []
