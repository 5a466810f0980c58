"""`python -m migrations.new 'what it does'`: write the next revision from the difference to the tables. Read it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import URL, NullPool, create_engine

from bot.storage.migrate import config, scripts_folder


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m migrations.new 'what it does'\n")
        return 64
    made = config(scripts_folder())
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    number = sum(1 for _ in ScriptDirectory.from_config(made).walk_revisions()) + 1
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(URL.create("sqlite", database=str(Path(folder) / "new.sqlite3")), poolclass=NullPool)
        with engine.connect() as connection:
            made.attributes["connection"] = connection
            if number > 1:
                command.upgrade(made, "head")
                connection.commit()
            command.revision(made, arguments[0], autogenerate=True, rev_id=f"{number:04}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
