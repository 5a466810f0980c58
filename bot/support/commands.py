"""The commands that set up support channels."""

from __future__ import annotations

from bot.languages.phrases import Phrases
from bot.talk.command import Argument, Command, Who
from bot.talk.support import Answers

YES, NO = "yes", "no"
IN_CHANNEL, IN_THREAD = "channel", "thread"
CHOICES = {"answers": (IN_CHANNEL, IN_THREAD), "when": tuple(each.value for each in Answers), "grounded": (YES, NO)}
ARGUMENTS = (
    "channel",
    "staff",
    "notes",
    "languages",
    "tone",
    "knowledge",
    "when",
    "answers",
    "grounded",
    "solved-tags",
    "person-tags",
    "staff-language",
    "limits",
    "escalate",
)


def commands(phrases: Phrases) -> tuple[Command, ...]:
    """As platforms show them, in the language of `phrases`."""

    def argument(name: str) -> Argument:
        description = phrases.say(f"argument-support-{name}")
        return Argument(name=name, description=description, choices=CHOICES.get(name, ()), required=False)

    def command(name: str, *arguments: str) -> Command:
        return Command(
            name=name,
            description=phrases.say(f"command-{name}"),
            arguments=tuple(argument(each) for each in arguments),
            who=Who.MODERATOR,
        )

    return (command("support", *ARGUMENTS), command("support-show", "channel"), command("support-off", "channel"))
