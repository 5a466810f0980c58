"""What becomes of a copy that is refused though it looked as if we could write there."""

from __future__ import annotations

from pathlib import Path

from bot.errors import PlaceGone
from bot.talk.delivery import Delivery, Shown
from bot.talk.message import Place
from tests.fakes import BEN, FakePlatform
from tests.mirror.scene import EN, JA, scene
from tests.mirror.test_threads import began, inside, thread

HOUR = 3600.0


def barred() -> PlaceGone:
    error = PlaceGone("a right is missing")
    error.barred = True
    return error


class Strict(FakePlatform):
    """Whatever is sent into `shut` is refused, and counted."""

    def __init__(self) -> None:
        super().__init__()
        self.shut: Place | None = None
        self.refused = 0

    async def _deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        if self.shut is not None and delivery.conversation.place.key == self.shut.key:
            self.refused += 1
            raise barred()
        return await super()._deliver(delivery, shown)


async def test_what_is_refused_because_a_right_went_waits_for_it_and_stands_there_once_in_order(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        at.platform.failures.append(barred())
        await at.says("one")
        at.rights.barred = (JA.id,)
        await at.says("two")
        await at.rig.passes(HOUR)
        assert at.texts(JA) == []
        at.rights.barred = ()
        await at.rig.passes(60)
        assert at.texts(JA) == ["**Ana**\neo:one", "**Ana**\neo:two"]
        assert at.rig.counters.get("mirror_copies_lost_total", reason="refused") == 0


async def test_while_nobody_tells_us_that_the_right_went_we_ask_seldom_and_after_a_day_the_link_ends(
    tmp_path: Path,
) -> None:
    platform = Strict()
    async with scene(tmp_path, platform=platform) as at:
        await at.links()
        platform.shut = JA
        await at.says("one")
        for _ in range(60):
            await at.rig.passes(HOUR / 2)
        assert 24 < platform.refused < 200
        assert any("cannot write in one of the linked channels" in each for each in at.told(EN))
        await at.says("two")
        assert at.texts(JA) == []


async def test_what_is_refused_for_its_content_is_given_up_and_the_next_goes_on(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        at.platform.failures.append(PlaceGone("Discord does not take it"))
        await at.says("one")
        await at.says("two")
        assert at.texts(JA) == ["**Ana**\neo:two"]
        assert at.rig.counters.get("mirror_copies_lost_total", reason="refused") == 1


async def test_a_locked_thread_that_takes_nothing_holds_up_neither_its_channel_nor_the_link(tmp_path: Path) -> None:
    platform = Strict()
    async with scene(tmp_path, platform=platform) as at:
        await at.links()
        _, here, there = await began(at)
        await at.says("Where?", here)
        platform.shut = thread(JA, there)
        at.rights.barred = (there,)
        await at.says("Below", here)
        await at.says("Something else")
        await at.rig.passes(60)
        assert at.texts(JA)[-1] == "**Ana**\neo:Something else"
        assert at.rig.counters.get("mirror_copies_lost_total", reason="refused") == 1
        assert platform.refused == 1


async def test_a_thread_that_may_not_be_begun_is_not_waited_for(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        _, here, _ = await began(at)
        at.platform.failures.append(barred())
        await at.says("Where?", here, by=BEN)
        at.platform.failures.append(barred())
        await at.says("Below", here)
        await at.says("Something else")
        await at.rig.passes(120)
        assert "**Ana**\neo:Something else" in at.texts(JA)


async def test_an_edit_and_a_deletion_that_are_refused_happen_when_the_right_is_back(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        first, second = await at.says("on"), await at.says("oops")
        at.platform.failures.append(barred())
        await at.edits(first, "one")
        await at.rig.passes(30)
        assert at.texts(JA)[0] == "**Ana**\neo:one"
        at.platform.failures += [barred(), barred()]
        await at.deletes(second.id)
        await at.rig.passes(120)
        assert at.texts(JA) == ["**Ana**\neo:one"]


async def test_what_is_deleted_while_it_waits_for_the_right_is_never_shown(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.links()
        at.platform.failures.append(barred())
        message = await at.says("oops")
        await at.deletes(message.id)
        await at.rig.passes(120)
        await at.says("one")
        assert at.texts(JA) == ["**Ana**\neo:one"]
        assert not any("oops" in each.text for each in at.platform.revisions)
        assert inside(at, JA, message.id) == []
