"""What an operator approved of tool servers: kept until it changes, is approved anew or is taken back."""

from __future__ import annotations

from bot.ports.servers import Approved
from bot.storage.store import SqlStore
from tests.contracts.scene import after


def approved(tool: str, digest: str = "d1", *, server: str = "harbour", seconds: int = 0) -> Approved:
    return Approved(server=server, tool=tool, digest=digest, text='{"name":"🐟"}', at=after(seconds))


async def test_what_is_approved_is_read_back_and_replaced_by_what_is_approved_later(store: SqlStore) -> None:
    await store.approve_tools([approved("tide"), approved("weather")])
    await store.approve_tools([approved("tide", "d2", seconds=5), approved("tide", server="cove")])
    assert await store.approved_tools() == (
        approved("tide", server="cove"),
        approved("tide", "d2", seconds=5),
        approved("weather"),
    )


async def test_what_is_withdrawn_stays_so_until_it_is_approved_anew(store: SqlStore) -> None:
    await store.approve_tools([approved("tide")])
    assert not await store.withdraw_tool("harbour", "tide", digest="another", at=after(1))
    assert await store.withdraw_tool("harbour", "tide", digest="d1", at=after(1))
    assert not await store.withdraw_tool("harbour", "tide", digest="d1", at=after(2))
    assert [each.withdrawn for each in await store.approved_tools()] == [after(1)]
    await store.approve_tools([approved("tide", seconds=3)])
    assert [each.withdrawn for each in await store.approved_tools()] == [None]


async def test_tools_are_forgotten_one_by_one_or_by_server(store: SqlStore) -> None:
    await store.approve_tools([approved("tide"), approved("weather"), approved("tide", server="cove")])
    assert await store.forget_tools("harbour", "tide") == 1
    assert await store.forget_tools("harbour") == 1
    assert [each.server for each in await store.approved_tools()] == ["cove"]
