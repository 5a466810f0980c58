"""Makes the words of the domain out of what discord.py hands over: who, where, what was said, and whether to us."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import discord

from bot.platforms.discord.text import Names, Ours, readable
from bot.talk.message import Addressed, Attachment, Message, Person, Place, PlaceKind, Quote, QuoteKind

NAME = "discord"

_SPOKEN = frozenset(
    {
        discord.MessageType.default,
        discord.MessageType.reply,
        discord.MessageType.thread_starter_message,
        discord.MessageType.chat_input_command,
        discord.MessageType.context_menu_command,
    }
)


def public_thread(channel: Place, id_: str, name: str) -> Place:
    """One of a channel, that whoever reads the channel may read."""
    return Place(
        platform=NAME, id=id_, kind=PlaceKind.THREAD, name=name, guild=channel.guild, parent=channel.id, open=True
    )


def place_of(channel: object, *, guild: int | None = None, channel_id: int | None = None) -> Place:
    """Where something happened. `channel` may be unknown to us: then the ids alone make the place."""
    if isinstance(channel, discord.Thread):
        return Place(
            platform=NAME,
            id=str(channel.id),
            kind=PlaceKind.THREAD,
            name=channel.name,
            guild=str(channel.guild.id),
            parent=str(channel.parent_id),
            open=channel.parent is not None and not channel.is_private(),
        )
    if isinstance(channel, discord.DMChannel):
        name = channel.recipient.display_name if channel.recipient else ""
        return Place(platform=NAME, id=str(channel.id), kind=PlaceKind.DIRECT, name=name)
    if isinstance(channel, discord.abc.GuildChannel):
        return Place(platform=NAME, id=str(channel.id), name=channel.name, guild=str(channel.guild.id))
    if isinstance(channel, discord.PartialMessageable):
        guild, channel_id = channel.guild_id, channel.id
    kind = PlaceKind.DIRECT if guild is None else PlaceKind.CHANNEL
    return Place(platform=NAME, id=str(channel_id), kind=kind, guild=None if guild is None else str(guild))


def person_of(user: discord.abc.User, *, webhook: bool = False, locale: str | None = None) -> Person:
    return Person(platform=NAME, id=str(user.id), name=user.display_name, bot=user.bot or webhook, locale=locale)


def spoken(message: discord.Message) -> bool:
    """Whether somebody says something, unlike Discord's own notices (somebody joined, a pin, a boost …)."""
    return message.type in _SPOKEN


def ours_in(guild: discord.Guild | None, me: int) -> Ours:
    role = guild.self_role if guild else None
    return Ours(user=me, role=role.id if role else None)


def addressed(message: discord.Message, ours: Ours) -> Addressed:
    """Why a message is for us. Mentions count only where Discord saw one (not in code, not @everyone)."""
    by_machine = message.author.bot or message.webhook_id is not None or message.author.id == ours.user
    if by_machine or message.type is discord.MessageType.thread_starter_message:
        return Addressed.NO
    if message.guild is None and isinstance(message.channel, discord.DMChannel):
        return Addressed.DIRECT
    pinged = any(user.id == ours.user for user in message.mentions)
    by_role = any(role.id == ours.role for role in message.role_mentions)
    reply = message.type is discord.MessageType.reply
    if by_role or (pinged and (not reply or ours.mentioned_in(message.content))):
        return Addressed.MENTION
    target = _referenced(message)
    if reply and (pinged or (target is not None and target.author.id == ours.user)):
        return Addressed.REPLY
    own_thread = isinstance(message.channel, discord.Thread) and message.channel.owner_id == ours.user
    return Addressed.FOLLOW_UP if own_thread else Addressed.NO


def lacks_reference(message: discord.Message) -> bool:
    """Whether it is a reply to a message that Discord did not send along."""
    reference = message.reference
    return (
        message.type is discord.MessageType.reply
        and reference is not None
        and reference.resolved is None
        and reference.message_id is not None
    )


def read(message: discord.Message, me: int, *, referenced: discord.Message | None = None) -> Message | None:
    """The message as people see it; None if there is nothing in it that we may see (no intent) and it is not for us.

    `referenced` is the message it replies to, where that had to be fetched.
    """
    ours = ours_in(message.guild, me)
    names = names_in(message.guild, message.mentions)
    target = referenced or _referenced(message)
    why = addressed(message, ours)
    if why is Addressed.NO and target is not None and target.author.id == me and not message.author.bot:
        why = Addressed.REPLY if message.type is discord.MessageType.reply else why
    text = _with_extras(readable(message.content, names, ours), message.stickers, message.poll)
    own_quotes = (*_forwarded(message, names), *_embeds(message.embeds))
    attachments = _attachments(message, message.attachments)
    if not (text or attachments or own_quotes) and why not in (Addressed.MENTION, Addressed.DIRECT):
        return None
    reference = message.reference
    replies = message.type is discord.MessageType.reply and reference is not None and reference.message_id is not None
    place = place_of(message.channel, guild=message.guild.id if message.guild else None)
    if place.kind is PlaceKind.DIRECT and not place.name:
        place = replace(place, name=message.author.display_name)
    return Message(
        id=str(message.id),
        place=place,
        author=person_of(message.author, webhook=message.webhook_id is not None),
        text=text,
        sent_at=message.created_at,
        addressed=why,
        reply_to=str(reference.message_id) if replies and reference else None,
        attachments=attachments,
        quotes=(*_replied(target, message.guild), *own_quotes),
        edited_at=message.edited_at,
        named=frozenset(person_of(user).key for user in message.mentions if user.id != me),
    )


def names_in(guild: discord.Guild | None, mentioned: Iterable[discord.abc.User] = ()) -> Names:
    known = {user.id: user.display_name for user in mentioned}

    def user(user_id: int) -> str | None:
        if user_id in known or guild is None:
            return known.get(user_id)
        member = guild.get_member(user_id)
        return member.display_name if member else None

    def role(role_id: int) -> str | None:
        found = guild.get_role(role_id) if guild else None
        return found.name.removeprefix("@") if found else None

    def channel(channel_id: int) -> str | None:
        found = guild.get_channel_or_thread(channel_id) if guild else None
        return found.name if found else None

    return Names(user=user, role=role, channel=channel)


def _referenced(message: discord.Message) -> discord.Message | None:
    resolved = message.reference.resolved if message.reference else None
    return resolved if isinstance(resolved, discord.Message) else None


def _replied(target: discord.Message | None, guild: discord.Guild | None) -> tuple[Quote, ...]:
    if target is None:
        return ()
    text = readable(target.content, names_in(guild, target.mentions))
    if not text:
        text = "\n".join(quote.text for quote in _embeds(target.embeds))
    attachments = _attachments(target, target.attachments)
    if not (text or attachments):
        return ()
    return (
        Quote(
            kind=QuoteKind.REPLIED,
            author=target.author.display_name,
            text=text,
            attachments=attachments,
            author_key=person_of(target.author).key,
            message=str(target.id),
        ),
    )


def _forwarded(message: discord.Message, names: Names) -> tuple[Quote, ...]:
    quotes: list[Quote] = []
    for snapshot in message.message_snapshots:
        texts = [readable(snapshot.content, names), *(quote.text for quote in _embeds(snapshot.embeds))]
        quotes.append(
            Quote(
                kind=QuoteKind.FORWARDED,
                text=_with_extras("\n".join(filter(None, texts)), snapshot.stickers, None),
                attachments=_attachments(message, snapshot.attachments),
            )
        )
    return tuple(quotes)


def _embeds(embeds: Iterable[discord.Embed]) -> tuple[Quote, ...]:
    quotes: list[Quote] = []
    for embed in embeds:
        fields = (f"{field.name}: {field.value}" for field in embed.fields)
        text = "\n".join(filter(None, (embed.title, embed.description, *fields, embed.footer.text)))
        if text:
            author = embed.author.name or embed.provider.name or ""
            quotes.append(Quote(kind=QuoteKind.EMBED, author=author, text=text))
    return tuple(quotes)


def _attachments(carrier: discord.Message, attachments: Iterable[discord.Attachment]) -> tuple[Attachment, ...]:
    """`carrier` is the message under which Discord gives a fresh address later, for forwarded files, too."""
    return tuple(
        Attachment(
            id=str(attachment.id),
            name=attachment.filename,
            media_type=(attachment.content_type or "").partition(";")[0].strip(),
            size=attachment.size,
            source=f"{carrier.channel.id}/{carrier.id}/{attachment.id}",
        )
        for attachment in attachments
    )


def _with_extras(text: str, stickers: Iterable[discord.StickerItem], poll: discord.Poll | None) -> str:
    lines = [text, *(f":{sticker.name}:" for sticker in stickers)]
    if poll:
        lines += [poll.question or "", *(f"- {answer.text}" for answer in poll.answers)]
    return "\n".join(filter(None, lines))
