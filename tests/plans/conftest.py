"""A database of its own for whoever needs nothing but that."""

from tests.storage.homes import sqlite_home

__all__ = ["sqlite_home"]
