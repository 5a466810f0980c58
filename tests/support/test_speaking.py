"""When the bot speaks in a support thread: to who asked and whoever mentions it, and to nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.support.settling import LONGEST_SECONDS, SETTLE_SECONDS, TYPING_SECONDS
from bot.talk.event import Deleted, Typing
from bot.talk.message import Addressed, Attachment, Person
from bot.talk.policy import Keep, Policy
from bot.talk.prompt import Engine
from bot.talk.support import Answers, SupportChannel, ThreadNow
from tests.fakes import ANA, BEN, START, FakeEngine, said
from tests.settling import settle
from tests.support.desk import CARA, DAN, FORUM, HELP, HELPERS, POST, desk, post


async def test_the_first_message_of_a_post_is_answered_and_then_its_author_alone(tmp_path: Path) -> None:
    async with desk(tmp_path, ("Restart it.",), ("Then update it.",)) as at:
        await at.opens(POST)
        await at.asks("my boat does not start")
        await at.asks("have you tried the other switch?", BEN)
        await at.asks("still the same")
        assert at.texts == ["Restart it.", "Then update it."]
        assert "Ana: my boat does not start" in at.questions[0]
        assert "Ben (" in at.questions[1], "what helpers say is overheard"


async def test_whoever_mentions_it_is_answered_and_a_reply_of_somebody_else_is_not(tmp_path: Path) -> None:
    async with desk(tmp_path, ("For Ana.",), ("For Ben.",)) as at:
        await at.opens(POST)
        asked = await at.asks("my boat does not start")
        await at.says("that is right, by the way", BEN, addressed=Addressed.REPLY, to=asked)
        await at.says("and mine?", BEN, addressed=Addressed.MENTION)
        await at.settles()
        assert at.texts == ["For Ana.", "For Ben."]


async def test_other_bots_and_staff_are_never_answered_without_a_mention(tmp_path: Path) -> None:
    machine = Person(platform="local", id="machine", name="Machine", bot=True)
    async with desk(tmp_path, ("For staff.",)) as at:
        await at.opens(POST, CARA)
        await at.asks("Read this first", CARA)
        await at.asks("Read that, too", DAN)
        await at.asks("beep?", machine)
        await at.asks("and what of it?", ANA)
        assert at.texts == [], "what staff open in a forum is no question, whoever comments on it"
        await at.says("tell them", CARA, addressed=Addressed.MENTION)
        await at.settles()
        assert at.texts == ["For staff."]


async def test_in_a_thread_that_staff_opened_from_a_channel_the_first_who_writes_is_who_asks(tmp_path: Path) -> None:
    thread = post("t9", of=HELP)
    channel = SupportChannel(place=HELP, staff=frozenset({HELPERS}), grounded=False)
    async with desk(tmp_path, ("So.",), channel=channel) as at:
        await at.opens(thread, CARA)
        await at.asks("Let us go on here", CARA, thread)
        await at.asks("thanks, it does not start", ANA, thread)
        assert at.texts == ["So."]


async def test_a_thread_that_is_older_than_the_set_up_is_left_to_its_people(tmp_path: Path) -> None:
    async with desk(tmp_path, ("Here I am.",)) as at:
        at.threads.now[POST.id] = ThreadNow(opener=ANA.key, opened_at=START - timedelta(days=2), forum=True)
        await at.asks("it still does not start")
        assert at.texts == []
        await at.says("what now?", addressed=Addressed.MENTION)
        await at.settles()
        assert at.texts == ["Here I am."]


async def test_several_messages_in_a_row_are_one_question_and_are_answered_under_the_last(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One answer.",), ("And another.",)) as at:
        await at.opens(POST)
        await at.says("hello")
        await at.rig.passes(SETTLE_SECONDS - 1)
        await at.says("my boat does not start")
        await at.rig.passes(SETTLE_SECONDS - 1)
        last = await at.says("it is a red one")
        assert at.questions == []
        await at.settles()
        (question,) = at.questions
        assert question.endswith("Ana: hello\nAna: my boat does not start\nAna: it is a red one </q>")
        assert "Overheard" not in question
        assert [each.reply_to for each in at.standing] == [last.id]
        await at.asks("and now?")
        assert at.rig.asked().startswith(" ".join(at.rig.asked(0).split(" ")[:3]))
        assert at.texts == ["One answer.", "And another."]


async def test_while_people_type_it_waits_but_not_for_ever(tmp_path: Path) -> None:
    async with desk(tmp_path, ("Now.",)) as at:
        await at.opens(POST)
        await at.says("my boat")
        for _ in range(int(LONGEST_SECONDS) - 1):
            await at.rig.hearing.hear(Typing(place=POST, person=BEN.key))
            await at.rig.passes(1)
        assert at.questions == []
        await at.settles(1)
        assert at.texts == ["Now."]


async def test_typing_elsewhere_or_by_others_in_a_channel_holds_nothing_up(tmp_path: Path) -> None:
    channel = SupportChannel(place=HELP, staff=frozenset({HELPERS}), grounded=False)
    async with desk(tmp_path, ("Now.",), ("Then.",), channel=channel) as at:
        await at.says("my boat does not start", ANA, HELP)
        await at.rig.hearing.hear(Typing(place=HELP, person=BEN.key))
        await at.rig.hearing.hear(Typing(place=POST, person=ANA.key))
        await at.settles()
        assert at.texts == ["Now."]
        await at.says("and the other one?", ANA, HELP)
        await at.rig.hearing.hear(Typing(place=HELP, person=ANA.key))
        await at.settles(TYPING_SECONDS - 1)
        assert at.texts == ["Now."]
        await at.settles(1)
        assert at.texts == ["Now.", "Then."]


async def test_only_emoji_are_no_question_but_a_screenshot_without_words_and_a_title_are(tmp_path: Path) -> None:
    shot = Attachment(id="a", name="error.png", media_type="image/png", size=9, source="shot")
    async with desk(tmp_path, ("I see it.",), ("By its title.",)) as at:
        at.rig.platform.files["shot"] = b"IMAGE error"
        await at.opens(POST)
        await at.opens(post("t2"))
        await at.asks("👍🏽 :anchor: 1️⃣", place=post("t1", name="👀"))
        assert at.questions == []
        picture = replace(await at.says("🙏", place=post("t1", name="👀")), id="picture", attachments=(shot,))
        await at.rig.says(picture)
        await at.settles()
        assert at.texts == ["I see it."]
        await at.asks("😭", place=post("t2", name="Boat does not start"))
        assert at.texts == ["I see it.", "By its title."]


async def test_a_channel_that_answers_mentions_alone_answers_mentions_alone(tmp_path: Path) -> None:
    channel = SupportChannel(place=FORUM, answers=Answers.MENTIONED, grounded=False)
    async with desk(tmp_path, ("Yes?",), channel=channel) as at:
        await at.opens(POST)
        await at.asks("my boat does not start")
        assert at.texts == []
        await at.says("help", addressed=Addressed.MENTION)
        await at.settles(0)
        assert at.texts == ["Yes?"]


async def test_the_limit_of_a_thread_is_told_once_and_only_staff_can_have_it_go_on(tmp_path: Path) -> None:
    channel = SupportChannel(place=FORUM, staff=frozenset({HELPERS}), per_thread=2, grounded=False)
    async with desk(tmp_path, ("One.",), ("Two.",), ("Three.",), channel=channel) as at:
        await at.opens(POST)
        for text in ("a boat?", "two boats?", "three boats?", "four boats?"):
            await at.asks(text)
        await at.says("please!", addressed=Addressed.MENTION)
        await at.settles()
        over = "I have answered here as often as I may, so this is left to a person now."
        assert at.texts == ["One.", "Two.", over]
        refused = await at.rig.presses(f"support-call:{ANA.key}", by=ANA, place=POST)
        assert refused == "I have answered here as often as I may. Staff can have me go on."
        await at.rig.clock.advance(1)
        assert await at.rig.presses(f"support-call:{ANA.key}", by=CARA, place=POST) == "I answer here again."
        await at.rig.clock.advance(1)
        await at.asks("five boats?")
        assert at.texts == ["One.", "Two.", over, "Three."]


async def test_the_limit_of_a_person_holds_over_all_threads_of_a_day(tmp_path: Path) -> None:
    channel = SupportChannel(place=FORUM, per_person=2, grounded=False)
    async with desk(tmp_path, ("One.",), ("Two.",), ("Ben.",), ("Later.",), channel=channel) as at:
        for number in range(4):
            await at.opens(post(f"t{number}"), BEN if number == 3 else ANA)
        for number in range(3):
            await at.asks("a boat?", place=post(f"t{number}"))
        await at.asks("mine?", BEN, post("t3"))
        assert [text for text in at.texts if "as often" not in text] == ["One.", "Two.", "Ben."]
        await at.rig.clock.advance(25 * 3600)
        await at.opens(post("t5"))
        await at.asks("again?", place=post("t5"))
        assert at.texts[-1] == "Later."


async def test_a_message_that_is_told_again_is_answered_once_and_counted_once(tmp_path: Path) -> None:
    channel = SupportChannel(place=FORUM, per_thread=1, grounded=False)
    async with desk(tmp_path, ("One.",), channel=channel) as at:
        await at.opens(POST)
        asked = await at.asks("a boat?")
        await at.rig.says(replace(asked, addressed=Addressed.NO))
        await at.settles()
        assert at.texts == ["One."]


async def test_what_waited_at_a_crash_is_answered_as_one_question_after_the_next_start(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.opens(POST)
        await at.says("hello")
        await at.says("my boat does not start")
    async with desk(tmp_path, ("One answer.",)) as at:
        await at.opens(POST)
        await at.rig.take_up()
        await at.settles(0)
        (question,) = at.questions
        assert question.endswith("Ana: hello\nAna: my boat does not start </q>")
        await at.rig.take_up()
        await at.settles(0)
        assert at.texts == ["One answer."]


async def test_a_part_of_a_question_that_is_deleted_while_it_waits_is_not_read(tmp_path: Path) -> None:
    async with desk(tmp_path, ("So.",)) as at:
        await at.opens(POST)
        kept = await at.says("my boat does not start")
        gone = await at.says("and my password is wave")
        await at.rig.hearing.hear(Deleted(place=POST, message_ids=(gone.id,)))
        await settle()
        await at.settles()
        (question,) = at.questions
        assert "wave" not in question
        assert [each.reply_to for each in at.standing] == [kept.id]


async def test_the_prompt_says_that_it_is_a_support_channel_and_a_change_of_tone_is_a_counted_cut(
    tmp_path: Path,
) -> None:
    channel = SupportChannel(place=FORUM, grounded=False, tone="like an old  sailor")
    async with desk(tmp_path, ("Aye.",), ("Aye aye.",), ("Well.",), channel=channel) as at:
        await at.opens(POST)
        await at.asks("a boat?")
        head = at.rig.engine.prompts[0].pieces[0].text
        assert "This is a support channel" in head
        assert "this tone: like an old sailor" in head
        await at.asks("two?")
        assert at.rig.counters.get("prefix_breaks_total", cause="persona") == 0
        assert at.rig.asked(1).startswith(at.rig.asked(0))
        await at.sets_up(replace(channel, tone=""))
        await at.asks("three?")
        assert at.rig.counters.get("prefix_breaks_total", cause="persona") == 1
        assert "tone" not in at.rig.engine.prompts[-1].pieces[0].text


async def test_where_nothing_is_kept_several_messages_are_one_question_all_the_same_and_are_erased_together(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path, ("One answer.",)) as at:
        await at.rig.store.save_policy(POST, Policy(keep=Keep.NEVER))
        await at.opens(POST)
        await at.says("hello")
        last = await at.says("my boat does not start")
        await at.settles()
        (question,) = at.questions
        assert question.endswith("Ana: hello\nAna: my boat does not start </q>")
        assert await at.rig.store.joined(last) == ()
        entries = await at.rig.store.entries(POST, limit=9)
        assert [each.message for each in entries if each.message is not None] == []
        assert at.texts == ["One answer."]


async def test_where_the_model_sees_no_pictures_a_screenshot_alone_is_answered_and_that_is_said(tmp_path: Path) -> None:
    shot = Attachment(id="a", name="error.png", media_type="image/png", size=9, source="shot")
    blind = FakeEngine(
        ("What does it say?",), engine=Engine(name="fake", model="fake", window=32768, vision=False, tools=True)
    )
    async with desk(tmp_path, engine=blind) as at:
        at.rig.platform.files["shot"] = b"IMAGE error"
        await at.opens(POST)
        message = said("", place=POST, addressed=Addressed.NO, at=at.rig.clock.now(), attachments=(shot,))
        await at.rig.says(message)
        await at.rig.says(replace(message, id="more", text="see above", attachments=()))
        await settle()
        await at.settles()
        assert at.texts == ["What does it say?"]
        (question,) = at.questions
        assert "(without words)" in question
        assert at.standing[0].lead, "that pictures are not seen"
