"""Databases of its own for each test: some are stopped, spoiled or made too new."""

from __future__ import annotations

import pytest

from tests.storage.homes import Home, postgres_home, postgres_server, sqlite_home, store, template_name

__all__ = ["postgres_home", "postgres_server", "sqlite_home", "store", "template_name"]


@pytest.fixture(params=["sqlite", "postgres"])
def home(request: pytest.FixtureRequest) -> Home:
    return request.getfixturevalue(f"{request.param}_home")
