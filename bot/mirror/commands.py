"""The commands of channels side by side, and the menu entry that translates a message for one person."""

from __future__ import annotations

from bot.languages.phrases import Phrases
from bot.talk.command import Argument, Command, Who, in_menu

LINK, SHOW, UNLINK, TRANSLATE = "mirror-link", "mirror-show", "mirror-unlink", "translate"
CHANNELS, LANGUAGES = "channels", "languages"


def commands(phrases: Phrases) -> tuple[Command, ...]:
    """As platforms show them, in the language of `phrases`."""

    def argument(name: str) -> Argument:
        return Argument(name=name, description=phrases.say(f"argument-mirror-{name}"))

    def command(name: str, *arguments: Argument) -> Command:
        description = phrases.say(f"command-{name}")
        return Command(name=name, description=description, arguments=arguments, who=Who.MODERATOR)

    return (
        command(LINK, argument(CHANNELS), argument(LANGUAGES)),
        command(SHOW),
        command(UNLINK),
        in_menu(TRANSLATE, phrases.say("menu-translate")),
    )
