"""One of many whole numbers, in one value: a list of as many parameters would be another statement for each length."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, Text, any_, bindparam, column, func, select

from bot.storage.places import DIALECTS

T = TypeVar("T")


def by_dialect(make: Callable[[str], T]) -> dict[str, T]:
    """A statement for each database, made once."""
    return {dialect: make(dialect) for dialect in DIALECTS}


def among(dialect: str, column: ColumnElement[int], name: str) -> ColumnElement[bool]:
    """Whether the column is one of those that `many` has made the parameter `name` of."""
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=ARRAY(BigInteger)))
    values = func.json_each(bindparam(name, type_=Text)).table_valued("value")
    return column.in_(select(values.c.value))


def given(dialect: str, name: str) -> Any:
    """The numbers themselves, to join with: a table with the column `value`."""
    if dialect == "postgresql":
        numbers = func.unnest(bindparam(name, type_=ARRAY(BigInteger)))
        return numbers.table_valued(column("value", BigInteger)).render_derived()
    return func.json_each(bindparam(name, type_=Text)).table_valued(column("value", BigInteger))


def many(connection: Connection, numbers: Collection[int]) -> Any:
    values = list(numbers)
    return values if connection.dialect.name == "postgresql" else json.dumps(values)
