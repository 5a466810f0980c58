"""Commands in the languages of Discord's clients: their names stay, so that what is written about them holds; what
describes them, their choices and what stands in menus is translated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from bot.languages.locales import DISCORD, ENGLISH
from bot.languages.phrases import Phrases
from bot.languages.words import path_of, words
from bot.talk.command import Argument, Command

InLocale = Callable[[str], Sequence[Command]]
"""The commands with their words in one of our locales."""

LOCALES: Mapping[str, str] = {"en-US": ENGLISH, "en-GB": ENGLISH, **{locale: locale for locale in DISCORD}}
"""Discord's locales → ours."""

DESCRIPTION, MENU, CHOICE = 100, 32, 100
"""Characters at most (Discord's API reference, "Application Commands")."""


class Localised:
    """One command, or one of its arguments, in all of Discord's locales."""

    def __init__(self, by_locale: Mapping[str, Command], choices: Mapping[str, Mapping[str, str]]) -> None:
        """`choices`: by locale, the name of each value."""
        self._by_locale = by_locale
        self._choices = choices

    def description(self, command: Command) -> dict[str, str]:
        return _others(command.description, {to: each.description for to, each in self._by_locale.items()}, DESCRIPTION)

    def menu(self, command: Command) -> dict[str, str]:
        return _others(command.menu, {to: each.menu for to, each in self._by_locale.items()}, MENU)

    def argument(self, argument: Argument) -> dict[str, str]:
        said = {
            to: other.description
            for to, each in self._by_locale.items()
            for other in each.arguments
            if other.name == argument.name
        }
        return _others(argument.description, said, DESCRIPTION)

    def choice(self, shown: str, value: str) -> dict[str, str]:
        return _others(shown, {to: names.get(value, value) for to, names in self._choices.items()}, CHOICE)


def _others(here: str, said: Mapping[str, str], most: int) -> dict[str, str]:
    """What is said otherwise elsewhere. What Discord would not take is left out: people read it in the language that
    the commands are in."""
    return {to: text for to, text in said.items() if text != here and 0 < len(text) <= most}


def localised(in_locale: InLocale) -> Mapping[str, Localised]:
    """By the commands' names. Reads every catalog, which takes a tenth of a second."""
    by_name: dict[str, dict[str, Command]] = {}
    choices: dict[str, dict[str, str]] = {}
    for to, locale in LOCALES.items():  # each locale at once: not all of them are kept
        commands, phrases = in_locale(locale), Phrases(locale)
        values = {value for command in commands for argument in command.arguments for value in argument.choices}
        choices[to] = {value: phrases.choice(value) for value in values}
        for command in commands:
            by_name.setdefault(command.name, {})[to] = command
    return {name: Localised(by_locale, choices) for name, by_locale in by_name.items()}


def forget() -> None:
    """The catalogs that were read for this alone."""
    words.cache_clear()


def fingerprint(path: Callable[[str], Path] = path_of) -> str:
    """Changes when a catalog does. Reads the disk."""
    read = sha256()
    for locale in DISCORD:
        read.update(path(locale).read_bytes() if path(locale).exists() else b"")
    return read.hexdigest()
