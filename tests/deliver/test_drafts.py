"""A growing answer is shown by its latest text, one call at a time, and ends cleanly."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.talk.delivery import Shown
from tests.deliver.quay import AWAY, VIEW, quay
from tests.fakes import GENERAL, FakePlatform
from tests.settling import settle


async def test_what_was_wished_while_a_call_was_under_way_is_skipped_but_for_the_latest(tmp_path: Path) -> None:
    async with quay(tmp_path) as here:
        gate = here.platform.hold = asyncio.Event()
        async with here.deliver.draft(VIEW, Shown()) as draft:
            for number in range(10):
                draft.show(replace(VIEW, text=f"{number}"))
                await here.passes(0)
                assert here.platform.in_flight == 1
            gate.set()
            await here.passes(0)
        assert [each.text for each in here.platform.revisions] == ["0", "9"]
        assert len(here.platform.standing) == 1


async def test_edits_keep_the_pace_of_the_platform(tmp_path: Path) -> None:
    async with quay(tmp_path, pace=1.0) as here, here.deliver.draft(VIEW, Shown()) as draft:
        for number in range(9):
            draft.show(replace(VIEW, text=f"{number}"))
            await here.passes(0.3)
        assert [each.text for each in here.platform.revisions] == ["0", "3", "6"]


async def test_typing_is_shown_at_once_and_again_and_a_sign_after_a_while_if_nothing_else_was(tmp_path: Path) -> None:
    async with quay(tmp_path) as here:
        async with here.deliver.draft(VIEW, Shown()):
            await settle()
            assert here.platform.typed == [GENERAL.key]
            await here.passes(1.9)
            assert here.platform.revisions == []
            await here.passes(0.2)
            assert here.platform.revisions == [VIEW]
            await here.passes(14)
            assert here.platform.typed == [GENERAL.key] * 3
        await here.passes(60)
        assert here.platform.typed == [GENERAL.key] * 3


async def test_the_sign_is_not_shown_over_text_and_does_not_wait_for_typing(tmp_path: Path) -> None:
    class Slow(FakePlatform):
        async def typing(self, place: object) -> None:
            await asyncio.Event().wait()

    async with quay(tmp_path, platform=Slow()) as here, here.deliver.draft(VIEW, Shown()):
        await here.passes(2.1)
        assert here.platform.revisions == [VIEW]
    async with quay(tmp_path) as here, here.deliver.draft(VIEW, Shown()) as draft:
        draft.show(replace(VIEW, text="Low"))
        await here.passes(30)
        assert [each.text for each in here.platform.revisions] == ["Low"]


@pytest.mark.parametrize("cancels", [0, 1, 2, 5])
async def test_after_a_draft_nothing_is_in_flight_and_it_knows_what_stands_however_often_it_is_cancelled(
    tmp_path: Path, cancels: int
) -> None:
    async with quay(tmp_path) as here:
        gate = here.platform.hold = asyncio.Event()
        known: list[Shown] = []

        async def writing() -> None:
            draft = None
            try:
                async with here.deliver.draft(VIEW, Shown()) as draft:
                    draft.show(replace(VIEW, text="Low"))
                    await here.passes(0)
                    if cancels:
                        await asyncio.Event().wait()
            finally:
                assert draft is not None
                assert here.platform.in_flight == 0
                known.append(draft.shown)

        task = asyncio.create_task(writing())
        for _ in range(1 + cancels):
            await here.passes(0)
            await here.passes(0)
            assert here.platform.in_flight == 1
            if cancels:
                task.cancel()
        await settle()
        assert not task.done()
        gate.set()
        await asyncio.wait([task])
        assert task.cancelled() is bool(cancels)
        (shown,) = known
        assert [each.id for each in shown.messages] == list(here.platform.standing)


async def test_a_view_that_fails_is_left_until_there_is_something_newer(tmp_path: Path) -> None:
    async with quay(tmp_path) as here, here.deliver.draft(VIEW, Shown()) as draft:
        here.platform.failures = [AWAY, RuntimeError("a defect")]
        for text in ("one", "two", "three"):
            draft.show(replace(VIEW, text=text))
            await here.passes(1)
        assert here.texts() == ["three"]


async def test_a_draft_goes_on_in_the_messages_of_an_earlier_process(tmp_path: Path) -> None:
    async with quay(tmp_path) as here:
        shown = await here.platform.deliver(replace(VIEW, text="Lo"), Shown())
        async with here.deliver.draft(VIEW, shown) as draft:
            draft.show(replace(VIEW, text="Low"))
            await here.passes(0)
        assert here.texts() == ["Low"]
