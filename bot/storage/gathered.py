"""Columns of many rows as one text each: thousands of rows come in a tenth of the time that each of them would take.

The aggregates of one group all take its rows in the same order, whatever that is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, Text, cast, func, literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def numbers(column: ColumnElement[int]) -> ColumnElement[str]:
    """All of a group; `to_numbers` reads them."""
    return func.aggregate_strings(cast(column, Text), ",")


def octets(connection: Connection, column: ColumnElement[bytes]) -> ColumnElement[Any]:
    """All of a group, one after another; `to_octets` reads them. SQLite joins texts only."""
    if connection.dialect.name == "sqlite":
        return func.aggregate_strings(func.hex(column), "")
    return func.string_agg(column, literal(b"", LargeBinary), type_=LargeBinary)


def to_numbers(gathered: str) -> NDArray[np.int64]:
    import numpy as np  # noqa: PLC0415 - programs without knowledge never hold it

    return np.fromstring(gathered, dtype=np.int64, sep=",")


def to_octets(gathered: str | bytes) -> bytes:
    return bytes.fromhex(gathered) if isinstance(gathered, str) else gathered


def listed(gathered: str) -> list[int]:
    """For few: no numpy is loaded."""
    return [int(each) for each in gathered.split(",")] if gathered else []
