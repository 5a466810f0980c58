"""Where the database is: a file in the data folder, or a PostgreSQL server by URL."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import SettingsError
from bot.settings import Database as DatabaseSettings

FILE_NAME = "calanque.sqlite3"
_POSTGRES = frozenset({"postgresql", "postgres", "postgresql+asyncpg"})
# libpq's parameters that asyncpg calls otherwise, or takes care of itself.
_RENAMED = {"sslmode": "ssl", "connect_timeout": "timeout"}
_LEFT_OUT = frozenset({"channel_binding", "gssencmode", "application_name", "target_session_attrs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`url` is ready for SQLAlchemy; `path` is set for SQLite; `label` is safe to show and log."""

    url: URL
    label: str
    path: Path | None = None

    @property
    def postgres(self) -> bool:
        return self.path is None


def find(settings: DatabaseSettings, data_dir: Path) -> Address:
    """Raises SettingsError for a URL that is none of ours; the URL itself, which may hold a password, is not shown."""
    text = settings.url.get_secret_value().strip()
    if not text:
        path = (data_dir / FILE_NAME).resolve()
        return Address(url=URL.create("sqlite", database=str(path)), label=str(path), path=path)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in _POSTGRES:
        raise SettingsError(
            "DATABASE_URL is not an address this program knows (its value is not shown: it may hold a password). "
            "Use postgresql://user:password@host/name, or leave it empty for SQLite in DATA_DIR."
        )
    query = {_RENAMED.get(key, key): value for key, value in url.query.items() if key not in _LEFT_OUT}
    url = url.set(drivername="postgresql+asyncpg", query=query)
    # Only these four: a password may also stand in the query.
    label = URL.create("postgresql", username=url.username, host=url.host, port=url.port, database=url.database)
    return Address(url=url, label=label.render_as_string())
