"""The databases that the store's contract runs on, and the vocabulary that engines are asked with."""

import pytest

from bot.inference.tekken import Tekken
from tests.storage.homes import (
    emptied_postgres_home,
    home,
    postgres_home,
    postgres_server,
    sqlite_home,
    store,
    template_name,
    used_database,
)

__all__ = [
    "emptied_postgres_home",
    "home",
    "postgres_home",
    "postgres_server",
    "sqlite_home",
    "store",
    "template_name",
    "used_database",
]


@pytest.fixture(scope="session")
def tekken() -> Tekken:
    return Tekken()
