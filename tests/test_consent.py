"""People and moderators decide what is kept, and what they take back is gone everywhere."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.consent import FORGET_CHANNEL_PRESS, FORGET_PRESS, Keeper, commands
from bot.languages.phrases import Phrases
from bot.settings import Memory
from bot.talk.command import Who
from bot.talk.message import Addressed, Attachment, Person, Place, PlaceKind, Quote, QuoteKind
from bot.talk.policy import Keep
from tests.fakes import ANA, BEN, GENERAL, FakePlatform, direct, said
from tests.hooks import Halt
from tests.rig import Rig, rig
from tests.settling import settle
from tests.test_hear import holds

CAT = Attachment(id="2", name="cat.png", media_type="image/png", size=5, source="cat")
THREAD = Place(platform="local", id="thread", kind=PlaceKind.THREAD, name="a thread", parent=GENERAL.id)
ONLY_MODERATORS = "Only people who may manage this channel can do that."


async def says(house: Rig, text: str, *, by: Person = ANA, to_us: bool = True, place: Place = GENERAL) -> None:
    addressed = Addressed.MENTION if to_us else Addressed.NO
    await house.says(said(text, by=by, addressed=addressed, place=place))
    await house.idle()


async def test_every_declared_command_is_carried_out_and_no_other(tmp_path: Path) -> None:
    declared = commands(Phrases())
    async with rig(tmp_path) as house:
        keeper = Keeper(
            house.store,
            policies=asyncio.Lock(),
            bot_name="Calanque",
            memory=Memory(),
            phrases=Phrases(),
            counters=house.counters,
        )
        assert {command.name for command in declared} == set(keeper.commands)
    for command in declared:
        assert command.name == command.name.lower()
        assert 0 < len(command.description) <= 100
        for argument in command.arguments:
            assert argument.name.islower()
            assert 0 < len(argument.description) <= 100


async def test_what_a_command_says_is_private_and_short_enough_for_one_message(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        for command in commands(Phrases()):
            text = await house.commands(command.name, moderator=True)
            assert 0 < len(text) <= 2000
        assert "I am Calanque" in await house.commands("help")


@pytest.mark.parametrize("name", [each.name for each in commands(Phrases()) if each.who is Who.MODERATOR])
async def test_what_is_for_moderators_is_refused_to_others_and_changes_nothing(tmp_path: Path, name: str) -> None:
    async with rig(tmp_path) as house:
        await says(house, "a dolphin?")
        before = await house.store.policy(GENERAL)
        assert await house.commands(name, when="never") == ONLY_MODERATORS
        assert await house.presses(f"{FORGET_CHANNEL_PRESS}:yes") == ONLY_MODERATORS
        assert await house.store.policy(GENERAL) == before
        assert holds(tmp_path, "dolphin")


@pytest.mark.parametrize("when", ["", "sometimes", "ALWAYS", "never; drop table", "\u202enever"])
async def test_keep_with_a_rule_that_does_not_exist_says_which_do(tmp_path: Path, when: str) -> None:
    async with rig(tmp_path) as house:
        assert await house.commands("keep", when=when, moderator=True) == "Say when: mentioned, always or never."


@pytest.mark.parametrize("days", ["0", "-1", "3651", "1.5", "ten", "²", "1e3", "9" * 5000, "1 000", "+5"])
async def test_keep_with_days_that_make_no_sense_says_what_would_and_changes_nothing(tmp_path: Path, days: str) -> None:
    async with rig(tmp_path) as house:
        told = await house.commands("keep", when="always", days=days, moderator=True)
        assert told == "Days must be a whole number from 1 to 3650."
        assert (await house.store.policy(GENERAL)).keep is Keep.MENTIONED


@pytest.mark.parametrize(("days", "kept"), [("1", 1), ("3650", 3650), (" 30 ", 30), ("٣٠", 30)])
async def test_keep_with_days_is_told_stored_and_shown_under_privacy(tmp_path: Path, days: str, kept: int) -> None:
    async with rig(tmp_path) as house:
        assert f"for {kept} day" in await house.commands("keep", when="always", days=days, moderator=True)
        assert (await house.store.policy(GENERAL)).retention_days == kept
        assert f"for {kept} day" in await house.commands("privacy")
        assert f"for {kept} day" in await house.commands("keep", when="mentioned", moderator=True)


async def test_privacy_tells_the_rule_of_the_place_and_of_the_person(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        assert "until somebody first talks to me; from then on, messages for 90 days" in await house.commands("privacy")
        await says(house, "hello")
        assert "Here I keep messages for 90 days" in await house.commands("privacy")
        await house.commands("opt-out", by=BEN)
        assert "You have opted out" in await house.commands("privacy", by=BEN)
        assert "You have opted out" not in await house.commands("privacy", by=ANA)
        await house.commands("opt-in", by=BEN)
        assert "You have opted out" not in await house.commands("privacy", by=BEN)
        await house.commands("keep", when="never", moderator=True)
        assert "Here I keep nothing" in await house.commands("privacy")


@pytest.mark.parametrize(("when", "told"), [("never", "Here I keep nothing:"), ("always", "messages for 7 days")])
async def test_privacy_in_a_thread_tells_what_counts_there(tmp_path: Path, when: str, told: str) -> None:
    async with rig(tmp_path) as house:
        await house.commands("keep", when=when, days="7", moderator=True)
        assert told in await house.commands("privacy", place=THREAD)


async def test_forget_me_asks_first_and_deletes_only_when_it_is_confirmed(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await says(house, "a dolphin?")
        assert "Are you sure?" in await house.commands("forget-me")
        (button,) = house.platform.revisions[-1].actions
        assert button.danger
        assert holds(tmp_path, "dolphin")
        assert await house.presses(button.id) == "Deleted: 1 messages, 1 answers and 0 pictures."
        assert await house.presses(button.id) == "Deleted: 0 messages, 0 answers and 0 pictures."
    assert not holds(tmp_path, "dolphin")


async def test_whoever_presses_somebody_elses_button_forgets_only_themselves(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await says(house, "a dolphin?", by=ANA)
        await says(house, "a narwhal?", by=BEN)
        await house.presses(f"{FORGET_PRESS}:yes", by=BEN)
    assert holds(tmp_path, "dolphin")
    assert not holds(tmp_path, "narwhal")


async def test_forget_me_reaches_transcript_pieces_pictures_and_other_peoples_turns(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.files = {"cat": b"IMAGE of a seahorse"}
    async with rig(tmp_path, platform=platform) as house:
        await says(house, "hello", by=ANA)
        await says(house, "a dolphin swims by", by=BEN, to_us=False)
        await says(house, "a trout swims by", by=ANA, to_us=False)
        await says(house, "what swims?", by=ANA)
        await house.says(said("and a narwhal", by=BEN, message_id="of-ben", attachments=(CAT,)))
        await house.idle()
        quote = Quote(kind=QuoteKind.REPLIED, author="Ben", text="and a narwhal")
        await house.says(said("why that?", by=ANA, reply_to="of-ben", quotes=(quote,)))
        await house.idle()
        assert "dolphin" in house.asked()
        await house.presses(f"{FORGET_PRESS}:yes", by=BEN)
        await says(house, "go on", by=ANA)
        asked = house.asked()
        for kept in ("hello", "trout", "what swims?", "why that?", "go on"):
            assert asked.count(kept) == 1, kept
        for gone in ("dolphin", "narwhal"):
            assert gone not in asked
        # A turn of Ben's, and lines of his in turns of others.
        assert house.counters.get("prefix_breaks_total", cause="deletion") == 2
        assert house.counters.get("prompt_count_total", result="equal") == len(house.engine.prompts)
    for word in ("dolphin", "narwhal", "seahorse"):
        assert not holds(tmp_path, word), word


async def test_what_was_rendered_again_is_the_beginning_of_the_prompts_after_it(tmp_path: Path) -> None:
    async with rig(tmp_path, ("One.",), ("Two.",), ("Three.",)) as house:
        await says(house, "hello", by=ANA)
        await says(house, "a dolphin swims by", by=BEN, to_us=False)
        await says(house, "what swims?", by=ANA)
        await house.presses(f"{FORGET_PRESS}:yes", by=BEN)
        await says(house, "go on", by=ANA)
        await says(house, "and on", by=ANA)
        assert house.asked(3).startswith(house.asked(2))


async def test_an_opt_out_survives_forget_me(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await says(house, "hello", by=ANA)
        await house.commands("opt-out", by=BEN)
        await house.presses(f"{FORGET_PRESS}:yes", by=BEN)
        await says(house, "a narwhal swims by", by=BEN, to_us=False)
        assert "You have opted out" in await house.commands("privacy", by=BEN)
    assert not holds(tmp_path, "narwhal")


async def test_forget_channel_deletes_everybodys_words_and_leaves_other_places_alone(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await says(house, "a dolphin?", by=ANA)
        await says(house, "a narwhal?", by=BEN, place=THREAD)
        await says(house, "a trout?", by=BEN, place=direct(BEN))
        assert "of everybody" in await house.commands("forget-channel", moderator=True)
        (button,) = house.platform.revisions[-1].actions
        assert await house.presses(button.id, moderator=True) == "Deleted: 2 messages, 2 answers and 0 pictures."
    for word in ("dolphin", "narwhal"):
        assert not holds(tmp_path, word), word
    assert holds(tmp_path, "trout")


@pytest.mark.parametrize("keep", list(Keep))
async def test_forget_channel_leaves_the_channels_rule_as_it_is(tmp_path: Path, keep: Keep) -> None:
    async with rig(tmp_path) as house:
        await says(house, "hello")
        await house.commands("keep", when=keep.value, days="7", moderator=True)
        await house.presses(f"{FORGET_CHANNEL_PRESS}:{GENERAL.key}", moderator=True)
        policy = await house.store.policy(GENERAL)
        assert (policy.keep, policy.retention_days) == (keep, 7)
        await says(house, "a dolphin swims by", to_us=False)
        assert holds(tmp_path, "dolphin") is (keep is Keep.ALWAYS)


@pytest.mark.parametrize("act", ["forget-channel", "keep"])
async def test_what_was_decided_in_a_thread_outlives_forgetting_its_channel(tmp_path: Path, act: str) -> None:
    async with rig(tmp_path) as house:
        await house.commands("keep", when="never", days="7", place=THREAD, moderator=True)
        await says(house, "hello")
        if act == "keep":
            await house.commands("keep", when="never", moderator=True)
            await house.commands("keep", when="always", moderator=True)
        else:
            await house.presses(f"{FORGET_CHANNEL_PRESS}:{GENERAL.key}", moderator=True)
        await says(house, "a dolphin?", place=THREAD)
        assert "Here I keep nothing" in await house.commands("privacy", place=THREAD)
        assert (await house.store.policy(THREAD)).retention_days == 7
    assert not holds(tmp_path, "dolphin")


async def test_the_question_whether_to_forget_a_channel_deletes_nothing_where_it_was_moved_to(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await says(house, "a dolphin?", place=direct(ANA))
        await says(house, "a narwhal?")
        await house.commands("forget-channel", moderator=True)
        (button,) = house.platform.revisions[-1].actions
        told = await house.presses(button.id, place=direct(ANA), moderator=True)
        assert told.startswith("I deleted nothing: this button belongs to another channel.")
        assert holds(tmp_path, "dolphin")
        assert holds(tmp_path, "narwhal")
        await house.presses(button.id, moderator=True)
    assert holds(tmp_path, "dolphin")
    assert not holds(tmp_path, "narwhal")


async def test_keep_never_deletes_what_was_kept_and_keeping_again_is_announced_again(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await says(house, "a dolphin?")
        assert "what I had of it is deleted" in await house.commands("keep", when="never", moderator=True)
        await house.commands("keep", when="mentioned", moderator=True)
        await says(house, "a narwhal?")
        assert house.announcements() == [GENERAL.id, GENERAL.id]
        assert "dolphin" not in house.asked()
    assert not holds(tmp_path, "dolphin")


@pytest.mark.parametrize("place", [GENERAL, THREAD], ids=lambda each: each.id)
async def test_what_is_being_written_down_when_a_moderator_says_never_is_not_kept(tmp_path: Path, place: Place) -> None:
    halt = Halt()
    async with rig(tmp_path, around=halt.around) as house:
        await house.commands("keep", moderator=True, when="always")
        await says(house, "before", to_us=False, place=place)
        halt.at.append("record_all begins")
        saying = asyncio.create_task(says(house, "a secret", to_us=False, place=place))
        await settle()
        assert not halt.at
        await house.commands("keep", moderator=True, when="never")
        halt.may.set()
        await saying
        assert not holds(tmp_path, "secret")
