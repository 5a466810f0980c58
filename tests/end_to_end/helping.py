"""What people of a support channel do on Discord, and wait for."""

from __future__ import annotations

from tests.discord_server import Channel, Guild, Interaction, Message, User
from tests.discord_server.permissions import Permission
from tests.end_to_end.harness import WITHIN, Town

NOT_YET = ("I cannot find out just now", "I cannot find out at the moment")


def whole(channel: Channel, words: str) -> list[Message]:
    """What the bot shows there with these words, and does not write on."""
    shown = [each for each in channel.bot_messages if words in each.content]
    return [each for each in shown if all(button["label"] != "Stop" for button in each.buttons)]


async def stands(channel: Channel, words: str, *, times: int = 1) -> Message:
    await channel.until(lambda it: len(whole(it, words)) == times, WITHIN)
    return whole(channel, words)[-1]


async def told(place: Town, used: Interaction, words: str) -> Message:
    def seen() -> str:
        return f"they see {[each.content for each in used.seen]}"

    await place.discord.wait_for(lambda: any(words in each.content for each in used.seen), WITHIN, seen)
    return used.seen[0]


async def use(place: Town, name: str, by: User, **options: str) -> Interaction:
    """As often as need be: just after the start it is not known yet who may do what."""
    await place.discord.wait_for(lambda: place.discord.app_commands.listed(None), WITHIN)
    while True:
        used = await place.discord.use_command(name, options, user=by, channel=place.channel)
        await place.discord.wait_for(lambda: any(each.content for each in used.seen), WITHIN)  # noqa: B023 - awaited
        if not used.seen[0].content.startswith(NOT_YET):
            return used


async def set_up(place: Town, boss: User, **options: str) -> None:
    """As a moderator does it: look at it first, then save it."""
    used = await use(place, "support", boss, **options)
    preview = await told(place, used, "Shall I save this?")
    pressed = await place.discord.press(preview, preview.buttons[0]["custom_id"], boss)
    await told(place, pressed, "It is saved")


def people(guild: Guild, place: Town) -> tuple[User, User, str]:
    """A boss, a helper, and the helpers' role as one mentions it."""
    boss, cara = place.discord.add_user("boss"), place.discord.add_user("cara")
    helpers = guild.add_role("helpers")
    guild.add_member(boss, guild.add_role("bosses", Permission.MANAGE_MESSAGES))
    guild.add_member(cara, helpers)
    return boss, cara, f"<@&{helpers.id}>"


async def press(place: Town, message: Message, label: str, by: User) -> Interaction:
    """The button whose label has these words, in any language."""
    action = next(each["custom_id"] for each in message.buttons if label in each["label"])
    return await place.discord.press(message, action, by)
