"""A house with an empty folder and an empty list of pages, over a real store."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.settings import Database
from bot.storage.store import SqlStore
from tests.fakes import FakeClock
from tests.knowledge.house import CountingDocuments, House
from tests.stores import open_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SqlStore]:
    async with open_store(Database(), tmp_path / "data", clock=FakeClock()) as opened:
        yield opened


@pytest.fixture
def documents() -> CountingDocuments:
    return CountingDocuments()


@pytest.fixture
def house(tmp_path: Path, store: SqlStore, documents: CountingDocuments) -> House:
    return House(tmp_path, store, documents, FakeClock())
