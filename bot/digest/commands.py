"""The commands of scheduled digests: moderators make them and have them wait or end; anyone may be sent one."""

from __future__ import annotations

from bot.digest.schedule import Empty
from bot.languages.phrases import Phrases
from bot.talk.command import Argument, Command, Who
from bot.talk.digest import Length

SUBSCRIBERS = "subscribers"


def commands(phrases: Phrases) -> tuple[Command, ...]:
    """As platforms show them, in the language of `phrases`."""

    def argument(name: str, *choices: str, required: bool = False) -> Argument:
        description = phrases.say(f"argument-digest-{name}")
        return Argument(name=name, description=description, choices=choices, required=required)

    def command(name: str, *arguments: Argument, who: Who = Who.MODERATOR) -> Command:
        description = phrases.say(f"command-digest-{name}")
        return Command(name=f"digest-{name}", description=description, arguments=arguments, who=who)

    number = argument("number", required=True)
    subscription = Argument(name="number", description=phrases.say("argument-digest-subscription"), required=False)
    made = (
        argument("what", required=True),
        argument("when", required=True),
        argument("where"),
        argument("languages"),
        argument("empty", *(each.value for each in Empty)),
        argument("length", *(each.value for each in Length)),
    )
    return (
        command("create", *made),
        command("list"),
        command("show", number),
        command("pause", number),
        command("resume", number),
        command("keep", number),
        command("remove", number),
        command("subscribe", subscription, who=Who.ANYONE),
        command("unsubscribe", number, who=Who.ANYONE),
    )
