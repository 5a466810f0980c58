"""The weekly message: numbers of what everyone in the notes can read, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.languages.phrases import Phrases
from bot.oversight.weekly import AWAY_FOR, Weekly, week_plan
from bot.settings import Database
from bot.talk.delivery import Delivery
from bot.talk.oversight import Counted
from bot.talk.plan import NotYet, Run
from tests.fakes import ANA, BEN, GENERAL, FakeClock
from tests.oversight.scene import ATTIC, CLEO, MOD, NOTES, Channels
from tests.rights import FakeRights
from tests.stores import open_store

WEEK = datetime(2026, 11, 23, tzinfo=UTC)
MONDAY = WEEK + timedelta(days=7, hours=8)


def rights() -> FakeRights:
    everybody = [each.key for each in (ANA, BEN, CLEO, MOD)]
    return FakeRights(readers={GENERAL.key: everybody, ATTIC.key: [MOD.key], NOTES.key: [MOD.key, CLEO.key]})


async def told(
    folder: Path, known: FakeRights, *, present: bool = True, late: timedelta = timedelta()
) -> list[Delivery]:
    """What the run of the Monday after the week leaves."""
    async with open_store(Database(), folder, clock=FakeClock()) as store:
        for what in (Counted.ANSWERED, Counted.ANSWERED, Counted.SOLVED):
            await store.count_support(GENERAL, what, language="eo", at=WEEK)
        await store.count_support(GENERAL, Counted.ANSWERED, language="en", at=WEEK + timedelta(days=6, hours=23))
        await store.count_support(GENERAL, Counted.ANSWERED, language="no", at=WEEK - timedelta(minutes=1))
        await store.count_support(GENERAL, Counted.ANSWERED, language="no", at=MONDAY)
        await store.count_support(ATTIC, Counted.ANSWERED, language="de", at=WEEK)
        plan = week_plan("UTC", now=WEEK + timedelta(days=1))
        assert plan.due == MONDAY
        weekly = Weekly(store, Channels(), rights={"local": known}, present=lambda _: present, phrases=Phrases())
        run = Run(plan=plan, at=MONDAY, claimed_at=MONDAY + late, attempt=1, token="t")
        first = list(await weekly.run(run))
        assert list(await weekly.run(run)) == first
        return first


async def test_the_week_is_told_in_numbers_of_what_all_readers_of_the_notes_can_read(tmp_path: Path) -> None:
    (message,) = await told(tmp_path, rights())
    assert message.conversation.place == NOTES
    assert message.text.splitlines() == [
        "**Support from 2026-11-23 to 2026-11-29**",
        "answered: 3 · handed over: 0 · solved: 1 · 👍 0 · 👎 0",
        "- Esperanto: answered: 2 · handed over: 0 · solved: 1 · 👍 0 · 👎 0",
        "- English: answered: 1 · handed over: 0 · solved: 0 · 👍 0 · 👎 0",
    ]


async def test_a_platform_that_is_away_is_waited_for_and_left_out_after_a_day(tmp_path: Path) -> None:
    with pytest.raises(NotYet):
        await told(tmp_path / "one", rights(), present=False)
    assert await told(tmp_path / "two", rights(), present=False, late=AWAY_FOR) == []
    known = rights()
    known.away = True
    with pytest.raises(NotYet):
        await told(tmp_path / "three", known)


async def test_nothing_is_told_where_the_notes_are_gone(tmp_path: Path) -> None:
    known = rights()
    known.gone = [NOTES.id]
    assert await told(tmp_path, known) == []
