"""What travels between page and program, as documented in `docs/api.md`. The same shapes serve HTTP and WebSocket."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, TypeAdapter

from bot.platforms.local.form_wire import FormWire, Wire
from bot.platforms.local.people import NAME_CHARS, clean_name, clean_text, slug
from bot.talk.form import FIELD_CHARS
from bot.talk.message import Attachment, Message, Person, Place, QuoteKind

MESSAGE_CHARS = 32_000
QUOTE_CHARS = 200
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def _name(name: str) -> str:
    cleaned = clean_name(name)
    if not cleaned or len(cleaned) > NAME_CHARS or not slug(cleaned):
        raise ValueError("no name")
    return cleaned


Name = Annotated[str, Field(max_length=4 * NAME_CHARS), AfterValidator(_name)]
Ident = Annotated[str, Field(min_length=1, max_length=100)]
Text = Annotated[str, AfterValidator(clean_text)]


# what programs send


class NewChannel(Wire):
    name: Name


class NewMessage(Wire):
    person: Name
    text: Text = ""
    reply_to: Ident | None = None
    attachments: tuple[Ident, ...] = Field(default=(), max_length=1000)


class NewText(Wire):
    person: Name
    text: Text


class Press(Wire):
    person: Name
    action: Annotated[str, Field(min_length=1, max_length=200)]
    filled: dict[Ident, Annotated[str, Field(max_length=FIELD_CHARS), AfterValidator(clean_text)]] = Field(
        default_factory=dict[str, str], max_length=5
    )


class RunCommand(Wire):
    person: Name
    name: Ident
    arguments: dict[Ident, Annotated[str, Field(max_length=2000), AfterValidator(clean_text)]] = Field(
        default_factory=dict[str, str], max_length=25
    )


class Login(Wire):
    password: Annotated[str, Field(max_length=1000)]


class Hello(Wire):
    type: Literal["hello"] = "hello"
    person: Name


class IsTyping(Wire):
    type: Literal["typing"] = "typing"
    channel: Ident


Incoming = Annotated[Hello | IsTyping, Field(discriminator="type")]
INCOMING: TypeAdapter[Hello | IsTyping] = TypeAdapter(Incoming)


# what the program sends


class PersonWire(Wire):
    id: str
    name: str
    bot: bool = False

    @classmethod
    def of(cls, person: Person) -> PersonWire:
        return cls(id=person.id, name=person.name, bot=person.bot)


class ChannelWire(Wire):
    id: str
    kind: str
    name: str

    @classmethod
    def of(cls, place: Place) -> ChannelWire:
        return cls(id=place.id, kind=place.kind.value, name=place.name or place.id)


class UploadWire(Wire):
    """`picture`: the page may try to show it; the bytes decide."""

    id: str
    name: str
    media_type: str
    size: int
    url: str
    picture: bool

    @classmethod
    def of(cls, attachment: Attachment) -> UploadWire:
        return cls(
            id=attachment.source,
            name=attachment.name,
            media_type=attachment.media_type,
            size=attachment.size,
            url=f"/api/uploads/{attachment.source}",
            picture=attachment.media_type in PICTURES,
        )


class QuoteWire(Wire):
    author: str
    text: str


class MessageWire(Wire):
    id: str
    author: PersonWire
    text: str
    at: datetime
    edited_at: datetime | None
    addressed: str
    reply_to: str | None
    quote: QuoteWire | None
    attachments: tuple[UploadWire, ...]

    @classmethod
    def of(cls, message: Message) -> MessageWire:
        quote = next((one for one in message.quotes if one.kind is QuoteKind.REPLIED), None)
        return cls(
            id=message.id,
            author=PersonWire.of(message.author),
            text=message.text,
            at=message.sent_at,
            edited_at=message.edited_at,
            addressed=message.addressed.value,
            reply_to=message.reply_to,
            quote=QuoteWire(author=quote.author, text=quote.text[:QUOTE_CHARS]) if quote else None,
            attachments=tuple(UploadWire.of(attachment) for attachment in message.attachments),
        )


class ActionWire(Wire):
    id: str
    label: str
    danger: bool


class DeliveryWire(Wire):
    """`html` is sanitised; `text` is the Markdown it came from. `private`: only this person sees it."""

    id: str
    at: datetime
    html: str
    text: str
    lead: str
    final: bool
    private: bool
    reply_to: str | None
    actions: tuple[ActionWire, ...]


class MessageSent(Wire):
    type: Literal["message"] = "message"
    channel: str
    message: MessageWire


class DeliveryShown(Wire):
    type: Literal["delivery"] = "delivery"
    channel: str
    delivery: DeliveryWire


class Removed(Wire):
    type: Literal["removed"] = "removed"
    channel: str
    ids: tuple[str, ...]


class SomebodyTypes(Wire):
    type: Literal["typing"] = "typing"
    channel: str
    person: PersonWire


class ChannelMade(Wire):
    type: Literal["channel"] = "channel"
    channel: ChannelWire


class StatusChanged(Wire):
    type: Literal["status"] = "status"
    status: dict[str, object]


class Welcome(Wire):
    type: Literal["welcome"] = "welcome"
    person: PersonWire
    direct: ChannelWire
    status: dict[str, object]


Outgoing = Annotated[
    Welcome | MessageSent | DeliveryShown | Removed | SomebodyTypes | ChannelMade | StatusChanged,
    Field(discriminator="type"),
]
OUTGOING: TypeAdapter[Wire] = TypeAdapter(Outgoing)

Line = Annotated[MessageSent | DeliveryShown, Field(discriminator="type")]


class ChannelsWire(Wire):
    channels: tuple[ChannelWire, ...]


class HistoryWire(Wire):
    """Oldest first. `before` asks for the lines before these; None when there are none."""

    lines: tuple[Line, ...]
    before: datetime | None


class ArgumentWire(Wire):
    """`choice_names`: how people read the choices, in the same order."""

    name: str
    description: str
    choices: tuple[str, ...]
    choice_names: tuple[str, ...]
    required: bool


class CommandWire(Wire):
    """`menu`: the words of its entry at each message, "" where it is written; its argument is the message's id then.
    `form`: what the entry opens, at answers; sending it presses the action `form:id`."""

    name: str
    description: str
    arguments: tuple[ArgumentWire, ...]
    menu: str
    form: str


class LimitsWire(Wire):
    message_chars: int
    name_chars: int
    attachments: int
    attachment_bytes: int


class PageWire(Wire):
    bot: PersonWire
    commands: tuple[CommandWire, ...]
    limits: LimitsWire
    status: dict[str, object]
    password: bool
    forms: dict[str, FormWire]
    reviews: bool


class WordsWire(Wire):
    """`direction`: as HTML's `dir`."""

    bot: str
    language: str
    direction: str
    words: dict[str, str]


class ErrorBody(Wire):
    key: str
    message: str


class ErrorWire(Wire):
    error: ErrorBody
