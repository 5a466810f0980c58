"""How a message comes to stand in a channel and how it is changed: for the bot, for people and for webhooks alike."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.discord_server import forms, payloads
from tests.discord_server.cdn import Cdn
from tests.discord_server.errors import ApiError, invalid_form, missing_access, missing_permissions, unknown
from tests.discord_server.files import Attachment, Upload
from tests.discord_server.mentions import allowed, notified, resolve
from tests.discord_server.message import NO_FLAGS, Message, MessageFlag
from tests.discord_server.permissions import Permission
from tests.discord_server.polls import check_poll
from tests.discord_server.things import Channel, ChannelType, Json, User
from tests.discord_server.world import World

NONCE_MEMORY = timedelta(minutes=3)
"""How long an enforced nonce finds the message it made: "the past few minutes"."""
OLD = timedelta(hours=1)
OLD_EDITS = (3, timedelta(seconds=20))
"""Edits of messages older than an hour, per channel (observed by others; Discord documents only that 30046 exists)."""
UNSENDABLE = (ChannelType.CATEGORY, ChannelType.FORUM)


@dataclass(slots=True, kw_only=True)
class Draft:
    """A message as a client sent it: the JSON and the files beside it, by their number."""

    body: Json
    files: dict[int, Upload] = field(default_factory=dict[int, Upload])
    stickers: list[str] = field(default_factory=list[str])
    """Names of stickers; only people send them here."""

    @property
    def allowed_mentions(self) -> Json | None:
        return self.body.get("allowed_mentions")

    @property
    def v2(self) -> bool:
        return bool(int(self.body.get("flags") or 0) & MessageFlag.COMPONENTS_V2)


class Posting:
    """Sends and edits, with the checks that Discord makes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._nonces: dict[tuple[int, str], tuple[datetime, Message]] = {}
        self._old_edits: dict[int, deque[datetime]] = {}

    def check_rights(self, channel: Channel, author: User, draft: Draft) -> None:
        """What sending this needs in this channel. Raises ApiError."""
        world = self._world
        if channel.guild is None:
            person = channel.recipient
            if person is not None and not person.accepts_dms and author is world.bot:
                raise ApiError(403, 50007, "Cannot send messages to this user")
            return
        rights = world.permissions(author, channel)
        if Permission.VIEW_CHANNEL not in rights:
            raise missing_access()
        if channel.type in UNSENDABLE:
            raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
        needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
        if draft.files:
            needed |= Permission.ATTACH_FILES
        if draft.body.get("embeds"):
            needed |= Permission.EMBED_LINKS
        if draft.body.get("tts"):
            needed |= Permission.SEND_TTS_MESSAGES
        if draft.body.get("poll"):
            needed |= Permission.SEND_POLLS
        if needed not in rights or (channel.locked and Permission.MANAGE_THREADS not in rights):
            raise missing_permissions()
        if draft.body.get("message_reference") and Permission.READ_MESSAGE_HISTORY not in rights:
            raise ApiError(400, 160002, "Cannot reply without permission to read message history")

    def send(self, channel: Channel, author: User, draft: Draft, *, webhook_id: int | None = None) -> Message:
        """Post as an author with rights in the channel. Raises ApiError."""
        nonce = forms.check_nonce(draft.body.get("nonce"))
        if webhook_id is None:
            self.check_rights(channel, author, draft)
            known = self._by_nonce(author, nonce) if draft.body.get("enforce_nonce") else None
            if known is not None:
                return known
        message = self.make(channel, author, draft, webhook_id=webhook_id)
        message.nonce = nonce
        if nonce is not None and webhook_id is None:
            self._nonces[author.id, str(nonce)] = (self._world.clock.now(), message)
        self.publish(message, draft.allowed_mentions)
        return message

    def _by_nonce(self, author: User, nonce: str | int | None) -> Message | None:
        found = None if nonce is None else self._nonces.get((author.id, str(nonce)))
        if found is None or self._world.clock.now() - found[0] > NONCE_MEMORY:
            return None
        return found[1]

    def publish(self, message: Message, allowed_mentions: Json | None) -> None:
        """Put it into its channel, unless it is ephemeral, and tell everyone."""
        channel = message.channel
        self._world.revise(message, allowed_mentions)
        if message.seen_by is not None:
            return
        if channel.archived:
            self._world.archive(channel, archived=False)
        channel.messages[message.id] = message
        if channel.is_thread and message.webhook_id is None:
            # Who writes in a thread, or is mentioned there, becomes a member of it.
            for user in (message.author, *message.mentions.users):
                if channel.parent is not None and self._world.sees(user, channel.parent):
                    self._world.set_thread_member(channel, user, joined=True)
        self._world.message_event("MESSAGE_CREATE", message)

    def make(
        self,
        channel: Channel,
        author: User,
        draft: Draft,
        *,
        webhook_id: int | None = None,
        seen_by: User | None = None,
    ) -> Message:
        """A checked message that stands nowhere yet. Raises ApiError."""
        world, body = self._world, draft.body
        limit = forms.NITRO_CONTENT if author.nitro else forms.CONTENT
        content = forms.check_content(body.get("content"), limit)
        embeds = forms.check_embeds(body.get("embeds"))
        components = forms.check_components(body.get("components"), v2=draft.v2)
        poll = check_poll(body.get("poll"), now=world.clock.now())
        rule = allowed(draft.allowed_mentions)
        target, forwarded = self._reference(channel, author, body.get("message_reference"))
        if draft.v2 and (content or embeds):
            code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
            raise invalid_form("content", code, "Not with the components v2 flag.")
        if not (content.strip() or embeds or draft.files or draft.v2 or forwarded or poll or draft.stickers):
            raise forms.empty_message()
        mentions = resolve(channel, author, content, rule, None if forwarded else target)
        message = Message(
            id=channel.id if _begins(channel) else world.ids.next(),
            channel=channel,
            author=author,
            content=content,
            type=19 if target is not None and not forwarded else 0,
            embeds=embeds,
            components=components,
            flags=forms.check_flags(body.get("flags")),
            mentions=mentions,
            pinged=notified(world, channel, author, mentions),
            reference=body.get("message_reference"),
            referenced=target,
            poll=poll,
            stickers=draft.stickers,
            tts=bool(body.get("tts")),
            webhook_id=webhook_id,
            seen_by=seen_by,
        )
        message.attachments = self._attach(message, draft, keep=())
        if target is not None:
            message.reference = self._pointer(target, 1 if forwarded else 0)
        elif message.reference is not None:
            message.reference = None
        if forwarded and target is not None:
            message.snapshots = (replace(target),)
            message.flags |= MessageFlag.HAS_SNAPSHOT
        if seen_by is not None:
            message.flags |= MessageFlag.EPHEMERAL
            message.pinged = frozenset()
        return message

    def _pointer(self, target: Message, kind: int) -> Json:
        pointer: Json = {"type": kind, "channel_id": str(target.channel.id), "message_id": str(target.id)}
        guild_id = target.channel.guild_id
        return pointer if guild_id is None else {**pointer, "guild_id": str(guild_id)}

    def _reference(self, channel: Channel, author: User, body: Json | None) -> tuple[Message | None, bool]:
        if body is None:
            return None, False
        forwarded = body.get("type") == 1
        source = self._world.channels.get(int(body.get("channel_id") or channel.id))
        found = None if source is None else source.messages.get(int(body["message_id"]))
        if forwarded:
            if source is None or found is None or not self._world.sees(author, source):
                raise invalid_form("message_reference", "REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
            return found, True
        if found is None and body.get("fail_if_not_exists", True):
            raise invalid_form("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        if source is not None and source is not channel:
            message = "Cannot reply to a message in a different channel"
            raise invalid_form("message_reference", "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL", message)
        return found, False

    def _attach(self, message: Message, draft: Draft, keep: tuple[Attachment, ...]) -> list[Attachment]:
        given: list[Json] | None = draft.body.get("attachments")
        described = {str(one["id"]): one for one in given or ()}
        if len(draft.files) + len(keep) > forms.FILES:
            raise too_many_files()
        result = list(keep) if given is None else [one for one in keep if str(one.id) in described]
        for number, upload in draft.files.items():
            if len(upload.data) > forms.FILE_BYTES and message.author is self._world.bot:
                raise ApiError(413, 40005, "Request entity too large")
            about = described.get(str(number), {})
            named = replace(
                upload,
                filename=about.get("filename") or upload.filename,
                description=about.get("description") or upload.description,
            )
            cdn: Cdn = self._world.cdn
            ephemeral = message.seen_by is not None
            result.append(cdn.keep(self._world.ids.next(), message.channel.id, named, ephemeral=ephemeral))
        return result

    def edit(self, message: Message, draft: Draft, *, event: bool = True) -> Message:
        """Change what the author may change; what is not in the draft stays. Raises ApiError."""
        world, body, channel = self._world, draft.body, message.channel
        if channel.archived:
            raise ApiError(400, 50083, "Thread is archived")
        if message.poll is not None:
            raise ApiError(400, 520002, "Cannot edit a poll message")
        content = forms.check_content(body["content"]) if "content" in body else message.content
        embeds = forms.check_embeds(body["embeds"]) if "embeds" in body else message.embeds
        flags = message.flags
        if body.get("flags") is not None:
            flags = (flags & ~forms.SETTABLE) | forms.check_flags(body["flags"])
        v2 = MessageFlag.COMPONENTS_V2 in (flags | message.flags)
        components = message.components
        if "components" in body:
            components = forms.check_components(body["components"], v2=v2)
        rule = allowed(draft.allowed_mentions)
        attachments = self._attach(message, draft, keep=tuple(message.attachments))
        if not (content.strip() or embeds or attachments or (v2 and components) or message.poll or message.snapshots):
            raise forms.empty_message()
        if message.seen_by is None:
            self._count_old_edit(message)
        for gone in set(message.attachments) - set(attachments):
            world.cdn.forget(gone)
        if "content" in body:
            # An edit without `allowed_mentions` mentions anew whatever its text does; it never notifies.
            message.mentions = resolve(channel, message.author, content, rule, message.referenced)
        message.content, message.embeds, message.components = content, embeds, components
        message.flags = (flags | (MessageFlag.COMPONENTS_V2 if v2 else NO_FLAGS)) & ~MessageFlag.LOADING
        message.attachments = attachments
        message.edited_at = world.clock.now()
        world.revise(message, draft.allowed_mentions)
        if event:
            world.message_event("MESSAGE_UPDATE", message)
        return message

    def _count_old_edit(self, message: Message) -> None:
        now = self._world.clock.now()
        if now - message.created_at < OLD:
            return
        limit, window = OLD_EDITS
        recent = self._old_edits.setdefault(message.channel.id, deque())
        while recent and now - recent[0] > window:
            recent.popleft()
        if len(recent) >= limit:
            text = "Maximum number of edits to messages older than 1 hour reached. Try again later."
            left = (recent[0] + window - now).total_seconds()
            raise ApiError(429, 30046, text, retry_after=left, **{"global": False})
        recent.append(now)

    def find(self, channel: Channel, message_id: int) -> Message:
        """A message that stands in the channel. Raises ApiError."""
        found = channel.messages.get(message_id)
        if found is None:
            raise unknown("Message")
        return found


def too_many_files() -> ApiError:
    return ApiError(400, 30015, "Maximum number of attachments in a message reached (10)")


def shown(message: Message, *, full: bool) -> Json:
    """The message for a REST answer; the intent counts there as well, as the application's flag."""
    return payloads.message(message, full=full)


def _begins(channel: Channel) -> bool:
    """Whether what is said next is the first message of a forum's post, whose id is that of the post."""
    return channel.parent is not None and channel.parent.type is ChannelType.FORUM and not channel.messages
