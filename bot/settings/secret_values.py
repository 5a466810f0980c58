"""The secrets among settings, so that they can be kept out of all that is said and logged."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import BaseModel, SecretStr


def secret_values(settings: BaseModel) -> frozenset[str]:
    """Every secret in the settings, and the passwords inside one that is an address, as written and as meant."""
    found: set[str] = set()
    for secret in _secrets(settings):
        found.add(secret)
        if "://" in secret:
            address = urlsplit(secret)
            passwords = [
                address.password or "",
                *(value for name, value in parse_qsl(address.query) if name == "password"),
            ]
            found |= {form for password in passwords if password for form in (password, unquote(password))}
    return frozenset(found)


def _secrets(value: object) -> Iterator[str]:
    """Wherever they stand: in groups, lists and tables."""
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case BaseModel():
            for _, each in value:
                yield from _secrets(each)
        case dict():
            for each in value.values():
                yield from _secrets(each)
        case list() | tuple() | set() | frozenset():
            for each in value:
                yield from _secrets(each)
        case _:
            pass
