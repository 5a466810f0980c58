"""The databases that the store's contract runs on."""

from tests.storage.homes import home, postgres_home, postgres_server, sqlite_home, store, template_name

__all__ = ["home", "postgres_home", "postgres_server", "sqlite_home", "store", "template_name"]
