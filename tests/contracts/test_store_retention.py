"""What is older than the rules of its place goes, and so does what nothing came to use."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.storage.store import SqlStore
from bot.talk.message import Addressed, Place, PlaceKind
from bot.talk.policy import Forgotten, Policy
from tests.contracts.secret import SECRET, file
from tests.fakes import GENERAL, START, said
from tests.storage.acts import HARBOUR, answered, line, picture
from tests.storage.homes import Home


def after(days: float) -> datetime:
    return START + timedelta(days=days)


async def test_what_is_older_than_its_places_rules_expires(store: SqlStore, home: Home) -> None:
    await store.save_policy(HARBOUR, Policy(retention_days=2))
    for place, age in ((GENERAL, 8), (GENERAL, 6), (HARBOUR, 3), (HARBOUR, 1)):
        await answered(store, said(f"{place.id} {age} days", place=place, at=after(-age)))
    assert await store.expire(now=START, default_days=7) == Forgotten(messages=2, turns=2)
    assert await store.expire(now=START, default_days=7) == Forgotten()
    left = [
        one.message.text for place in (GENERAL, HARBOUR) for one in await store.entries(place, limit=9) if one.message
    ]
    assert left == ["general 6 days", "harbour 1 days"]
    assert await home.rows("deliveries") == 2


@pytest.mark.parametrize(("own", "age", "left"), [(None, 3, False), (None, 1, True), (9, 8, True), (1, 1.5, False)])
async def test_a_thread_keeps_nothing_longer_than_its_channel_unless_it_has_days_of_its_own(
    store: SqlStore, home: Home, own: int | None, age: float, left: bool
) -> None:
    thread = Place(platform="local", id="t", kind=PlaceKind.THREAD, parent=GENERAL.id)
    await store.save_policy(GENERAL, Policy(retention_days=2))
    await store.save_policy(thread, Policy(retention_days=own))
    await answered(store, said(SECRET, place=thread, at=after(-age)))
    await store.expire(now=START, default_days=30)
    assert (SECRET in await home.everything()) is left


async def test_more_messages_than_one_transaction_takes_expire_all(store: SqlStore, home: Home) -> None:
    for n in range(210):
        await store.record(said(SECRET, message_id=f"e{n}", addressed=Addressed.NO, at=after(-9)), keep=True)
    assert await store.expire(now=START, default_days=7) == Forgotten(messages=210)
    assert SECRET not in await home.everything()


async def test_pictures_and_files_that_nothing_came_to_use_go_after_a_day(store: SqlStore, home: Home) -> None:
    await store.save_image(picture("unused"), b"1")
    await file(store, "unused")
    message = said("uses", attachments=await file(store, "used"))
    await store.save_image(picture("used"), b"2")
    await answered(store, message, lines=[line(message, picture("used"))])
    assert (await store.expire(now=after(0.9), default_days=30)).images == 0
    assert (await store.expire(now=after(1.1), default_days=30)).images == 1
    assert await store.images(["unused", "used"]) == {"used": b"2"}
    assert await store.upload("unused") is None
    assert await store.upload("used") is not None
