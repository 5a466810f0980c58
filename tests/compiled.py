"""Statements are compiled once for all databases of a test process, and not for each anew: that was half of the work of
most tests that have a store. The program compiles each once anyway, as it has one database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event, util
from sqlalchemy.engine.default import DefaultDialect

STATEMENTS = 5000
"""Compiled ones that are kept, at most."""


def compile_once() -> None:
    """From now on engines share the dialect, and with it what was compiled, of the first of their kind that works."""
    first: dict[type[Any], tuple[Any, Any]] = {}

    def made(engine: Engine) -> None:
        kind = type(engine.dialect)
        if kind in first:
            engine.dialect, engine._compiled_cache = first[kind]  # pyright: ignore[reportPrivateUsage]
            return
        statements: Any = util.LRUCache(STATEMENTS)
        engine._compiled_cache = statements  # pyright: ignore[reportPrivateUsage]

        def connected(*_: object) -> None:
            first.setdefault(kind, (engine.dialect, statements))

        event.listen(engine, "connect", connected)

    def engine_created(_: type[DefaultDialect], engine: Engine) -> None:
        made(engine)

    DefaultDialect.engine_created = classmethod(engine_created)  # pyright: ignore[reportAttributeAccessIssue]
