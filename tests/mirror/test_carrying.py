"""What is said in one of the linked channels stands in the others, once, and goes with its original."""

from __future__ import annotations

from pathlib import Path

from bot.errors import EngineUnreachable, PlatformUnavailable, TranslationFailed
from bot.settings import MirrorSettings
from bot.talk.message import Attachment, Person, Quote, QuoteKind
from bot.talk.policy import Consent, Keep, Policy
from tests.fakes import ANA, BEN
from tests.mirror.scene import EN, FR, JA, scene


async def test_a_message_stands_in_the_other_channel_in_its_language_under_its_authors_name(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        message = await at.says("It broke.")
        (copy,) = at.stands(JA)
        assert copy.text == "**Ana**\neo:It broke."
        assert copy.lead == f"translated from: English · [original](<https://chat.example/1/{message.id}>)"
        assert at.stands(EN) == []


async def test_what_is_in_the_channels_language_already_stands_there_as_it_is(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        await at.says("eo:hai")
        (copy,) = at.stands(JA)
        assert copy.text == "**Ana**\neo:hai"
        assert copy.lead.startswith("[original]")


async def test_with_three_channels_each_of_the_two_others_gets_it_and_none_twice(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links("#help-en #help-eo #help-ia", "en eo ia")
        message = await at.says("Hello")
        await at.hears(message)  # a replay
        assert at.texts(JA) == ["**Ana**\neo:Hello"]
        assert at.texts(FR) == ["**Ana**\nia:Hello"]
        assert at.texts(EN) == []


async def test_an_edit_changes_the_copy_and_a_deletion_takes_it_away(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        message = await at.says("It brok.")
        message = await at.edits(message, "It broke.")
        assert at.texts(JA) == ["**Ana**\neo:It broke."]
        await at.deletes(message.id)
        assert at.texts(JA) == []
        await at.hears(message)
        assert at.texts(JA) == []


async def test_a_copy_that_a_moderator_deleted_does_not_come_back_with_an_edit(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        message = await at.says("Buy now")
        gone = at.id_of(at.stands(JA)[0])
        await at.deletes(gone, place=JA)
        (before,) = [each for each in at.platform.revisions if each.text.endswith("Buy now")]
        await at.edits(message, "Buy now!")
        shown = await at.rig.store.shown_by(JA, gone)
        assert shown is not None
        assert shown.delivery.id == before.id


async def test_bots_and_webhooks_are_not_carried_over_and_neither_are_our_own_copies(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        robot = Person(platform="local", id="bot", name="Robot", bot=True)
        await at.says("beep", by=robot)
        await at.says("hello")
        (copy,) = at.stands(JA)
        await at.says(copy.text, JA, by=robot)
        assert len(at.stands(JA)) == 1
        assert at.stands(EN) == []


async def test_whoever_opts_out_is_carried_over_no_more_and_what_stands_of_them_goes(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        await at.says("mine")
        await at.says("Ben's", by=BEN)
        await at.rig.store.save_consent(ANA.key, Consent(opted_out=True))
        await at.minute()
        assert at.texts(JA) == ["**Ben**\neo:Ben's"]
        await at.says("mine, too")
        assert at.texts(JA) == ["**Ben**\neo:Ben's"]


async def test_forget_me_takes_copies_away(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        await at.says("mine")
        await at.rig.store.forget(ANA.key)
        await at.minute()
        assert at.texts(JA) == []


async def test_files_are_named_and_what_is_forwarded_is_quoted(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        file = Attachment(id="f", name="log_1.txt", media_type="text/plain", size=3)
        await at.says("", attachments=[file])
        await at.says("", quotes=[Quote(kind=QuoteKind.FORWARDED, text="one\ntwo")])
        assert at.texts(JA) == ["**Ana**\n📎 log\\_1\\.txt", "**Ana**\neo:> one\n> two"]


async def test_in_a_channel_that_keeps_nothing_no_words_stay_once_they_are_shown(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        for place in (EN, JA):
            await at.rig.store.save_policy(place, Policy(keep=Keep.NEVER))
        await at.links()
        message = await at.says("periwinkle")
        assert at.texts(JA) == ["**Ana**\neo:periwinkle"]
        shown = await at.rig.store.shown_by(JA, at.id_of(at.stands(JA)[0]))
        assert shown is not None
        assert (shown.delivery.text, shown.delivery.lead) == ("", "")
        await at.edits(message, "lilac")
        assert at.texts(JA) == ["**Ana**\neo:lilac"]


async def test_what_the_model_cannot_translate_stands_there_as_it_is_and_says_so(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        at.translates.failures.append(TranslationFailed("no"))
        await at.says("Hello")
        (copy,) = at.stands(JA)
        assert copy.text == "**Ana**\nHello"
        assert copy.lead.startswith("not translated · ")


async def test_while_the_engine_is_away_messages_wait_in_order_and_then_go_as_they_are(tmp_path: Path) -> None:
    async with scene(tmp_path, limits=MirrorSettings(wait_minutes=2)) as at:
        await at.links()
        at.translates.away = EngineUnreachable("gone")
        for text in ("one", "two"):
            await at.says(text)
        await at.rig.passes(60)
        assert at.texts(JA) == []
        await at.rig.passes(180)
        assert at.texts(JA) == ["**Ana**\none", "**Ana**\ntwo"]
        at.translates.away = None
        await at.rig.passes(60)
        await at.says("three")
        assert at.texts(JA)[-1] == "**Ana**\neo:three"


async def test_an_engine_that_comes_back_in_time_translates_what_waited(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        at.translates.away = EngineUnreachable("gone")
        await at.says("one")
        await at.rig.passes(30)
        at.translates.away = None
        await at.rig.passes(30)
        assert at.texts(JA) == ["**Ana**\neo:one"]


async def test_a_platform_that_fails_for_now_costs_no_order(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        at.platform.failures.append(PlatformUnavailable("not now"))
        await at.says("one")
        await at.says("two")
        assert at.texts(JA) == []
        await at.rig.passes(30)
        assert at.texts(JA) == ["**Ana**\neo:one", "**Ana**\neo:two"]


async def test_what_is_deleted_before_it_was_shown_is_never_shown(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        at.translates.away = EngineUnreachable("gone")
        message = await at.says("oops")
        await at.deletes(message.id)
        at.translates.away = None
        await at.rig.passes(60)
        assert not any("oops" in each.text for each in at.platform.revisions)


async def test_beyond_the_backlog_messages_are_left_out_and_people_are_told_once(tmp_path: Path) -> None:
    async with scene(tmp_path, limits=MirrorSettings(backlog=10)) as at:
        await at.links()
        at.translates.away = EngineUnreachable("gone")
        for number in range(13):
            await at.says(f"{number}")
        await at.minute()
        assert at.rig.counters.get("mirror_copies_lost_total", reason="backlog") == 3
        missing = [each for each in at.told(JA) if "missing" in each]
        assert len(missing) == 1
        assert missing[0].endswith("look for them in #help-en.")


async def test_no_more_than_so_many_are_carried_over_in_a_minute(tmp_path: Path) -> None:
    async with scene(tmp_path, limits=MirrorSettings(per_minute=2)) as at:
        await at.links()
        for number in range(3):
            await at.says(f"{number}")
        assert len(at.texts(JA)) == 2
        await at.rig.passes(61)
        assert len(at.texts(JA)) == 3


async def test_what_was_said_before_the_link_and_is_told_again_is_not_carried_over(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        old = await at.says("before")
        await at.rig.passes(5)
        await at.links()
        await at.hears(old)
        assert at.texts(JA) == []
