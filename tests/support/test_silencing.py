"""The bot falls silent when staff answer or the thread says so, and says once how to call it back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.talk.message import Addressed
from bot.talk.support import Silence, SupportChannel, ThreadNow
from tests.fakes import ANA, BEN, FakeEngine
from tests.settling import settle
from tests.support.desk import CARA, DAN, FORUM, HELP, HELPERS, POST, SOLVED, WAITS, desk, post

PERSON_HELPS = "A person is helping here now, so I am silent. Mention me if you want me back."
SOLVED_SO = "This is marked as solved, so I am silent. Mention me if you want me back."
PERSON_SO = "This is marked as waiting for a person, so I am silent. Mention me if you want me back."


async def test_it_falls_silent_as_soon_as_staff_answer_and_says_so_once(tmp_path: Path) -> None:
    async with desk(tmp_path, ("It floats.",)) as at:
        await at.opens(POST)
        await at.asks("does it float?")
        await at.says("It does, Ana", CARA)
        await at.asks("how long?")
        await at.says("A day", DAN)
        await at.asks("thanks")
        assert at.texts == ["It floats.", PERSON_HELPS]
        (notice,) = [each for each in at.standing if each.text == PERSON_HELPS]
        assert [(each.id, each.label) for each in notice.actions] == [(f"support-call:{ANA.key}", "Ask the bot again")]


async def test_a_moderator_is_staff_and_whoever_lost_the_role_is_not(tmp_path: Path) -> None:
    async with desk(tmp_path, ("It floats.",), ("It sinks.",)) as at:
        await at.opens(POST)
        await at.asks("does it float?")
        at.rights.of_role = {HELPERS: []}
        await at.says("It does, Ana", CARA)
        await at.asks("really?")
        assert at.texts == ["It floats.", "It sinks."]
        await at.says("It does", DAN)
        await at.asks("really?")
        assert at.texts[2:] == [PERSON_HELPS]


async def test_an_answer_under_way_is_stopped_and_what_stands_of_it_goes(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with desk(tmp_path, engine=FakeEngine(("It flo", gate, "ats."))) as at:
        await at.opens(POST)
        await at.says("does it float?")
        await at.rig.passes(5)
        await at.rig.platform.until(lambda delivery: delivery.text == "It flo")
        assert at.texts == ["It flo"]
        await at.says("It does, Ana", CARA)
        await at.rig.idle()
        await settle()
        assert at.texts == [PERSON_HELPS]
        assert await at.rig.answers.unanswered() == ()


async def test_an_answer_under_way_in_a_thread_that_is_closed_goes_without_a_word(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with desk(tmp_path, engine=FakeEngine(("It flo", gate, "ats."))) as at:
        await at.opens(POST)
        await at.says("does it float?")
        await at.rig.passes(5)
        await at.rig.platform.until(lambda delivery: delivery.text == "It flo")
        await at.tags(POST, closed=True)
        await at.rig.idle()
        await settle()
        assert at.texts == []
        assert await at.rig.answers.unanswered() == ()


async def test_what_still_waits_when_staff_answer_is_not_answered(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.opens(POST)
        await at.says("does it float?")
        await at.says("It does, Ana", CARA)
        await at.settles(60)
        assert at.questions == []
        assert await at.rig.answers.unanswered() == ()


async def test_silence_outlives_a_restart_and_so_does_what_staff_answered_while_we_were_away(tmp_path: Path) -> None:
    async with desk(tmp_path, ("It floats.",)) as at:
        await at.opens(POST)
        await at.asks("does it float?")
        await at.says("It does, Ana", CARA)
    async with desk(tmp_path) as at:
        await at.opens(POST)
        await at.rig.clock.advance(60)
        await at.asks("how long?")
        assert at.questions == []


async def test_what_a_dead_process_left_half_written_goes_where_the_thread_was_solved_meanwhile(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path) as at:
        await at.opens(POST)
        asked = await at.says("does it float?")
        assert await at.rig.store.open_turn(asked, at=at.rig.clock.now()) is not None
    async with desk(tmp_path) as at:
        await at.opens(POST, tags=[SOLVED])
        await at.rig.take_up()
        await at.settles(0)
        assert at.questions == []
        assert await at.rig.answers.unanswered() == ()
        assert at.texts == [SOLVED_SO]


async def test_a_tag_silences_it_by_its_id_whatever_it_is_called_by_now(tmp_path: Path) -> None:
    async with desk(tmp_path, ("It floats.",)) as at:
        await at.opens(POST)
        await at.asks("does it float?")
        at.threads.forum_tags = {SOLVED: "Erledigt", WAITS: "Needs a person"}
        await at.tags(POST, "another")
        assert at.texts == ["It floats."]
        await at.tags(POST, "another", SOLVED)
        await at.asks("thanks!")
        assert at.texts == ["It floats.", SOLVED_SO]


async def test_a_post_that_waits_for_a_person_from_its_beginning_is_left_to_a_person(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.opens(POST, tags=[WAITS])
        await at.asks("I want a person")
        assert at.questions == []
        assert at.texts == [PERSON_SO]


async def test_a_thread_that_is_closed_is_left_alone_without_a_word_until_somebody_writes_in_it(tmp_path: Path) -> None:
    async with desk(tmp_path, ("It floats.",), ("Welcome back.",)) as at:
        await at.opens(POST)
        await at.asks("does it float?")
        await at.tags(POST, closed=True)
        assert at.texts == ["It floats."]
        await at.tags(POST, closed=False)
        await at.asks("I am back")
        assert at.texts == ["It floats.", "Welcome back."]


async def test_a_mention_of_the_asker_calls_it_back_also_over_a_tag_that_stands_there_until_staff_answer_again(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path, ("One.",), ("Two.",), ("Three.",)) as at:
        await at.opens(POST)
        await at.asks("a?")
        await at.tags(POST, SOLVED)
        await at.rig.clock.advance(1)
        await at.asks("b?", addressed=Addressed.MENTION)
        await at.asks("c?")
        assert at.texts == ["One.", SOLVED_SO, "Two.", "Three."]
        await at.says("Let me", CARA)
        await at.asks("d?")
        assert at.texts == ["One.", SOLVED_SO, "Two.", "Three."], "how to call it back is told once"


async def test_the_button_calls_it_back_for_who_asked_and_for_staff_and_for_nobody_else(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",), ("Two.",)) as at:
        await at.opens(POST)
        await at.asks("a?")
        await at.says("Let me", CARA)
        await at.rig.clock.advance(1)
        button = f"support-call:{ANA.key}"
        refused = await at.rig.presses(button, by=BEN, place=POST)
        assert refused == "Only who asked, and staff, can call me back here."
        await at.asks("b?")
        assert await at.rig.presses(button, by=ANA, place=POST) == "I answer here again."
        await at.rig.clock.advance(1)
        await at.asks("c?")
        assert at.texts == ["One.", PERSON_HELPS, "Two."]
        gone = "There is no question here that I could come back to."
        assert await at.rig.presses("support-call:local:nobody", by=DAN, place=POST) == gone
        assert await at.rig.presses(button, by=DAN, place=HELP) == gone


async def test_a_staff_message_that_is_told_again_does_not_undo_a_call(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",), ("Two.",), ("Three.",)) as at:
        await at.opens(POST)
        await at.asks("a?")
        staff = await at.says("Let me", CARA)
        await at.rig.clock.advance(1)
        await at.asks("b?", addressed=Addressed.MENTION)
        await at.rig.says(staff)
        await at.asks("c?")
        assert at.texts == ["One.", PERSON_HELPS, "Two.", "Three."]


async def test_others_can_have_it_fall_silent(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",)) as at:
        await at.opens(POST)
        await at.asks("a?")
        await at.rig.support.silencing.fall_silent(POST, Silence.SOLVED, asker=ANA.key)
        await at.rig.support.silencing.fall_silent(post("elsewhere"), Silence.SOLVED, asker=ANA.key)
        await at.asks("b?")
        assert at.texts == ["One.", SOLVED_SO]


async def test_a_closed_thread_that_staff_open_again_with_a_word_is_theirs(tmp_path: Path) -> None:
    """Discord may tell of their message first, and then that the thread is open."""
    async with desk(tmp_path, ("One.",)) as at:
        await at.opens(POST)
        await at.asks("a?")
        await at.tags(POST, closed=True)
        await at.says("Try this", CARA)
        await at.tags(POST, closed=False)
        await at.asks("b?")
        assert at.texts == ["One."]


async def test_in_a_channel_without_threads_who_asked_is_left_to_staff_and_nobody_else(tmp_path: Path) -> None:
    channel = SupportChannel(place=HELP, staff=frozenset({HELPERS}), grounded=False)
    async with desk(tmp_path, ("One.",), ("Two.",), ("Three.",), channel=channel) as at:
        await at.asks("a?", BEN, HELP)
        await at.asks("b?", ANA, HELP)
        await at.rig.support.silencing.fall_silent(HELP, Silence.STAFF, asker=ANA.key)
        await at.asks("c?", ANA, HELP)
        await at.asks("d?", BEN, HELP)
        assert at.texts == ["One.", "Two.", PERSON_HELPS, "Three."]


async def test_the_notice_is_in_the_channels_own_language_or_else_in_english(tmp_path: Path) -> None:
    channel = SupportChannel(place=FORUM, languages=("xx",), staff=frozenset({HELPERS}), grounded=False)
    async with desk(tmp_path, ("One.",), channel=channel) as at:
        at.threads.now[POST.id] = ThreadNow(opener=ANA.key, forum=True)
        await at.asks("a?")
        await at.says("Let me", CARA)
        assert at.texts == ["One.", PERSON_HELPS]


# a channel without threads


async def test_in_a_channel_what_is_asked_is_answered_and_what_others_say_to_it_is_taken_for_help(
    tmp_path: Path,
) -> None:
    channel = SupportChannel(place=HELP, staff=frozenset({HELPERS}), grounded=False)
    async with desk(tmp_path, ("For Ana.",), ("For Ana again.",), ("For Ben.",), channel=channel) as at:
        asked = await at.asks("my boat does not start", ANA, HELP)
        await at.asks("mine did that once", BEN, HELP)
        await at.asks("did you look at the switch?", BEN, HELP, to=asked)
        await at.asks("@Ana the red one?", BEN, HELP)
        assert at.texts == ["For Ana."]
        await at.asks("the switch is on", ANA, HELP)
        await at.asks("where do I buy oil?", BEN, HELP)
        assert at.texts == ["For Ana.", "For Ana again.", "For Ben."]


async def test_in_a_channel_staff_silence_it_for_whom_they_answer_and_a_later_question_is_a_new_one(
    tmp_path: Path,
) -> None:
    channel = SupportChannel(place=HELP, staff=frozenset({HELPERS}), grounded=False)
    async with desk(tmp_path, ("Ana.",), ("Ben.",), ("Ben again.",), ("New.",), channel=channel) as at:
        asked = await at.asks("why does it not start?", ANA, HELP)
        await at.asks("where do I buy oil?", BEN, HELP)
        await at.says("Turn the key", CARA, HELP, to=asked)
        await at.asks("which one?", ANA, HELP)
        await at.asks("olive oil?", BEN, HELP)
        assert at.texts == ["Ana.", "Ben.", PERSON_HELPS, "Ben again."]
        await at.says("Not here", CARA, HELP)
        await at.asks("where else?", BEN, HELP)
        assert at.texts[4:] == [PERSON_HELPS]
        await at.rig.clock.advance(timedelta(hours=2).total_seconds())
        await at.asks("one more thing", ANA, HELP)
        assert at.texts[5:] == ["New."]


async def test_where_everybody_moderates_who_answers_somebody_else_is_staff_and_who_asks_is_answered(
    tmp_path: Path,
) -> None:
    async with desk(
        tmp_path, ("Ana.",), ("Ben.",), channel=SupportChannel(place=HELP, grounded=False), threaded=False
    ) as at:
        at.rights.moderators = [ANA.key, BEN.key]
        asked = await at.asks("why does it not start?", ANA, HELP)
        await at.asks("turn the key", BEN, HELP, to=asked)
        await at.asks("which one?", ANA, HELP)
        await at.asks("where do I buy oil?", BEN, HELP)
        assert at.texts == ["Ana.", PERSON_HELPS, "Ben."]
