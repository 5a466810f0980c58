"""A digest that is posted in a forum is a post of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.talk.shape import Tag
from tests.digest.planned import NEWS, QUAY, newsroom, rights
from tests.fakes import ANA, BEN
from tests.mirror.scene import FakeShapes

DAILY = "every day at 20"


async def test_each_digest_and_each_language_is_a_post_under_its_moment(tmp_path: Path) -> None:
    allowed = rights()
    allowed.forums = (NEWS.id,)
    async with newsroom(tmp_path, allowed=allowed, timezone="Europe/Berlin") as room:
        await room.creates("quay", DAILY, where="#news", languages="en de")
        await room.creates("quay", DAILY)
        room.says("hello")
        await room.until(19)
        posts = [each for each in room.house.platform.standing.values() if each.conversation.place == NEWS]
        assert [each.opens for each in posts] == ["2026-11-23 20:00 · English", "2026-11-23 20:00 · Deutsch"]
        assert {each.tags for each in posts} == {None}
        assert [each.text.splitlines()[2:] for each in posts] == [["- hello"], ["- hello"]]
        (here,) = [each for each in room.house.platform.standing.values() if each.conversation.place == QUAY]
        assert here.opens == ""


async def test_whoever_tries_it_is_told_alone_without_a_post(tmp_path: Path) -> None:
    allowed = rights()
    allowed.forums = (NEWS.id,)
    async with newsroom(tmp_path, allowed=allowed) as room:
        number = (await room.creates("quay", DAILY, where="news")).strip("`")
        room.says("hello")
        room.house.clock.jump(60)
        await room.uses("show", number=number)
        await room.due()
        (tried,) = [each for each in room.house.platform.standing.values() if "hello" in each.text]
        assert (tried.conversation.only, tried.opens) == (ANA.key, "")


async def test_where_posts_need_a_tag_that_we_may_not_use_whoever_makes_it_is_told_so(tmp_path: Path) -> None:
    allowed, shapes = rights(), FakeShapes()
    allowed.forums, allowed.barred = (NEWS.id,), (NEWS.id,)
    shapes.forums, shapes.requiring = {NEWS.id: [Tag(id="1", name="Solved", moderated=True)]}, {NEWS.id}
    shapes.refuses = True
    async with newsroom(tmp_path, allowed=allowed, shapes=shapes) as room:
        told = await room.uses("create", what="quay", when=DAILY, where="news")
        assert told.startswith("Posts in #news need a tag")
        assert await room.uses("list") == "There are no scheduled digests that you can see."
        shapes.forums = {NEWS.id: [Tag(id="2", name="Bug")]}
        told = await room.uses("create", what="quay", when=DAILY, where="news")
        assert told == "I may not write in #news. Allow me that, and ask again."


async def test_a_forum_that_takes_no_posts_any_more_has_the_digest_wait(tmp_path: Path) -> None:
    allowed = rights()
    allowed.forums = (NEWS.id,)
    async with newsroom(tmp_path, allowed=allowed) as room:
        await room.creates("quay", DAILY, where="news", by=replace(BEN))
        room.says("hello")
        allowed.barred = (NEWS.id,)
        await room.until(20)
        assert room.posted(NEWS) == []
        assert "I may not write where it is posted" in await room.uses("list")
