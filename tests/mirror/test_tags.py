"""Posts of linked forums have the tags of their counterparts, from their beginning on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from bot.errors import PlaceGone, PlatformUnavailable
from bot.talk.delivery import Delivery
from bot.talk.message import Addressed, Place
from bot.talk.shape import Part, Shape, Tag
from tests.fakes import ANA, said
from tests.mirror.scene import EN, JA, Scene, changed, scene
from tests.mirror.test_threads import Forums, thread

HERE = thread(EN, "900")
ENGLISH = [Tag(id="1", name="Solved", emoji="✅"), Tag(id="2", name="Bug"), Tag(id="3", name="Mac")]
OTHERS = [Tag(id="11", name="Solvita", emoji="✅"), Tag(id="12", name="bug"), Tag(id="13", name="Nova")]
STAFFS = [replace(each, moderated=True) for each in OTHERS]


async def opened(at: Scene, *tags: str) -> None:
    """Somebody writes a post with these tags."""
    at.shapes.now[HERE.id] = HERE, Shape(title="A leak", tags=frozenset(tags), opener=ANA.key)
    opening = said("It leaks", by=ANA, place=HERE, addressed=Addressed.NO, at=at.rig.clock.now())
    await at.hears(replace(opening, id=HERE.id))


async def made(at: Scene) -> tuple[Place, Delivery]:
    """The post that stands in the other forum for it, as Discord has made it."""
    ((ident, delivery),) = Forums.posts(at, JA)
    there = thread(JA, ident, title=delivery.opens)
    at.shapes.now[ident] = there, Shape(title=delivery.opens, tags=frozenset(delivery.tags or ()), ours=True)
    return there, delivery


def tags(at: Scene, place: Place) -> Collection[str]:
    return at.shapes.now[place.id][1].tags


async def test_tags_that_are_called_alike_or_look_alike_go_along_and_others_stay(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await Forums.linked(at)
        at.shapes.forums = {EN.id: ENGLISH, JA.id: OTHERS}
        await opened(at, "2", "3")
        there, delivery = await made(at)
        assert delivery.tags == ("12",)
        await at.reshapes(there, tags=frozenset({"12", "13"}))
        await at.reshapes(HERE, tags=frozenset({"1", "3"}))
        await at.echoes()
        assert (tags(at, there), tags(at, HERE)) == ({"11", "13"}, {"1", "3"})


async def test_a_forum_that_requires_a_tag_gets_its_first_one_which_comes_back_as_nobodys(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await Forums.linked(at)
        at.shapes.forums = {EN.id: ENGLISH, JA.id: [STAFFS[0], OTHERS[1], OTHERS[2]]}
        at.shapes.requiring, at.shapes.refuses = {JA.id}, True
        await opened(at)
        there, delivery = await made(at)
        assert delivery.tags == ("12",)
        await at.rig.hearing.hear(changed(there, at.shapes.now[there.id][1]))
        await at.reshapes(there, archived=True)
        assert at.shapes.asked == [(HERE.id, {Part.ARCHIVED: True})]


async def test_tags_that_a_post_gets_while_its_counterpart_is_made_follow(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await Forums.linked(at)
        at.shapes.forums = {EN.id: ENGLISH, JA.id: OTHERS}
        at.platform.failures.append(PlatformUnavailable("away"))
        await opened(at, "2")
        await at.reshapes(HERE, tags=frozenset({"1"}))
        await at.rig.passes(60)
        there, delivery = await made(at)
        assert (delivery.tags, at.shapes.asked) == (("12",), [(there.id, {Part.TAGS: frozenset({"11"})})])


async def test_a_post_that_was_refused_as_the_forums_tags_have_changed_is_made_with_those_of_now(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as at:
        await Forums.linked(at)
        at.shapes.forums = {EN.id: ENGLISH, JA.id: OTHERS}
        refused = PlaceGone("a tag is required")
        refused.barred = True
        at.platform.failures.append(refused)
        await opened(at)
        assert Forums.posts(at, JA) == []
        at.shapes.requiring = {JA.id}
        await at.rig.passes(30)
        _, delivery = await made(at)
        assert delivery.tags == ("11",)
        assert at.rig.counters.get("mirror_copies_lost_total", reason="refused") == 0


async def test_a_forum_whose_posts_need_a_tag_that_we_may_not_use_is_not_linked_and_moderators_learn_why(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as at:
        at.rights.forums, at.rights.barred = (EN.id, JA.id), (JA.id,)
        at.shapes.forums, at.shapes.requiring, at.shapes.refuses = {JA.id: STAFFS}, {JA.id}, True
        told = await at.commands("mirror-link", channels="#help-en #help-eo", languages="en eo")
        assert told.text.startswith("Posts in #help-eo need a tag")
        at.rights.barred, at.shapes.refuses = (), False
        await at.links()
        assert "need a tag" not in (await at.commands("mirror-show")).text
        at.shapes.refuses = True
        assert "Posts in #help-eo need a tag" in (await at.commands("mirror-show")).text
