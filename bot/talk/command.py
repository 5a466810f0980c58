"""Commands as values: the verbs declare them, platforms render them (slash commands, menus, a palette)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    ANYONE = "anyone"
    MODERATOR = "moderator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """`choices` empty: free text. Names are lower case, as Discord wants them. `role`: the id of one of the server's
    roles, which a platform that has roles lets people choose."""

    name: str
    description: str
    choices: tuple[str, ...] = ()
    required: bool = True
    role: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`name` is lower case with hyphens; `description` is at most 100 characters; the answer is always private.

    `menu`: the words, at most 32 characters, under which it stands in the menu of each message; people choose it there
    and do not write it. Its one argument is `MESSAGE`, the id of the chosen message (`in_menu`). `form`: what choosing
    it opens, by name (`Form`); sending that is a press of the action `form:message`, and no command is told.
    """

    name: str
    description: str
    arguments: tuple[Argument, ...] = ()
    who: Who = Who.ANYONE
    menu: str = ""
    form: str = ""


MESSAGE = "message"
"""The argument of a command that stands in the menu of messages."""
WORDS = "words"
"""Beside it where the platform tells them: the words of the message, as whoever chose it sees them."""


def in_menu(name: str, words: str, *, form: str = "") -> Command:
    argument = Argument(name=MESSAGE, description=words)
    return Command(name=name, description=words, arguments=(argument,), menu=words, form=form)
