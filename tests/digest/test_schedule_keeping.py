"""What the places of a scheduled digest keep: said when it is made, and begun by a command."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.talk.policy import Keep, Policy
from tests.digest.planned import CARA, QUAY, YARD, newsroom, rights
from tests.fakes import ANA

DAILY = "every day at 20"


async def test_a_place_where_nothing_is_kept_is_named_with_how_to_change_it(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.house.store.save_policy(QUAY, Policy(keep=Keep.NEVER))
        await room.house.store.save_policy(YARD, Policy())
        told = (await room.uses("create", what="quay, yard, news", when=DAILY)).splitlines()
        assert [each.split(",")[0] for each in told[1:]] == [
            "Nothing is kept of what is said in #quay",
            "What is said in #yard is kept only from the moment somebody asks me something there; `/digest-keep` "
            "with the number of this digest begins at once.",
        ]
        told = (await room.uses("create", by=CARA, what="Harbour", when=DAILY)).splitlines()
        assert told[1].startswith("Nothing is kept of what is said in Harbour")  # the office is hidden from her


async def test_what_a_digest_tells_of_is_kept_from_now_on_where_whoever_asks_manages_it(tmp_path: Path) -> None:
    allowed = rights()
    async with newsroom(tmp_path, allowed=allowed) as room:
        store = room.house.store
        await store.save_policy(QUAY, Policy(keep=Keep.NEVER))
        await store.save_policy(YARD, Policy(retention_days=7))
        number = await room.creates("quay, yard, news", DAILY)
        allowed.moderators = ()
        assert "nothing more to keep" in await room.uses("keep", number=number)
        allowed.moderators = (ANA.key,)
        assert "keep what is said in #yard;" in await room.uses("keep", number=number)
        assert await store.policy(YARD) == Policy(keep=Keep.ALWAYS, retention_days=7)
        assert (await store.policy(QUAY)).keep is Keep.NEVER
        assert "nothing more to keep" in await room.uses("keep", number=number)


async def test_keeping_waits_for_who_is_just_deciding_what_may_be_kept(tmp_path: Path) -> None:
    policies = asyncio.Lock()
    async with newsroom(tmp_path, policies=policies) as room:
        number = await room.creates("quay", "every day at 20")
        await room.house.store.save_policy(QUAY, Policy(keep=Keep.MENTIONED))
        await policies.acquire()
        keeping = asyncio.create_task(room.uses("keep", number=number))
        assert not (await asyncio.wait([keeping], timeout=0.2))[0]
        await room.house.store.save_policy(QUAY, Policy(keep=Keep.NEVER))
        policies.release()
        assert "nothing more to keep" in await keeping
        assert (await room.house.store.policy(QUAY)).keep is Keep.NEVER
