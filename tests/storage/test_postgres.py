"""What can be wrong with a PostgreSQL server, and how its addresses are written."""

from __future__ import annotations

import asyncio
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection

from bot.errors import DatabaseUnusable, SettingsError
from bot.settings import Database
from bot.storage.added import save_known
from bot.storage.address import find
from bot.storage.connection import Connections, aside
from bot.storage.examine import DatabaseExam
from bot.storage.knowledge import index
from bot.storage.migrate import migrate
from bot.talk.added import AddedKind, Adding
from bot.talk.finding import Level
from bot.talk.knowledge import EVERYONE, Chunk, Known
from tests.fakes import START, said
from tests.storage.homes import Home, Server


def name_of(home: Home) -> str:
    return home.settings.url.get_secret_value().rpartition("/test_")[2].partition("?")[0]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_addresses_are_understood_as_people_copy_them(scheme: str) -> None:
    url = f"{scheme}://me:hunter2@db.example:5433/calanque?sslmode=require&channel_binding=require&password=hunter2"
    address = find(Database(url=SecretStr(url)), Path("unused"))
    assert address.url.drivername == "postgresql+asyncpg"
    assert address.url.query["ssl"] == "require"
    assert "channel_binding" not in address.url.query
    assert address.label == "postgresql://me@db.example:5433/calanque"


@pytest.mark.parametrize("url", ["mysql://u:hunter2@h/d", "postgresql://u:hunter2@h:port/d", "hunter2"])
def test_another_kind_of_address_is_refused_without_showing_it(url: str) -> None:
    settings = Database.model_construct(url=SecretStr(url), backups=0)
    with pytest.raises(SettingsError, match="DATABASE_URL") as caught:
        find(settings, Path("unused"))
    assert "hunter2" not in str(caught.value)


async def test_a_server_that_does_not_answer_is_named_without_the_password() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        settings = Database(url=SecretStr(f"postgresql://me:hunter2@127.0.0.1:{port}/calanque"))
        with pytest.raises(DatabaseUnusable, match=f"me@127.0.0.1:{port}/calanque cannot be reached") as caught:
            await migrate(settings, Path("unused"))
        assert "hunter2" not in str(caught.value)
        (finding,) = await DatabaseExam(settings, Path("unused")).examine()
    assert finding.level is Level.PROBLEM
    assert "hunter2" not in finding.found


async def test_a_database_or_user_that_does_not_exist_is_told(postgres_server: Server, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="does not exist on that server"):
        await migrate(Database(url=SecretStr(postgres_server.url("nowhere"))), tmp_path)
    with pytest.raises(DatabaseUnusable, match="refuses this user"):
        await migrate(Database(url=SecretStr(postgres_server.url("postgres", user="nobody"))), tmp_path)


async def test_a_server_that_becomes_read_only_is_told_and_works_again_afterwards(
    postgres_home: Home, postgres_server: Server
) -> None:
    name = f"test_{name_of(postgres_home)}"
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    async with postgres_home.open() as store:
        await store.save_fact("name", "before")
        await postgres_server.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on", end)
        with pytest.raises(DatabaseUnusable, match="is read-only"):
            await store.record(said("ahoy"), keep=True)
        assert await store.fact("name") == "before"
        (finding,) = await store.examine()
        assert (finding.level, "read-only" in finding.found) == (Level.PROBLEM, True)
        await postgres_server.run(f"ALTER DATABASE {name} RESET default_transaction_read_only", end)
        assert await store.record(said("ahoy"), keep=True)


async def test_connections_that_the_server_ended_are_made_again(postgres_home: Home, postgres_server: Server) -> None:
    name = f"test_{name_of(postgres_home)}"
    async with postgres_home.open() as store:
        for n in range(3):
            await store.save_fact("n", str(n))
            await postgres_server.run(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )
        assert await store.fact("n") == "2"


async def test_a_database_that_refuses_connections_raises_from_every_kind_of_method(
    postgres_home: Home, postgres_server: Server
) -> None:
    name = f"test_{name_of(postgres_home)}"
    message = said("ahoy")
    async with postgres_home.open() as store:
        await postgres_server.run(
            f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )
        for attempt in (
            store.record(message, keep=True),
            store.policy(message.place),
            store.ledger(message.conversation),
            store.undelivered(),
        ):
            with pytest.raises(DatabaseUnusable):
                await attempt
        with pytest.raises(DatabaseUnusable):
            async with store.hold("0"):
                pass
        await postgres_server.run(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
        assert await store.record(replace(message, text="again"), keep=True)


async def test_nothing_is_left_that_was_made_of_what_was_taken_back_at_that_moment(postgres_home: Home) -> None:
    page = Adding(kind=AddedKind.PAGE, at=START, url="https://a.example/")
    begun, go = threading.Event(), threading.Event()

    def slowly(connection: Connection, known: Known) -> bool:
        made = save_known(connection, known, index(known, [Chunk(text="anchors")]), [])
        begun.set()
        aside(connection, lambda: go.wait(10))
        return made

    def waiting(connection: Connection) -> int:
        return int(connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one())

    others = Connections(find(postgres_home.settings, postgres_home.data_dir))
    async with postgres_home.open() as store:
        added = await store.add_source(page)
        known = Known(key=added.key, name="", title="", readers=EVERYONE, digest="1", read_at=START)
        saving = asyncio.create_task(others.write(lambda c: slowly(c, known)))
        await asyncio.to_thread(begun.wait, 10)
        dropping = asyncio.create_task(store.drop_source(added.number))
        while not dropping.done() and not await others.read(waiting):
            pass
        go.set()
        assert await saving
        assert await dropping
        assert await store.known() == {}
    await others.close()
