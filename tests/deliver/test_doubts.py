"""What is not known about a delivery is carried along: from call to call, and from one process to the next."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import PlaceGone, PlatformUnavailable, ShownUnknown
from bot.talk.delivery import Delivery, DeliveryState, Shown, ShownMessage
from bot.talk.message import Conversation
from tests.deliver.quay import NEWS, VIEW, quay
from tests.fakes import ANA, GENERAL, START, FakePlatform, said

PRIVATE = replace(NEWS, conversation=Conversation(place=GENERAL, only=ANA.key), handle="a token")


@dataclass
class Half:
    """A platform's failure with what stands there by then."""

    message: str

    def error(self, kind: type[PlatformUnavailable | PlaceGone | ShownUnknown]) -> Exception:
        failed = kind("half-way")
        failed.shown = Shown(messages=(ShownMessage(id=self.message, digest="half"),), since=START)
        return failed


class Given(FakePlatform):
    """Remembers what it was given as shown."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[Shown] = []

    async def deliver(self, delivery: Delivery, shown: Shown) -> Shown:
        self.given.append(shown)
        return await super().deliver(delivery, shown)


async def test_what_stands_there_after_a_failure_is_written_down_and_the_next_attempt_goes_on_from_it(
    tmp_path: Path,
) -> None:
    platform = Given()
    async with quay(tmp_path, platform=platform) as here:
        platform.failures = [Half("m1").error(PlatformUnavailable)]
        await here.deliver.post(NEWS)
        known = await here.store.shown_by(GENERAL, "m1")
        assert known is not None
        await here.passes(2)
        assert platform.given == [Shown(), Shown(messages=(ShownMessage(id="m1", digest="half"),), since=START)]
        assert list(platform.standing) == ["m1"]


async def test_a_draft_goes_on_from_what_stands_there_after_a_failure(tmp_path: Path) -> None:
    platform = Given()
    async with quay(tmp_path, platform=platform) as here, here.deliver.draft(VIEW, Shown()) as draft:
        platform.failures = [Half("m1").error(PlatformUnavailable)]
        for text in ("one", "two"):
            draft.show(replace(VIEW, text=text))
            await here.passes(1)
        assert list(platform.standing) == ["m1"]


@pytest.mark.parametrize("kind", [PlaceGone, ShownUnknown])
async def test_what_ends_a_delivery_leaves_written_down_what_stands_there(
    tmp_path: Path, kind: type[PlaceGone | ShownUnknown]
) -> None:
    async with quay(tmp_path) as here:
        here.platform.failures = [Half("m1").error(kind)]
        await here.deliver.post(NEWS)
        assert await here.waiting() == []
        known = await here.store.shown_by(GENERAL, "m1")
        assert known is not None
        assert known.state is (DeliveryState.FAILED if kind is PlaceGone else DeliveryState.UNKNOWN)
        await here.passes(120)
        assert here.platform.revisions == []


async def test_a_draft_that_cannot_know_what_stands_there_shows_nothing_more(tmp_path: Path) -> None:
    async with quay(tmp_path) as here, here.deliver.draft(VIEW, Shown()) as draft:
        here.platform.failures = [ShownUnknown("nobody knows")]
        for text in ("one", "two", "three"):
            draft.show(replace(VIEW, text=text))
            await here.passes(1)
        assert here.platform.revisions == []


async def test_as_long_as_the_platform_asks_for_nothing_is_tried_again(tmp_path: Path) -> None:
    async with quay(tmp_path) as here:
        limited = PlatformUnavailable("slow down")
        limited.retry_after = 300.0
        here.platform.failures = [limited]
        await here.deliver.post(NEWS)
        await here.passes(299)
        assert here.texts() == []
        assert here.deliver.asked_to_wait == 1
        await here.passes(2)
        assert here.texts() == [NEWS.text]
        assert here.deliver.asked_to_wait == 0


async def test_whatever_an_earlier_process_left_may_stand_there_already(tmp_path: Path) -> None:
    platform = FakePlatform()
    question = said("what is a swordfish?")
    async with quay(tmp_path, platform=platform) as here:
        # Sent, and nothing of it written down but that it was to be.
        await here.store.save_delivery(NEWS, DeliveryState.READY, at=here.clock.now())
        await here.store.save_shown(NEWS.id, Shown(since=here.clock.now()))
        await platform.deliver(replace(NEWS, text="Low"), Shown())
        await here.store.record(question, keep=True)
        opened = await here.store.open_turn(question, at=here.clock.now())
        assert opened is not None
        view = replace(VIEW, id=opened.delivery_id)
        await here.store.save_shown(view.id, Shown(since=here.clock.now()))
        await platform.deliver(view, Shown())
    async with quay(tmp_path, platform=platform) as here:
        again = await here.store.open_turn(question, at=here.clock.now())
        assert again is not None
        async with here.deliver.draft(view, again.shown) as draft:
            draft.show(replace(view, text="A fish"))
            await here.passes(1)
        assert sorted(here.texts()) == ["A fish", NEWS.text]


@pytest.mark.parametrize("wanted", [NEWS, PRIVATE], ids=["in a channel", "to a press"])
async def test_a_delivery_is_in_doubt_from_its_first_attempt_on_and_not_before(
    tmp_path: Path, wanted: Delivery
) -> None:
    platform = Given()
    async with quay(tmp_path, platform=platform) as here:
        await here.store.save_delivery(replace(wanted, id="never tried"), DeliveryState.READY, at=START)
        gate = platform.hold = asyncio.Event()
        posting = asyncio.create_task(here.deliver.post(wanted))
        await here.passes(0)
        doubts = {each.delivery.id: each.shown.since for each in await here.store.undelivered()}
        assert doubts == {"never tried": None, "news": here.clock.now()}
        assert platform.given == [Shown()]  # whoever makes the first attempt knows that it is the first
        posting.cancel()
        gate.set()
    platform.hold = None
    platform.given.clear()
    async with quay(tmp_path, platform=platform) as here:
        for _ in range(9):
            await here.passes(1)
        assert sorted(each.since is None for each in platform.given) == [False, True]


async def test_a_growing_answer_is_in_doubt_while_its_first_view_is_sent(tmp_path: Path) -> None:
    question = said("what is a swordfish?")
    async with quay(tmp_path) as here:
        await here.store.record(question, keep=True)
        opened = await here.store.open_turn(question, at=START)
        assert opened is not None

        async def known() -> Shown:
            again = await here.store.open_turn(question, at=START)
            assert again is not None
            return again.shown

        view = replace(VIEW, id=opened.delivery_id, text="A fish")
        gate = here.platform.hold = asyncio.Event()
        showing = asyncio.create_task(here.deliver.show(view, opened.shown))
        await here.passes(1)
        assert await known() == Shown(since=here.clock.now() - timedelta(seconds=1))
        gate.set()
        shown = await showing
        assert await known() == replace(shown, since=START)


@pytest.mark.parametrize("wanted", [NEWS, replace(VIEW, text="Low")], ids=["final", "growing"])
async def test_only_what_the_platform_says_was_not_sent_is_in_doubt_no_more(tmp_path: Path, wanted: Delivery) -> None:
    async with quay(tmp_path) as here:
        await here.store.save_delivery(wanted, DeliveryState.READY, at=START)
        away, broken = PlatformUnavailable("away"), PlatformUnavailable("perhaps it was sent")
        away.shown = Shown()
        for failure, doubtful in ((away, False), (broken, True)):
            here.platform.failures = [failure]
            if wanted.final:
                await here.deliver.finish(wanted, Shown())
            else:
                with pytest.raises(PlatformUnavailable):
                    await here.deliver.show(wanted, Shown())
            (left,) = await here.store.undelivered()
            assert (left.shown.messages, left.shown.since is not None) == ((), doubtful)


async def test_a_view_that_the_platform_does_not_show_is_never_in_doubt(tmp_path: Path) -> None:
    platform = FakePlatform()
    platform.hold = asyncio.Event()
    async with quay(tmp_path, platform=platform, silent=True) as here:
        await here.store.save_delivery(VIEW, DeliveryState.READY, at=START)
        showing = asyncio.create_task(here.deliver.show(VIEW, Shown()))
        await here.passes(1)
        assert [each.shown for each in await here.store.undelivered()] == [Shown()]
        platform.hold.set()
        await showing


async def test_what_is_told_in_an_answers_place_takes_nothing_away(tmp_path: Path) -> None:
    async with quay(tmp_path) as here:
        shown = await here.platform.deliver(replace(VIEW, text="Half an ans"), Shown())
        await here.deliver.tell(replace(VIEW, text="Later.", final=True), shown)
        await here.deliver.tell(replace(NEWS, id="apology", text="Sorry."), Shown())
        assert [(each.text, each.final) for each in here.platform.standing.values()] == [
            ("Later.", False),
            ("Sorry.", True),
        ]
