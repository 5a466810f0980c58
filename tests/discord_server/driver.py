"""What people on this Discord do: they write, edit, delete, react, press and command. By the same rules as the bot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tests.discord_server import payloads
from tests.discord_server.errors import ApiError, DriverError
from tests.discord_server.files import Upload
from tests.discord_server.message import Message
from tests.discord_server.permissions import NOTHING, Permission
from tests.discord_server.posting import Draft, Posting
from tests.discord_server.things import Channel, Guild, Json, User
from tests.discord_server.world import Event, World

_BOT = re.compile(r"<@!?BOT>")


class Driver:
    """The people's side. Whatever could not happen on Discord raises DriverError."""

    def __init__(self, world: World, posting: Posting) -> None:
        self.world = world
        self.posting = posting

    @property
    def bot(self) -> User:
        return self.world.bot

    @property
    def token(self) -> str:
        """The bot's token; the only one that is accepted."""
        return self.world.token

    def add_user(self, name: str, *, bot: bool = False, nitro: bool = False, accepts_dms: bool = True) -> User:
        return self.world.add_user(name, bot=bot, nitro=nitro, accepts_dms=accepts_dms)

    def add_guild(
        self,
        name: str = "harbour",
        *,
        owner: User | None = None,
        bot_permissions: Permission = NOTHING,
        with_bot: bool = True,
    ) -> Guild:
        """A guild with the bot in it; its own role adds `bot_permissions` to what @everyone may."""
        return self.world.add_guild(name, owner, bot_permissions, with_bot=with_bot)

    def dm(self, user: User) -> Channel:
        return self.world.dm(user)

    async def say(
        self,
        channel: Channel,
        author: User,
        content: str = "",
        *,
        attachments: Sequence[Upload] = (),
        embeds: Sequence[Json] = (),
        reply_to: Message | None = None,
        ping: bool = True,
        forward: Message | None = None,
        stickers: Sequence[str] = (),
    ) -> Message:
        """Somebody writes. `<@BOT>` becomes the bot's mention; `ping` is the @ switch of a reply."""
        body: Json = {"content": _BOT.sub(self.bot.mention, content)}
        if embeds:
            body["embeds"] = list(embeds)
        target = reply_to or forward
        if target is not None:
            body["message_reference"] = {
                "type": 0 if forward is None else 1,
                "message_id": str(target.id),
                "channel_id": str(target.channel.id),
            }
        if reply_to is not None and not ping:
            body["allowed_mentions"] = {"parse": ["users", "roles", "everyone"], "replied_user": False}
        draft = Draft(body=body, files=dict(enumerate(attachments)), stickers=list(stickers))
        try:
            return self.posting.send(channel, author, draft)
        except ApiError as error:
            raise DriverError(f"{author.name} cannot write this in #{channel.name}: {error.body}") from error

    async def forward(self, message: Message, channel: Channel, author: User) -> Message:
        return await self.say(channel, author, forward=message)

    async def edit(self, message: Message, content: str) -> Message:
        """The author changes what they wrote."""
        try:
            return self.posting.edit(message, Draft(body={"content": _BOT.sub(self.bot.mention, content)}))
        except ApiError as error:
            raise DriverError(f"cannot be edited: {error.body}") from error

    async def unfurl(self, message: Message, *embeds: Json) -> None:
        """Discord adds the previews of its links, as it does a moment later: an update without an edit."""
        if message.embeds_suppressed:
            raise DriverError("its previews are suppressed")
        message.embeds = [*message.embeds, *embeds]
        self.world.message_event("MESSAGE_UPDATE", message)

    async def announce(self, type_: int, channel: Channel, user: User, content: str = "") -> Message:
        """A message of Discord's own in somebody's name, e.g. 7: they joined, 8: they boosted."""
        return self.world.announce(type_, channel, user, content)

    async def pin(self, message: Message, user: User) -> None:
        self.world.pin(message, user, pinned=True)

    async def delete(self, message: Message) -> None:
        self.world.delete_messages([message])

    async def bulk_delete(self, messages: Iterable[Message]) -> None:
        self.world.delete_messages(list(messages), bulk=True)

    async def react(self, message: Message, user: User, emoji: str) -> None:
        """Add a reaction: `👍`, or `name:id`."""
        if not self.world.sees(user, message.channel):
            raise DriverError(f"{user.name} does not see that message")
        self.world.react(message, user, emoji)

    async def unreact(self, message: Message, user: User, emoji: str) -> None:
        self.world.unreact(message, user, emoji)

    async def webhook_say(self, channel: Channel, name: str, content: str, *, embeds: Sequence[Json] = ()) -> Message:
        """Some other program writes through a webhook."""
        author = User(id=self.world.ids.next(), name=name, bot=True)
        body: Json = {"content": _BOT.sub(self.bot.mention, content), "embeds": list(embeds)}
        return self.posting.send(channel, author, Draft(body=body), webhook_id=author.id)

    async def type(self, channel: Channel, user: User) -> None:
        """Somebody is typing."""
        channel.typing.append((user.id, self.world.clock.now()))
        data = payloads.typing(self.world, channel, user)
        self.world.emit(Event(name="TYPING_START", data=data, guild_id=channel.guild_id, channel=channel))
