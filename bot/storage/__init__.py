"""The store: SQLite by default, PostgreSQL by URL. The only room that knows SQL."""
