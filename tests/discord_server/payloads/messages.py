"""Messages as Discord writes them, and what hangs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.discord_server.clock import stamp
from tests.discord_server.files import Attachment
from tests.discord_server.message import Message
from tests.discord_server.payloads.channels import channel
from tests.discord_server.payloads.people import user
from tests.discord_server.things import Json, User

if TYPE_CHECKING:
    from tests.discord_server.world import World


def attachment(world: World, one: Attachment) -> Json:
    result: Json = {
        "id": str(one.id),
        "filename": one.filename,
        "size": one.size,
        "url": world.cdn.url(one),
        "proxy_url": world.cdn.url(one, proxy=True),
    }
    optional: Json = {
        "content_type": one.content_type,
        "width": one.width,
        "height": one.height,
        "description": one.description,
        "ephemeral": one.ephemeral or None,
    }
    return result | {key: value for key, value in optional.items() if value is not None}


def emoji(key: str) -> Json:
    """From `name` or `name:id`."""
    name, _, identity = key.partition(":")
    return {"id": identity or None, "name": name}


def readable(one: Message) -> bool:
    """Whether the bot reads it even without the Message Content intent: its own, to it, or mentioning it.

    Source: Discord API reference, "Message Content Intent".
    """
    bot = one.channel.world.bot
    return one.author is bot or one.guild is None or bot in one.mentions.users


def message(one: Message, *, full: bool = True, references: bool = True) -> Json:
    """`full` False: as a reader sees it who lacks the Message Content intent."""
    world = one.channel.world
    shown = full or readable(one)
    result: Json = {
        "id": str(one.id),
        "channel_id": str(one.channel.id),
        "type": one.type,
        "author": user(one.author),
        "content": one.content if shown else "",
        "timestamp": stamp(one.created_at),
        "edited_timestamp": None if one.edited_at is None else stamp(one.edited_at),
        "tts": one.tts,
        "mention_everyone": one.mentions.everyone,
        "mentions": [user(each) for each in one.mentions.users],
        "mention_roles": [str(each.id) for each in one.mentions.roles],
        "attachments": [attachment(world, each) for each in one.attachments] if shown else [],
        "embeds": one.embeds if shown and not one.embeds_suppressed else [],
        "components": one.components if shown else [],
        "pinned": one.pinned,
        "flags": int(one.flags),
    }
    if one.reactions:
        result["reactions"] = [_reaction(world, key, people) for key, people in one.reactions.items()]
    optional: Json = {
        "nonce": one.nonce,
        "webhook_id": None if one.webhook_id is None else str(one.webhook_id),
        "application_id": None if one.application_id is None else str(one.application_id),
        "message_reference": one.reference,
        "message_snapshots": [snapshot(each, shown=shown) for each in one.snapshots] or None,
        "poll": one.poll if shown else None,
        "sticker_items": [{"id": str(one.id), "name": name, "format_type": 1} for name in one.stickers] or None,
        "interaction_metadata": one.interaction,
        "thread": None if one.thread is None else channel(one.thread),
    }
    result |= {key: value for key, value in optional.items() if value is not None}
    if references and one.type in (19, 21):
        target = one.referenced
        known = None if target is None or target.deleted else target
        result["referenced_message"] = None if known is None else message(known, full=full, references=False)
    return result


def _reaction(world: World, key: str, people: dict[int, User]) -> Json:
    return {
        "emoji": emoji(key),
        "count": len(people),
        "count_details": {"burst": 0, "normal": len(people)},
        "me": world.bot.id in people,
        "me_burst": False,
        "burst_colors": [],
    }


def snapshot(one: Message, *, shown: bool = True) -> Json:
    """A forwarded message's copy: a few fields, without its author."""
    full = message(one, references=False)
    keys = ("type", "content", "timestamp", "edited_timestamp", "attachments", "embeds", "components", "flags")
    result = {key: full[key] for key in (*keys, "mentions", "mention_roles")}
    return {
        "message": result if shown else {**result, "content": "", "attachments": [], "embeds": [], "components": []}
    }
