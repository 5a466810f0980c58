"""The databases of this folder's tests."""

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
