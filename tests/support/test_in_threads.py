"""A channel where each question is answered in a thread that is opened for it: one thread, and one answer, whatever
happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.support.opening import PAUSES, name_of
from bot.support.settling import SETTLE_SECONDS
from bot.talk.event import Deleted, Edited, Said
from bot.talk.message import Addressed, Attachment, Message, Place
from bot.talk.support import Answers, SupportChannel, ThreadNow
from tests.fakes import ANA, BEN, FakeClock, FakeEngine, FakePlatform, said
from tests.hooks import Hooked
from tests.rig import Rig, house
from tests.settling import settle
from tests.stores import open_store
from tests.support.desk import CARA, HELP, HELPERS, Desk, FakeThreads, desk, post, rights
from tests.support.test_silencing import PERSON_HELPS

CHANNEL = SupportChannel(place=HELP, staff=frozenset({HELPERS}), grounded=False, in_threads=True)


def where(at: Desk) -> list[tuple[str, str]]:
    """What stands of ours, and in which place."""
    return [(each.conversation.place.id, each.text) for each in at.standing]


def thread_of(message: Message) -> Place:
    return post(message.id, of=HELP)


async def test_each_question_is_answered_in_a_thread_of_its_own_and_its_asker_goes_on_there(tmp_path: Path) -> None:
    async with desk(tmp_path, ("For Ana.",), ("For Ben.",), ("More for Ana.",), channel=CHANNEL) as at:
        ana = await at.asks("**my** boat\ndoes not start", ANA, HELP)
        ben = await at.asks("mine has no oil", BEN, HELP)
        at.threads.now[ana.id] = ThreadNow()
        await at.asks("did you look at the switch?", BEN, thread_of(ana))
        await at.asks("still the same", ANA, thread_of(ana))
        assert where(at) == [(ana.id, "For Ana."), (ben.id, "For Ben."), (ana.id, "More for Ana.")]
        assert at.threads.names == {ana.id: "my boat does not start", ben.id: "mine has no oil"}
        assert at.standing[0].reply_to is None, "the question stands above the thread, not in it"
        assert at.rig.counters.get("support_threads_total", outcome="opened") == 2


async def test_where_only_mentions_are_answered_a_mention_gets_the_thread_and_nothing_else_does(tmp_path: Path) -> None:
    mentioned = replace(CHANNEL, answers=Answers.MENTIONED)
    async with desk(tmp_path, ("One.",), ("Two.",), channel=mentioned) as at:
        await at.asks("does anybody know?", ANA, HELP)
        assert where(at) == []
        asked = await at.asks("@Calanque my boat does not start", ANA, HELP, addressed=Addressed.MENTION)
        assert where(at) == [(asked.id, "One.")]
        at.threads.now[asked.id] = ThreadNow()
        await at.asks("hm?", ANA, thread_of(asked))
        assert len(where(at)) == 1
        await at.asks("@Calanque still not", BEN, thread_of(asked), addressed=Addressed.MENTION)
        assert where(at)[1:] == [(asked.id, "Two.")]


async def test_what_is_kept_is_announced_in_the_channel_and_not_again_in_each_thread(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",), ("Two.",), channel=CHANNEL) as at:
        asked = await at.asks("my boat does not start", ANA, HELP)
        at.threads.now[asked.id] = ThreadNow()
        await at.says("mine does", BEN, thread_of(asked))
        await at.asks("still the same", ANA, thread_of(asked))
        announced = [each for each in at.rig.platform.standing.values() if "transcript" in each.text]
        assert [each.conversation.place.id for each in announced] == [HELP.id]
        kept = await at.rig.store.entries(thread_of(asked), limit=9)
        assert [each.message.text for each in kept if each.message] == [
            "my boat does not start",
            "mine does",
            "still the same",
        ]


@pytest.mark.parametrize("words", ["thanks!", "Merci beaucoup", "こんにちは"])
async def test_thanks_and_greetings_to_everybody_get_no_thread_and_the_question_after_them_does(
    tmp_path: Path, words: str
) -> None:
    async with desk(tmp_path, ("One.",), ("You are welcome.",), channel=CHANNEL) as at:
        await at.says(words, ANA, HELP)
        asked = await at.asks("my boat does not start", ANA, HELP)
        assert where(at) == [(asked.id, "One.")]
        at.threads.now[asked.id] = ThreadNow()
        await at.asks(words, ANA, thread_of(asked))
        assert where(at)[1:] == [(asked.id, "You are welcome.")]


async def test_what_is_said_in_a_row_is_one_thread_and_so_is_what_is_added_soon_after(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",), ("Two.",), ("Three.",), channel=CHANNEL) as at:
        first = await at.says("hello, a question", ANA, HELP)
        await at.asks("my boat does not start", ANA, HELP)
        assert where(at) == [(first.id, "One.")]
        await at.asks("it is a red one", ANA, HELP)
        assert where(at)[1:] == [(first.id, "Two.")]
        other = await at.asks("and where do I buy oil?", ANA, HELP)
        assert where(at)[2:] == [(other.id, "Three.")]


async def test_a_message_that_is_told_again_after_its_answer_changes_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",), channel=CHANNEL) as at:
        asked = await at.asks("my boat does not start", ANA, HELP)
        await at.rig.says(asked)
        await at.settles()
        assert where(at) == [(asked.id, "One.")]
        assert at.threads.asked == [asked.id]
        assert at.rig.counters.get("messages_conflicting_total", kind="foreign") == 0
        (recent,) = await at.rig.store.recent("local", since=asked.sent_at - timedelta(days=1), limit=9)
        assert recent.place.key == HELP.key, "it is looked for where it stands"


@pytest.mark.parametrize("openable", [False, True])
async def test_where_no_thread_may_be_opened_the_question_is_answered_in_the_channel(
    tmp_path: Path, openable: bool
) -> None:
    async with desk(tmp_path, ("One.",), channel=CHANNEL) as at:
        at.threads.openable, at.threads.refuses = openable, True
        asked = await at.asks("my boat does not start", ANA, HELP)
        assert where(at) == [(HELP.id, "One.")]
        assert at.standing[0].reply_to == asked.id


async def test_a_platform_that_is_away_is_asked_again_and_then_the_channel_has_the_answer(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",), ("Two.",), channel=CHANNEL) as at:
        at.threads.away = 1
        asked = await at.asks("my boat does not start", ANA, HELP)
        await at.settles(PAUSES[0])
        assert where(at) == [(asked.id, "One.")]
        at.threads.away = 9
        await at.asks("where is oil?", ANA, HELP)
        await at.settles(sum(PAUSES) - 1)
        assert len(where(at)) == 1
        await at.settles(1)
        assert where(at)[1:] == [(HELP.id, "Two.")]


async def test_a_question_whose_message_is_gone_when_its_thread_is_opened_is_not_answered(tmp_path: Path) -> None:
    async with desk(tmp_path, ("Never.",), channel=CHANNEL) as at:
        asked = await at.says("my secret boat", ANA, HELP)
        at.threads.gone.add(asked.id)
        await at.settles()
        assert (where(at), at.questions) == ([], [])


async def test_where_only_the_beginning_of_a_question_is_gone_the_rest_gets_the_thread(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",), channel=CHANNEL) as at:
        first = await at.says("my secret boat", ANA, HELP)
        second = await at.says("how do I start a boat?", ANA, HELP)
        at.threads.gone.add(first.id)
        await at.settles()
        assert where(at) == [(second.id, "One.")]
        assert "secret" not in at.questions[0]
        await at.rig.hearing.hear(Deleted(place=HELP, message_ids=(first.id,)))
        await at.asks("still not", ANA, thread_of(second))
        assert "secret" not in at.questions[-1]


async def test_staff_who_reply_in_the_channel_silence_the_thread_of_that_question_alone(tmp_path: Path) -> None:
    async with desk(tmp_path, ("Ana.",), ("Ben.",), ("Ben again.",), channel=CHANNEL) as at:
        ana = await at.asks("my boat does not start", ANA, HELP)
        ben = await at.asks("mine has no oil", BEN, HELP)
        await at.says("Turn the key", CARA, HELP, to=ana)
        await at.asks("which one?", ANA, thread_of(ana))
        await at.asks("olive oil?", BEN, thread_of(ben))
        assert where(at) == [(ana.id, "Ana."), (ben.id, "Ben."), (ana.id, PERSON_HELPS), (ben.id, "Ben again.")]


async def test_staff_who_name_the_asker_or_answer_before_the_thread_is_open_silence_it(tmp_path: Path) -> None:
    async with desk(tmp_path, ("Ana.",), channel=CHANNEL) as at:
        ana = await at.asks("my boat does not start", ANA, HELP)
        await at.says("@Ana turn the key", CARA, HELP, named=[ANA.key])
        await at.asks("which one?", ANA, thread_of(ana))
        assert where(at) == [(ana.id, "Ana."), (ana.id, PERSON_HELPS)]
        ben = await at.says("mine has no oil", BEN, HELP)
        await at.says("Buy some", CARA, HELP, to=ben)
        await at.settles()
        assert at.threads.asked == [ana.id]
        assert where(at)[2:] == [(HELP.id, PERSON_HELPS)]


async def test_staff_who_answer_while_the_thread_is_being_opened_are_not_talked_over(tmp_path: Path) -> None:
    async with desk(tmp_path, ("Never.",), channel=CHANNEL) as at:
        at.threads.away = 1
        asked = await at.asks("my boat does not start", ANA, HELP)
        await at.says("Turn the key", CARA, HELP, to=asked)
        await at.settles(PAUSES[0])
        assert "Never." not in at.texts
        assert at.questions == []


async def test_who_deletes_the_question_in_the_channel_is_not_answered_in_its_thread_any_more(tmp_path: Path) -> None:
    goes_on = asyncio.Event()
    async with desk(tmp_path, engine=FakeEngine(("Long. ", goes_on, "Answer.")), channel=CHANNEL) as at:
        asked = await at.says("my secret boat", ANA, HELP)
        await at.rig.passes(SETTLE_SECONDS)
        while not at.questions:
            await at.rig.passes(1)
        await at.rig.hearing.hear(Deleted(place=HELP, message_ids=(asked.id,)))
        goes_on.set()
        await at.rig.idle()
        assert at.texts == []
        entries = await at.rig.store.entries(thread_of(asked), limit=9)
        assert not any(entry.message is not None and "secret" in entry.message.text for entry in entries)


async def test_an_edit_in_the_channel_reaches_what_the_thread_is_told(tmp_path: Path) -> None:
    async with desk(tmp_path, ("One.",), ("Two.",), channel=CHANNEL) as at:
        asked = await at.asks("my boat does not start", ANA, HELP)
        changed = replace(asked, text="my car does not start", edited_at=at.rig.clock.now())
        await at.rig.hearing.hear(Edited(message=changed))
        await at.asks("so?", ANA, thread_of(asked))
        assert "my car does not start" in at.questions[-1]


async def test_whoever_writes_first_in_a_new_thread_is_not_taken_for_who_asks(tmp_path: Path) -> None:
    async with desk(tmp_path, ("For Ana.",), channel=CHANNEL) as at:
        asked = await at.says("my boat does not start", ANA, HELP)
        at.threads.now[asked.id] = ThreadNow()
        await at.says("mine, too", BEN, thread_of(asked))
        await at.settles()
        assert where(at) == [(asked.id, "For Ana.")]


@pytest.mark.parametrize("moment", ["is_begun begins", "move begins", "move ended", "join begins", "join ended"])
async def test_a_process_that_dies_at_any_moment_leaves_one_thread_and_one_answer(tmp_path: Path, moment: str) -> None:
    clock, platform, threads = FakeClock(), FakePlatform(), FakeThreads()
    reached = asyncio.Event()

    async def stops(name: str, _: object) -> None:
        if name == moment:
            reached.set()
            await asyncio.Event().wait()

    async def asks(one: Rig, *texts: str) -> list[Message]:
        told = [said(text, place=HELP, addressed=Addressed.NO, at=clock.now()) for text in texts]
        for each in told:
            await one.hearing.hear(Said(message=each))
        return told

    settings = Settings()
    async with open_store(settings.database, tmp_path, clock=clock) as store:
        await store.save_support_channel(CHANNEL)
        usual = {"rights": rights(), "threads": {"local": threads}}
        common: Mapping[str, object] = {"platform": platform, "settings": settings, "clock": clock, **usual}
        async with house(
            Hooked(store, stops),  # pyright: ignore[reportArgumentType] # it passes for what it wraps
            engine=FakeEngine(),
            **common,  # pyright: ignore[reportArgumentType]
        ) as one:
            first, second = await asks(one, "hello, a question", "my boat does not start")
            await one.passes(SETTLE_SECONDS)
            await reached.wait()
        engine = FakeEngine(("One answer.",))
        async with house(store, engine=engine, **common) as one:  # pyright: ignore[reportArgumentType]
            await one.take_up()
            await one.says(first)  # what was missed is told again
            await one.says(second)
            await one.passes(2 * SETTLE_SECONDS)
            await one.idle()
            await settle()
        standing = [each for each in platform.standing.values() if "transcript" not in each.text]
        assert [(each.conversation.place.id, each.text) for each in standing] == [(first.id, "One answer.")]
        assert set(threads.asked) == {first.id}
        assert len(engine.prompts) == 1


def test_a_thread_is_called_what_was_asked_without_markup_and_spoilers_and_else_after_the_file() -> None:
    shot = Attachment(id="a", name="error  log.png", media_type="image/png", size=9)
    for text, name in (
        ("# Help!\n> why?", "Help! why?"),
        ("`snake_case` ||the butler|| did it", "snake_case … did it"),
        ("", "error log.png"),
        ("||all of it||", "…"),
    ):
        assert name_of(said(text, attachments=(shot,))) == name
    assert name_of(said("")) == "…"
