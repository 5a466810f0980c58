"""What is said in a thread of a linked channel stands in the counterpart of that thread, which is begun once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.errors import PlaceGone
from bot.talk.delivery import Delivery
from bot.talk.event import Left
from bot.talk.message import Addressed, Conversation, Message, Place, PlaceKind
from tests.fakes import BEN, said
from tests.mirror.scene import EN, JA, Scene, scene
from tests.settling import settle


def thread(of: Place, ident: str, *, title: str = "A leak", open_: bool = True) -> Place:
    return Place(
        platform="local", id=ident, kind=PlaceKind.THREAD, name=title, guild=of.guild, parent=of.id, open=open_
    )


def inside(at: Scene, of: Place, ident: str) -> list[Delivery]:
    """What stands in the thread of this id."""
    place = thread(of, ident)
    standing = at.platform.standing.values()
    return [each for each in standing if each.conversation.place.key == place.key]


def heads(at: Scene, of: Place) -> list[Delivery]:
    return [each for each in at.platform.standing.values() if each.conversation.place == of and "🧵" in each.text]


async def began(at: Scene, text: str = "It leaks") -> tuple[Message, Place, str]:
    """A message in #help-en, its thread, and the id of what stands in #help-eo for both."""
    message = await at.says(text)
    return message, thread(EN, message.id), at.id_of(at.stands(JA)[-1])


async def test_a_thread_begins_with_the_counterpart_of_its_message_under_a_translated_title(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        _, here, there = await began(at)
        await at.says("Where?", here, by=BEN)
        await at.says("Below", here)
        first, second = inside(at, JA, there)
        assert (first.text, first.opens) == ("**Ben**\neo:Where?", "eo:A leak")
        assert (second.text, second.opens) == ("**Ana**\neo:Below", "")
        assert first.conversation.place.parent == JA.id
        assert heads(at, JA) == []


async def test_what_is_said_in_the_counterpart_comes_back_as_a_reply_in_the_thread(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        _, here, there = await began(at)
        asked = await at.says("Where?", here)
        seen = at.id_of(inside(at, JA, there)[0])
        await at.says("eo:sube", thread(JA, there), by=BEN, reply_to=seen)
        (answer,) = inside(at, EN, here.id)
        assert (answer.text, answer.reply_to) == ("**Ben**\nen:sube", asked.id)


async def test_who_writes_in_a_thread_that_we_began_for_others_does_not_talk_to_the_bot(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        _, here, there = await began(at)
        await at.says("Where?", here)
        place = thread(JA, there)
        await at.hears(said("eo:sube", by=BEN, place=place, addressed=Addressed.FOLLOW_UP, at=at.rig.clock.now()))
        assert len(inside(at, EN, here.id)) == 1
        assert at.rig.engine.prompts == []


async def test_a_thread_that_somebody_begins_with_a_copy_is_that_of_the_original(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        _, here, there = await began(at)
        await at.says("eo:kie", thread(JA, there), by=BEN)
        assert [each.text for each in inside(at, EN, here.id)] == ["**Ben**\nen:kie"]
        await at.says("Below", here)
        assert [each.text for each in inside(at, JA, there)] == ["**Ana**\neo:Below"]


async def test_a_thread_without_a_message_that_is_carried_over_gets_one_head_in_each_channel(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here = thread(EN, "77")
        await at.says("one", here)
        await at.says("two", here)
        (head,) = heads(at, JA)
        assert head.text == "🧵 eo:A leak"
        assert "chat.example/77/77" in head.lead
        assert [each.text for each in inside(at, JA, at.id_of(head))] == ["**Ana**\neo:one", "**Ana**\neo:two"]


async def test_edits_and_deletions_reach_what_stands_in_the_counterpart(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        _, here, there = await began(at)
        message = await at.says("Bellow", here)
        message = await at.edits(message, "Below")
        assert [each.text for each in inside(at, JA, there)] == ["**Ana**\neo:Below"]
        await at.deletes(message.id, place=here)
        assert inside(at, JA, there) == []


async def test_what_is_said_in_a_private_thread_stands_nowhere_else(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        before = len(at.platform.revisions)
        await at.says("secret", thread(EN, "78", open_=False))
        assert len(at.platform.revisions) == before


async def test_into_a_thread_that_was_deleted_nothing_is_carried_over_any_more(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        _, here, there = await began(at)
        await at.says("one", here)
        await at.rig.hearing.hear(Left(platform="local", place=thread(JA, there)))
        before = len(at.platform.revisions)
        await at.says("two", here)
        assert len(at.platform.revisions) == before
        assert at.rig.counters.get("mirror_copies_lost_total", reason="closed") == 1


async def test_a_thread_that_is_deleted_takes_along_elsewhere_what_was_said_in_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        _, here, there = await began(at)
        await at.says("one", here)
        await at.says("eo:du", thread(JA, there), by=BEN)
        await at.rig.hearing.hear(Left(platform="local", place=here))
        await settle()
        assert inside(at, JA, there) == []
        assert at.texts(JA) == ["**Ana**\neo:It leaks"]


async def test_forgetting_a_channel_takes_copies_of_its_threads_away(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        _, here, there = await began(at)
        await at.says("one", here)
        await at.says("eo:du", thread(JA, there), by=BEN)
        await at.rig.store.forget_place(EN, rules=True)
        await at.minute()
        assert inside(at, JA, there) == []
        assert len(inside(at, EN, here.id)) == 1  # Ben's words, which were said elsewhere
        await at.rig.store.forget(BEN.key)
        await at.minute()
        assert inside(at, EN, here.id) == []


async def test_what_is_refused_as_its_thread_cannot_begin_goes_into_one_that_begins_with_a_head(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        _, here, there = await began(at)
        at.platform.failures.append(PlaceGone("unknown message"))
        await at.says("Where?", here, by=BEN)
        await at.says("Below", here)
        (head,) = heads(at, JA)
        assert [each.text for each in inside(at, JA, at.id_of(head))] == ["**Ben**\neo:Where?", "**Ana**\neo:Below"]
        assert inside(at, JA, there) == []
        assert at.rig.counters.get("mirror_copies_lost_total", reason="refused") == 0


class Forums:
    """#help-en and #help-eo are forums."""

    @staticmethod
    async def linked(at: Scene) -> None:
        at.rights.forums = (EN.id, JA.id)
        await at.links()

    @staticmethod
    def posts(at: Scene, of: Place) -> list[tuple[str, Delivery]]:
        here = Conversation(place=of)
        found = [(id_, each) for id_, each in at.platform.standing.items() if each.conversation == here]
        return [(id_, each) for id_, each in found if "**" in each.text[:2] or "🧵" in each.text]


async def test_a_post_of_a_forum_makes_a_post_in_the_other_and_the_rest_follows_into_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await Forums.linked(at)
        first = replace(await at.says("", thread(EN, "900")), id="900", text="It leaks")
        await at.hears(first)
        ((made, opening),) = Forums.posts(at, JA)
        assert (opening.text, opening.opens) == ("**Ana**\neo:It leaks", "eo:A leak")
        await at.says("Below", thread(EN, "900"))
        await at.says("eo:sube", thread(JA, made), by=BEN, reply_to=made)
        assert [each.text for each in inside(at, JA, made)] == ["**Ana**\neo:Below"]
        (answer,) = inside(at, EN, "900")
        assert (answer.text, answer.reply_to) == ("**Ben**\nen:sube", "900")
        await at.edits(first, "It drips")
        assert [(id_, each.text) for id_, each in Forums.posts(at, JA)] == [(made, "**Ana**\neo:It drips")]


async def test_a_post_from_before_the_link_gets_a_post_of_its_title(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await Forums.linked(at)
        await at.says("still leaks", thread(EN, "901"))
        await at.says("and more", thread(EN, "901"))
        ((made, opening),) = Forums.posts(at, JA)
        assert (opening.text, opening.opens) == ("🧵 eo:A leak", "eo:A leak")
        assert [each.text for each in inside(at, JA, made)] == ["**Ana**\neo:still leaks", "**Ana**\neo:and more"]


async def test_a_forum_and_a_channel_are_not_linked(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        at.rights.forums = (EN.id,)
        told = await at.commands("mirror-link", channels="#help-en #help-eo", languages="en eo")
        assert told.text == "Forums can be linked with forums only."
