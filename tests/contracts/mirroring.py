"""Three linked channels of a server, and copies on their way."""

from __future__ import annotations

from datetime import timedelta

from bot.storage.store import SqlStore
from bot.talk.delivery import Delivery, DeliveryState, Shown, ShownMessage
from bot.talk.message import Conversation, Message, Place
from bot.talk.mirror import Carried, Copy, Exposure, Link, Side
from tests.contracts.secret import SECRET
from tests.fakes import ANA, START

EN = Place(platform="local", id="en", name="help-en", guild="g")
JA = Place(platform="local", id="ja", name="help-ja", guild="g")
FR = Place(platform="local", id="fr", name="help-fr", guild="g")
LINK = Link(
    id="link",
    sides=tuple(Side(place=place, language=place.id) for place in (EN, JA, FR)),
    by=ANA.key,
    made_at=START,
    exposures=frozenset({Exposure(source=EN.key, target=JA.key, seen="a/b")}),
    active=True,
)
WORDS = Carried(name="Ana", text=SECRET, files=("a.txt",))


async def linked(store: SqlStore, link: Link = LINK) -> None:
    await store.propose_link(link, forget_before=START - timedelta(days=1))
    assert await store.confirm_link(link, most=5, told=(), at=START)


async def takes(store: SqlStore, message: Message, words: Carried = WORDS, *, most: int = 100) -> bool:
    return not await store.take_copies(LINK, message, words, most=most, at=START)


async def next_of(store: SqlStore, place: Place = JA) -> Copy:
    copy = await store.next_copy(place.key)
    assert copy is not None
    return copy


def showing(copy: Copy, text: str = "shown") -> Delivery:
    return Delivery(id=copy.delivery, conversation=Conversation(place=copy.target), text=text, quiet=True)


async def shows(store: SqlStore, copy: Copy, message_id: str, text: str = "shown") -> Delivery:
    outgoing = await store.save_copy(copy, showing(copy, text), at=START)
    assert outgoing is not None
    shown = Shown(messages=(ShownMessage(id=message_id, digest="d"),) if text else ())
    await store.save_shown(copy.delivery, shown, DeliveryState.SENT)
    assert await store.settle_copy(copy, revision=copy.revision) is DeliveryState.SENT
    return outgoing.delivery
