"""Whatever works share a commit, each comes to what it would have come to alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.errors import UserError
from tests.storage.groups import Work, note, notes, opened, together, void


def _fine(n: int) -> Work:
    return note(n)


def _refuses(n: int) -> Work:
    def work(connection: Connection) -> None:
        note(n)(connection)
        raise UserError("no")

    return work


def _twice(n: int) -> Work:
    return lambda c: (note(n)(c), note(n)(c))[0]


def _orphan(n: int) -> Work:
    return lambda c: (note(n)(c), void(c.exec_driver_sql("INSERT INTO follow VALUES (-1)")))[0]


def _broken(n: int) -> Work:
    return lambda c: (note(n)(c), void(c.exec_driver_sql("SELECT nonsense FROM nowhere")))[0]


def _loses(n: int) -> Work:
    def work(connection: Connection) -> None:
        note(n)(connection)
        connection.connection.driver_connection.execute("ROLLBACK")  # pyright: ignore[reportOptionalMemberAccess]

    return work


KINDS = (_fine, _refuses, _twice, _orphan, _broken, _loses)


@settings(max_examples=15, deadline=None)
@given(works=st.lists(st.tuples(st.sampled_from((_fine, *KINDS)), st.booleans()), min_size=1, max_size=12))
def test_together_each_comes_to_what_it_comes_to_alone(
    works: list[tuple[Callable[[int], Work], bool]],
) -> None:
    async def outcome(*, at_once: bool) -> tuple[list[type], list[int]]:
        made = [make(n) for n, (make, _) in enumerate(works)]
        alone = frozenset(n for n, (_, apart) in enumerate(works) if apart)
        with TemporaryDirectory() as folder:
            async with opened(Path(folder)) as connections:
                if at_once:
                    results = await together(connections, *made, alone=alone)
                else:
                    results = [(await together(connections, work))[0] for work in made]
            return [type(result) for result in results], notes(Path(folder))

    assert asyncio.run(outcome(at_once=True)) == asyncio.run(outcome(at_once=False))
