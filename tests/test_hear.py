"""Every event is written down once, and only what may be kept is kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.talk.event import Commanded, Deleted, Edited, Left, Pressed, Said
from bot.talk.message import Addressed, Attachment, Person, Place, PlaceKind
from bot.talk.policy import Keep
from tests.fakes import ANA, BEN, GENERAL, START, FakePlatform, direct, said
from tests.rig import Rig, rig

THREAD = Place(platform="local", id="thread", kind=PlaceKind.THREAD, name="a thread", parent=GENERAL.id)
ROBOT = Person(platform="local", id="robot", name="Robot", bot=True)
CAT = Attachment(id="2", name="cat.png", media_type="image/png", size=5, source="cat")


def ambient(text: str, *, by: Person = BEN, place: Place = GENERAL) -> Said:
    return Said(message=said(text, by=by, place=place, addressed=Addressed.NO))


def holds(folder: Path, word: str) -> bool:
    """Whether a word stands anywhere in the files of the database."""
    return any(word.encode() in file.read_bytes() for file in folder.rglob("*") if file.is_file())


async def answered(house: Rig, question: Said) -> None:
    await house.hearing.hear(question)
    await house.idle()


async def test_nothing_is_kept_of_a_channel_before_somebody_first_talks_to_the_bot(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await house.hearing.hear(ambient("a swordfish swims by"))
        await answered(house, Said(message=said("hello")))
        await house.hearing.hear(ambient("a dolphin swims by"))
        await answered(house, Said(message=said("what swims?")))
        assert "dolphin" in house.asked()
        assert "swordfish" not in house.asked()
    assert not holds(tmp_path, "swordfish")
    assert holds(tmp_path, "dolphin")


@pytest.mark.parametrize("place", [GENERAL, direct(ANA), THREAD])
async def test_that_a_transcript_is_kept_is_announced_once_also_after_a_restart(tmp_path: Path, place: Place) -> None:
    platform = FakePlatform()
    for _ in range(2):
        async with rig(tmp_path, platform=platform) as house:
            for text in ("hello", "hello again"):
                await answered(house, Said(message=said(text, place=place)))
            assert house.announcements() == [place.id]


async def test_two_first_questions_at_once_are_announced_once(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await asyncio.gather(*(house.says(said(f"hello {number}")) for number in range(5)))
        await house.idle()
        assert house.announcements() == [GENERAL.id]


async def test_a_channel_that_is_always_kept_hears_of_it_with_the_first_message_that_is(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await house.commands("keep", when="always", moderator=True)
        assert house.announcements() == []
        for text in ("a dolphin swims by", "another one"):
            await house.hearing.hear(ambient(text))
        assert house.announcements() == [GENERAL.id]
        await answered(house, Said(message=said("what swims?")))
        assert house.announcements() == [GENERAL.id]
        assert "a dolphin swims by" in house.asked()


async def test_keeping_always_and_then_from_mentions_on_waits_for_a_mention(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await house.commands("keep", when="always", moderator=True)
        await house.hearing.hear(ambient("one"))
        await house.commands("keep", when="mentioned", moderator=True)
        await house.hearing.hear(ambient("a swordfish swims by"))
        await answered(house, Said(message=said("hello")))
        await house.hearing.hear(ambient("a dolphin swims by"))
    assert not holds(tmp_path, "swordfish")
    assert holds(tmp_path, "dolphin")


async def test_where_nothing_may_be_kept_questions_are_answered_and_leave_no_word(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.files = {"cat": b"IMAGE of a seahorse"}
    async with rig(tmp_path, ("It is an octopus.",), ("Two.",), platform=platform) as house:
        await house.commands("keep", when="never", moderator=True)
        await house.hearing.hear(ambient("a dolphin swims by"))
        await answered(house, Said(message=said("what is a swordfish?", attachments=(CAT,))))
        assert await house.platform.final("octopus")
        await answered(house, Said(message=said("and now?")))
        assert "swordfish" not in house.asked()
        assert house.announcements() == []
    for word in ("dolphin", "swordfish", "octopus", "seahorse"):
        assert not holds(tmp_path, word), word


async def test_where_nothing_may_be_kept_a_failed_or_refused_question_leaves_no_word_either(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.files = {"cat": b"IMAGE of a seahorse"}
    async with rig(tmp_path, ("Half an octopus", RuntimeError()), platform=platform) as house:
        await house.commands("keep", when="never", moderator=True)
        await answered(house, Said(message=said("what is a swordfish?", attachments=(CAT,))))
        await answered(house, Said(message=said("narwhal " * 40_000, attachments=(CAT,))))
    for word in ("swordfish", "octopus", "seahorse", "narwhal"):
        assert not holds(tmp_path, word), word


async def test_of_people_who_opted_out_nothing_is_kept_and_their_questions_are_answered(tmp_path: Path) -> None:
    async with rig(tmp_path, ("Hello.",), ("An octopus.",), ("Two.",)) as house:
        await answered(house, Said(message=said("hello", by=ANA)))
        await house.commands("opt-out", by=BEN)
        await house.hearing.hear(ambient("a dolphin swims by", by=BEN))
        await answered(house, Said(message=said("what is a swordfish?", by=BEN)))
        assert await house.platform.final("octopus")
        await answered(house, Said(message=said("what did he say?", by=ANA)))
        assert "hello" in house.asked()
    for word in ("dolphin", "swordfish", "octopus"):
        assert word not in house.asked()
        assert not holds(tmp_path, word), word


@pytest.mark.parametrize(("rule", "kept"), [(Keep.ALWAYS, True), (Keep.NEVER, False), (Keep.MENTIONED, False)])
async def test_a_thread_follows_its_channels_always_and_never(tmp_path: Path, rule: Keep, kept: bool) -> None:
    async with rig(tmp_path) as house:
        await house.commands("keep", when=rule.value, moderator=True)
        await house.hearing.hear(ambient("in the channel"))
        await house.hearing.hear(ambient("a dolphin swims by", place=THREAD))
        await answered(house, Said(message=said("what is a narwhal?", place=THREAD)))
        told = {Keep.ALWAYS: [GENERAL.id], Keep.NEVER: [], Keep.MENTIONED: [THREAD.id]}[rule]
        assert house.announcements() == told
    assert holds(tmp_path, "dolphin") is kept
    assert holds(tmp_path, "narwhal") is (rule is not Keep.NEVER)


async def test_a_thread_with_a_rule_of_its_own_keeps_it(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await house.commands("keep", when="always", moderator=True)
        await house.commands("keep", when="never", moderator=True, place=THREAD)
        await house.hearing.hear(ambient("a dolphin swims by", place=THREAD))
    assert not holds(tmp_path, "dolphin")


async def test_other_bots_are_part_of_the_transcript_and_never_answered_not_even_after_a_restart(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, ("Hello.",), ("Two.",)) as house:
        await answered(house, Said(message=said("hello")))
        await answered(house, Said(message=said("I am a robot too", by=ROBOT)))
        assert len(house.engine.prompts) == 1
        assert await house.answers.unanswered() == ()
        await answered(house, Said(message=said("who was that?")))
        assert "I am a robot too" in house.asked()


async def test_an_edit_reaches_what_is_kept_and_makes_nothing_known_that_was_not(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await answered(house, Said(message=said("hello")))
        known = ambient("a swordfish swims by")
        await house.hearing.hear(known)
        for message_id, text in ((known.message.id, "a dolphin swims by"), ("unknown", "a narwhal swims by")):
            await house.hearing.hear(
                Edited(message=said(text, by=BEN, addressed=Addressed.NO, message_id=message_id, at=START))
            )
        await answered(house, Said(message=said("what swims?")))
        assert "dolphin" in house.asked()
    assert not holds(tmp_path, "swordfish")
    assert not holds(tmp_path, "narwhal")


async def test_what_is_deleted_is_in_no_file_any_more(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await answered(house, Said(message=said("hello")))
        gone = ambient("a swordfish swims by")
        await house.hearing.hear(gone)
        await answered(house, Said(message=said("what swims?")))
        assert "swordfish" in house.asked()
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=(gone.message.id, "unknown")))
        await answered(house, Said(message=said("and now?")))
        assert "swordfish" not in house.asked()
        assert house.asked().count("what swims?") == 1
        assert house.counters.get("prefix_breaks_total", cause="deletion") == 1
    assert not holds(tmp_path, "swordfish")


async def test_a_message_deleted_while_it_is_taken_up_is_not_answered(tmp_path: Path) -> None:
    async with rig(tmp_path, (asyncio.Event(),)) as house:
        question = said("a swordfish?")
        await asyncio.gather(
            house.says(question), house.hearing.hear(Deleted(place=GENERAL, message_ids=(question.id,)))
        )
        await house.hearing.hear(Deleted(place=GENERAL, message_ids=(question.id,)))
        await house.idle()
        assert [each for each in house.platform.standing.values() if each.reply_to == question.id] == []


@pytest.mark.parametrize("left", [Left(platform="local", guild="g"), Left(platform="local", place=GENERAL)])
async def test_where_the_bot_was_sent_away_nothing_stays(tmp_path: Path, left: Left) -> None:
    place = Place(platform="local", id=GENERAL.id, name="general", guild="g")
    async with rig(tmp_path) as house:
        await answered(house, Said(message=said("a swordfish?", place=place)))
        await answered(house, Said(message=said("a dolphin?", place=direct(ANA))))
        await house.hearing.hear(left)
    assert not holds(tmp_path, "swordfish")
    assert holds(tmp_path, "dolphin")


async def test_commands_and_presses_that_nobody_declared_are_ignored(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await house.hearing.hear(Commanded(name="rm", person=ANA, place=GENERAL, at=START))
        await house.hearing.hear(Pressed(action="nonsense", person=ANA, place=GENERAL, at=START))
        assert house.platform.revisions == []
