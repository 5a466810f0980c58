"""Alembic's revisions of the tables in `bot/storage/tables.py`."""
