"""What becomes of a thread becomes of its counterparts, and never comes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.errors import EngineUnreachable, PlatformUnavailable
from bot.talk.message import Place
from bot.talk.policy import Consent
from bot.talk.shape import Part, Shape
from tests.fakes import ANA, BEN
from tests.mirror.scene import EN, FR, JA, Scene, changed, scene
from tests.mirror.test_threads import began, inside, thread

ALL = ("#help-en #help-eo #help-ia", "en eo ia")


async def beside(at: Scene) -> tuple[Place, Place]:
    """A thread of somebody in #help-en and the one that we have begun for it in #help-eo."""
    _, here, there = await began(at)
    at.shapes.now[here.id] = here, Shape(title="A leak", opener=ANA.key)
    await at.says("Where?", here)
    other = thread(JA, there, title="eo:A leak")
    at.shapes.now[there] = other, Shape(title="eo:A leak", ours=True)
    return here, other


def of(at: Scene, place: Place) -> Shape:
    return at.shapes.now[place.id][1]


async def test_a_new_title_is_translated_and_what_we_have_changed_does_not_come_back(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here, there = await beside(at)
        await at.reshapes(here, title="A big leak")
        assert of(at, there).title == "eo:A big leak"
        await at.echoes()
        await at.reshapes(there, title="eo:granda")
        await at.echoes()
        assert of(at, here).title == "en:granda"
        assert len(at.shapes.asked) == 2


async def test_closing_opening_and_locking_reach_all_counterparts(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links(*ALL)
        here, there = await beside(at)
        third = at.id_of(at.stands(FR)[0])
        french = thread(FR, third)
        at.shapes.now[third] = french, Shape(title="ia:A leak", ours=True)
        await at.reshapes(here, archived=True, locked=True)
        await at.echoes()
        assert (of(at, there).archived, of(at, there).locked) == (True, True)
        assert (of(at, french).archived, of(at, french).locked) == (True, True)
        await at.reshapes(there, archived=False, locked=False)
        await at.echoes()
        assert not any(of(at, each).archived or of(at, each).locked for each in (here, french))
        assert len(at.shapes.asked) == 4


async def test_of_many_titles_two_in_ten_minutes_are_carried_over_and_the_last_one(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here, there = await beside(at)
        for number in range(5):
            await at.reshapes(here, title=f"Leak {number}")
            await at.echoes()
        assert [change[Part.TITLE] for _, change in at.shapes.asked] == ["eo:Leak 0", "eo:Leak 1"]
        await at.says("Still?", here)  # copies do not wait for it
        assert inside(at, JA, there.id)[-1].text == "**Ana**\neo:Still?"
        await at.reshapes(here, archived=True)
        await at.echoes()
        assert of(at, there).archived
        await at.reshapes(here, archived=False)
        await at.rig.passes(700)
        await at.echoes()
        assert (of(at, there).title, of(at, there).archived) == ("eo:Leak 4", False)


async def test_the_title_of_a_closed_thread_is_changed_and_it_stays_closed(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here, there = await beside(at)
        at.translates.away = EngineUnreachable("gone")
        await at.reshapes(here, title="A mended leak")
        await at.reshapes(here, archived=True)
        assert of(at, there) == Shape(title="eo:A leak", archived=True, ours=True)
        at.translates.away = None
        await at.rig.passes(30)
        await at.echoes()
        assert (of(at, there).title, of(at, there).archived) == ("eo:A mended leak", True)
        assert of(at, here).archived


async def test_a_thread_is_closed_after_what_was_said_in_it_before(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here, there = await beside(at)
        at.translates.away = EngineUnreachable("gone")
        await at.says("That was it", here)
        await at.reshapes(here, archived=True)
        assert at.shapes.asked == []
        at.translates.away = None
        await at.rig.passes(60)
        assert inside(at, JA, there.id)[-1].text == "**Ana**\neo:That was it"
        assert at.shapes.asked == [(there.id, {Part.ARCHIVED: True})]


async def test_a_copy_that_wakes_a_closed_thread_opens_no_other_and_it_is_closed_again(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        message, here, there_id = await began(at)
        at.shapes.now[here.id] = here, Shape(title="A leak", opener=ANA.key)
        asked = await at.says("Where", here)
        there = thread(JA, there_id, title="eo:A leak")
        at.shapes.now[there_id] = there, Shape(title="eo:A leak", ours=True)
        await at.reshapes(here, archived=True)
        await at.echoes()
        at.shapes.asked.clear()
        woken = Shape(title="eo:A leak", ours=True)
        at.shapes.now[there_id] = there, woken
        at.shapes.echoes.append(changed(there, woken))
        await at.edits(asked, "Where?")
        await at.rig.passes(30)
        await at.echoes()
        assert of(at, here).archived
        assert of(at, there).archived
        assert [thread_id for thread_id, _ in at.shapes.asked] == [there_id]
        assert message.id == here.id


async def test_who_has_begun_a_thread_with_a_copy_changes_nothing_of_the_original_thread(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        _, here, there_id = await began(at)
        at.shapes.now[here.id] = here, Shape(title="A leak", opener=ANA.key)
        await at.says("Where?", here)
        there = thread(JA, there_id)
        at.shapes.now[there_id] = there, Shape(title="mia", opener=BEN.key)
        await at.rig.hearing.hear(changed(there, of(at, there)))
        at.shapes.asked.clear()
        await at.reshapes(there, title="malbona", archived=True)
        assert at.shapes.asked == []
        await at.reshapes(there, locked=True)  # a moderator did
        assert at.shapes.asked == [(here.id, {Part.LOCKED: True})]


async def test_where_a_right_is_missing_nothing_breaks_and_staff_can_see_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here, there = await beside(at)
        at.shapes.refuses = True
        await at.reshapes(here, title="Another", locked=True)
        await at.rig.passes(3600)
        assert len(at.shapes.asked) == 1
        assert at.rig.counters.get("mirror_threads_changed_total", outcome="refused") == 1
        shown = await at.commands("mirror-show")
        assert "manage threads" in shown.text
        await at.says("Still here", here)
        assert inside(at, JA, there.id)[-1].text == "**Ana**\neo:Still here"
        at.shapes.refuses = False
        assert "manage threads" not in (await at.commands("mirror-show")).text


async def test_a_change_of_which_nobody_knows_whether_it_was_made_is_made_once_more(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here, there = await beside(at)
        at.shapes.failures.append(PlatformUnavailable("the answer is lost"))
        await at.reshapes(here, archived=True)
        await at.rig.passes(30)
        await at.echoes()
        assert at.shapes.asked == [(there.id, {Part.ARCHIVED: True})] * 2
        assert of(at, here).archived


async def test_a_title_is_not_told_to_more_people_than_was_confirmed(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here, _ = await beside(at)
        at.rights.readers = {**at.rights.readers, EN.key: (ANA.key,)}
        await at.reshapes(here, title="Something secret")
        assert at.shapes.asked == []
        assert "Something secret" not in at.translates.asked
        assert any("have ended the link" in each.replace("I have", "have") for each in at.told(EN))


async def test_the_title_of_who_has_opted_out_is_carried_over_nowhere(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here = thread(EN, "77", title="My secret")
        at.shapes.now["77"] = here, Shape(title="My secret", opener=ANA.key)
        await at.rig.store.save_consent(ANA.key, Consent(opted_out=True))
        await at.says("Hello", here, by=BEN)
        await at.reshapes(here, title="My other secret")
        assert not any("secret" in each.text + each.opens for each in at.platform.revisions)
        assert not any("secret" in each for each in at.translates.asked)
        assert [each.text for each in at.platform.standing.values() if "Hello" in each.text] == ["**Ben**\neo:Hello"]


async def test_when_the_link_ends_nothing_is_carried_over_any_more(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here, _ = await beside(at)
        at.translates.away = EngineUnreachable("gone")
        await at.reshapes(here, title="Later")
        await at.commands("mirror-unlink")
        at.translates.away = None
        await at.rig.passes(60)
        assert at.shapes.asked == []


async def test_a_thread_that_is_closed_while_we_change_its_title_gets_it_all_the_same(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        here, there = await beside(at)
        at.shapes.now[there.id] = there, replace(of(at, there), archived=True)  # of which nobody has told us yet
        await at.reshapes(here, title="Another")
        assert of(at, there).title == "eo:A leak"
        await at.rig.hearing.hear(changed(there, of(at, there)))
        await at.rig.passes(400)
        await at.echoes()
        assert of(at, there).title == "eo:Another"
        assert of(at, there).archived == of(at, here).archived is True
