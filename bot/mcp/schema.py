"""The schema of a foreign tool: whether it can be used at all, and whether arguments fit it, at a bounded cost.

A schema is somebody else's program. So references lead nowhere but into itself, keywords whose cost is not bounded by
what they are given (patterns, and what has to look at the whole schema again) are left to the server, which checks
its arguments anyhow, and the rest is counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from bot.errors import BadCall

MOST_BYTES = 16 * 1024  # of a schema as JSON
MOST_LEVELS = 16  # of objects and lists in each other
MOST_CHECKS = 4_000  # keywords that are looked at for one call's arguments
MOST_REASONS, REASON_CHARS = 5, 300  # of what the model is told

_LEFT_TO_THE_SERVER = frozenset(
    ("pattern", "patternProperties", "propertyNames", "format", "unevaluatedItems", "unevaluatedProperties")
)
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_BASES = ("$id", "id", "$anchor", "$dynamicAnchor", "$vocabulary", "$schema")
_NAMED = frozenset(("properties", "$defs", "definitions", "dependentSchemas", "dependentRequired"))
_DATA = frozenset(("default", "examples", "enum", "const"))

Keyword = Callable[[Any, Any, Any, Any], Generator[ValidationError]]


class BadSchema(Exception):
    """It cannot be used; the message says why, to the operator."""


class Fitting:
    """Checks arguments against one schema. Raises BadSchema."""

    def __init__(self, schema: Mapping[str, object]) -> None:
        checked = _bounded(schema)
        self._left = 0
        counted = {
            name: self._counted(cast("Keyword", keyword))
            for name, keyword in Draft202012Validator.VALIDATORS.items()
            if name not in _LEFT_TO_THE_SERVER
        }
        counted["uniqueItems"] = self._counted(_unique)
        kind = extend(Draft202012Validator, counted)
        try:
            kind.check_schema(checked)
        except Exception as error:  # whatever a schema makes of the library that reads it
            raise BadSchema(f"it is no JSON schema ({type(error).__name__})") from None
        self._validator = kind(checked, registry=Registry())

    def check(self, arguments: object) -> dict[str, Any]:
        """The arguments. Raises BadCall with what is wrong, for the model."""
        if not isinstance(arguments, dict):
            raise BadCall("wrong arguments: they must be an object")
        self._left = MOST_CHECKS
        reasons: list[str] = []
        try:
            for error in self._validator.iter_errors(arguments):
                where = ".".join(str(step)[:64] for step in list(error.absolute_path)[:MOST_LEVELS]) or "arguments"
                reasons.append(_printable(f"{where}: {_said(error)}")[:REASON_CHARS])
                if len(reasons) == MOST_REASONS:
                    break
        except (_TooMuch, RecursionError, Unresolvable):
            raise BadCall("these arguments cannot be checked: the tool's schema is too entangled") from None
        if reasons:
            raise BadCall(f"wrong arguments: {'; '.join(reasons)}")
        return cast("dict[str, Any]", arguments)

    def _counted(self, keyword: Keyword) -> Keyword:
        def check(validator: Any, value: Any, instance: Any, schema: Any) -> Generator[ValidationError]:
            self._left -= 1
            if self._left < 0:
                raise _TooMuch
            yield from keyword(validator, value, instance, schema) or ()

        return check


class _TooMuch(Exception):
    pass


def secret_names(schema: Mapping[str, object]) -> frozenset[str]:
    """Arguments that the schema says are to be shown to nobody: passwords, and what can only be written."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return frozenset()
    elsewhere = {key: each for key, each in schema.items() if key != "properties"}
    referred = _holds_secret(elsewhere, referred=False, level=0)
    named = cast("Mapping[str, object]", properties)
    return frozenset(name for name, each in named.items() if _holds_secret(each, referred=referred, level=0))


def _holds_secret(schema: object, *, referred: bool, level: int) -> bool:
    """Itself, or anything in it. `referred`: whether what it refers to may; what is too deep may."""
    if level > MOST_LEVELS:
        return True
    if isinstance(schema, list):
        some = cast("list[object]", schema)
        return any(_holds_secret(each, referred=referred, level=level + 1) for each in some)
    if not isinstance(schema, Mapping):
        return False
    said = cast("Mapping[str, object]", schema)
    if said.get("writeOnly") is True or said.get("format") == "password":
        return True
    if referred and any(reference in said for reference in _REFERENCES):
        return True
    return any(_holds_secret(each, referred=referred, level=level + 1) for each in said.values())


def _bounded(schema: Mapping[str, object]) -> dict[str, Any]:
    """A copy without what is left to the server. Raises BadSchema."""
    try:
        if len(json.dumps(schema, ensure_ascii=False)) > MOST_BYTES:
            raise BadSchema(f"its schema is longer than {MOST_BYTES} characters")
    except (ValueError, RecursionError, TypeError):
        raise BadSchema("its schema is not JSON") from None
    if schema.get("type", "object") != "object":
        raise BadSchema('its schema is not of type "object"')
    return cast("dict[str, Any]", _copied(schema, level=0))


def _copied(schema: object, *, level: int) -> object:
    if level > MOST_LEVELS:
        raise BadSchema(f"its schema is nested deeper than {MOST_LEVELS} levels")
    if isinstance(schema, list):
        return [_copied(each, level=level + 1) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    copied: dict[str, object] = {}
    for key, value in cast("Mapping[str, object]", schema).items():
        if key in _REFERENCES and not (isinstance(value, str) and value.startswith("#")):
            raise BadSchema("its schema refers to another one elsewhere")
        if key in _BASES or key in _LEFT_TO_THE_SERVER:
            continue
        if key in {"additionalProperties"} and "patternProperties" in schema:
            continue  # without the patterns it would refuse what they allow
        if key in _NAMED and isinstance(value, Mapping):
            named = cast("Mapping[str, object]", value)
            copied[key] = {name: _copied(each, level=level + 2) for name, each in named.items()}
        else:
            copied[key] = _plain(value, level=level + 1) if key in _DATA else _copied(value, level=level + 1)
    return copied


def _plain(value: object, *, level: int) -> object:
    """Data, of which only the depth matters."""
    if level > MOST_LEVELS:
        raise BadSchema(f"its schema is nested deeper than {MOST_LEVELS} levels")
    if isinstance(value, list):
        return [_plain(each, level=level + 1) for each in value]
    if isinstance(value, Mapping):
        return {key: _plain(each, level=level + 1) for key, each in cast("Mapping[str, object]", value).items()}
    return value


def _unique(_validator: Any, unique: Any, instance: Any, _schema: Any) -> Generator[ValidationError]:
    """In one pass: the library compares each item with each other where they cannot be sorted."""
    if unique is True and isinstance(instance, list):
        items = cast("list[object]", instance)
        if len({json.dumps(item, sort_keys=True) for item in items}) < len(items):
            yield ValidationError("has items that are alike")


def _said(error: ValidationError) -> str:
    """Without the value, which the model knows and which may be long."""
    match error.validator:
        case "required" | "type" | "enum" | "const" | "additionalProperties":
            return str(error.message)
        case _:
            return f"does not fit {error.validator} {json.dumps(error.validator_value)[:100]}"


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "\ufffd" for each in text)
