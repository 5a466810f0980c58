"""What tests of the store do again and again: keep a message, answer it, show the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, DeliveryState, Shown, ShownMessage
from bot.talk.message import Conversation, Message, Person, Place
from bot.talk.record import OpenTurn, StoredSummary
from bot.talk.turn import Image, Line, Part, Piece, Question, Reply, Summary, TurnState
from bot.talk.words import reading
from tests.fakes import START

CLEO = Person(platform="local", id="cleo", name="Cleo")
HARBOUR = Place(platform="local", id="harbour", name="harbour", guild="marseille")


def line(message: Message, *images: Image) -> Line:
    words = (0, len(message.text))
    return Line(text=message.text, message=message.id, author=message.author.key, images=images, words=words)


def correcting(message: Message) -> Line:
    """What tells the model that the message now reads like this."""
    words = reading(message.text)
    return replace(line(message), text=f"now: {words}", words=(5, 5 + len(words)), corrects=True)


def summary(first: int, last: int, *, text: str = "what went", by_model: bool = True) -> StoredSummary:
    return StoredSummary(
        summary=Summary(text=text), piece=piece(f"<{text}>"), first=first, last=last, by_model=by_model
    )


async def cut(store: SqlStore, talk: Conversation, *, before: int, summary: StoredSummary | None = None) -> None:
    revision = (await store.ledger(talk)).revision
    assert await store.cut(talk, before=before, cause="cut", summary=summary, revision=revision)


def piece(text: str, *images: Image, template: str = "t1") -> Piece:
    return Piece(text=text, tokens=len(text), template=template, images=images)


def question(*lines: Line) -> tuple[Part, Piece]:
    images = tuple(image for one in lines for image in one.images)
    return Question(lines=lines), piece(" ".join(one.text for one in lines), *images)


def reply(text: str) -> tuple[Part, Piece]:
    return Reply(text=text), piece(text)


def picture(digest: str) -> Image:
    return Image(digest=digest, media_type="image/png", width=28, height=56)


def final(turn: OpenTurn, message: Message, text: str) -> Delivery:
    return Delivery(id=turn.delivery_id, conversation=message.conversation, text=text, reply_to=message.id)


@dataclass(frozen=True, slots=True)
class Answered:
    message: Message
    turn: OpenTurn
    delivery: Delivery


async def opened(store: SqlStore, message: Message, *, keep: bool = True) -> OpenTurn:
    assert await store.record(message, keep=keep)
    turn = await store.open_turn(message, at=message.sent_at)
    assert turn is not None
    return turn


async def close(
    store: SqlStore,
    turn: OpenTurn,
    message: Message,
    *,
    text: str = "an answer",
    lines: Sequence[Line] | None = None,
    state: TurnState = TurnState.DONE,
    at: datetime = START,
) -> Delivery:
    delivery = final(turn, message, text)
    parts = [question(*(lines if lines is not None else [line(message)])), reply(text)]
    await store.close_turn(turn.id, state=state, delivery=delivery, parts=parts, at=at)
    return delivery


async def answered(
    store: SqlStore,
    message: Message,
    *,
    text: str = "an answer",
    lines: Sequence[Line] | None = None,
    keep: bool = True,
    show: bool = True,
) -> Answered:
    """A question that has been answered, and whose answer stands on the platform."""
    turn = await opened(store, message, keep=keep)
    delivery = await close(store, turn, message, text=text, lines=lines)
    if show:
        await store.save_shown(delivery.id, shows(delivery), DeliveryState.SENT)
    return Answered(message, turn, replace(delivery))


def shows(delivery: Delivery, *, digest: str = "d") -> Shown:
    return Shown(messages=(ShownMessage(id=f"shown-{delivery.id}", digest=digest),))
