"""Forms as values: a button or an entry in a menu may open one; platforms show it, and tell what was written there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FIELD_CHARS = 4000
"""In one field, at most; Discord takes no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`label`: at most 45 characters. `most`: characters that fit. `long`: of several lines."""

    name: str
    label: str
    most: int = FIELD_CHARS
    long: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`title`: at most 45 characters; at most five fields. It shows nothing that not everybody may know: whoever can
    see the button can open it."""

    title: str
    fields: tuple[Field, ...]


NONE: Mapping[str, Form] = {}


def kept(form: Form, given: Mapping[str, str]) -> dict[str, str]:
    """What was written into its fields, without blanks around, cut to what fits; nothing else that was sent."""
    return {field.name: given.get(field.name, "").strip()[: field.most] for field in form.fields}
