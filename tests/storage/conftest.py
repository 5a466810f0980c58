"""The databases of this folder's tests."""

from tests.storage.homes import home, postgres_home, postgres_server, sqlite_home, store, template_name

__all__ = ["home", "postgres_home", "postgres_server", "sqlite_home", "store", "template_name"]
