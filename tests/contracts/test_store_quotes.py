"""What people quote of each other is forgotten with those who said it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.storage.store import SqlStore
from bot.talk.message import Addressed, Message, Person, Quote, QuoteKind
from bot.talk.policy import Consent, Forgotten
from bot.talk.turn import Line
from tests.contracts.secret import SECRET, file
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.storage.acts import CLEO, answered, close, line, opened, picture
from tests.storage.homes import Home


def replying(to: Message, *, by: Person = BEN, text: str = "this?") -> Message:
    """A reply that carries what it answers, as platforms make it."""
    quote = Quote(
        kind=QuoteKind.REPLIED,
        author=to.author.name,
        text=to.text,
        attachments=to.attachments,
        author_key=to.author.key,
        message=to.id,
    )
    return said(text, by=by, reply_to=to.id, quotes=(quote,))


async def test_forgetting_a_person_reaches_what_others_quoted_of_messages_that_were_never_recorded(
    store: SqlStore, home: Home
) -> None:
    unknown = said(SECRET, by=replace(ANA, name=SECRET))
    asked = replying(unknown)
    theirs = Line(text=SECRET, message=unknown.id, author=ANA.key, images=(picture("p"),))
    await store.save_image(picture("p"), SECRET.encode())
    await answered(store, asked, lines=[theirs, line(asked)])
    await store.record(replace(replying(unknown, by=CLEO), addressed=Addressed.NO), keep=True)
    spoken = said(f'I quote "by":"{ANA.key}" for fun', by=BEN)
    await store.record(spoken, keep=True)
    assert (await store.forget(ANA.key)).images == 1
    assert SECRET not in await home.everything()
    assert await store.waiting(since=START) == (spoken,)
    told = [one.message for one in await store.entries(GENERAL, limit=9) if one.message]
    assert [(one.text, one.quotes) for one in told] == [("this?", ()), ("this?", ()), (spoken.text, ())]


async def test_forgetting_a_person_leaves_what_was_quoted_of_others(store: SqlStore) -> None:
    asked = replying(said("plain", by=replace(ANA, id="an")))
    await store.record(asked, keep=True)
    await store.forget("local:a")
    await store.forget("local:%")
    assert await store.waiting(since=START) == (asked,)


@pytest.mark.parametrize("edited", [False, True])
async def test_who_has_opted_out_is_not_kept_in_the_replies_of_others(
    store: SqlStore, home: Home, edited: bool
) -> None:
    await store.save_consent(ANA.key, Consent(opted_out=True))
    theirs = said(SECRET, by=replace(ANA, name=SECRET))
    reply = replying(theirs)
    turn = await opened(store, reply)
    if edited:
        await store.revise(replace(reply, text="that?"))
    assert SECRET not in await home.everything()
    await store.save_image(picture("p"), SECRET.encode())
    words = Line(text=SECRET, message=theirs.id, author=ANA.key, images=(picture("p"),))
    await close(store, turn, reply, lines=[words, line(reply)])
    assert SECRET not in await home.everything()


async def test_a_quoted_picture_goes_with_the_message_that_it_was_posted_in(store: SqlStore, home: Home) -> None:
    await store.save_image(picture("p"), SECRET.encode())
    theirs = said("look", by=ANA, attachments=await file(store, "u"), addressed=Addressed.NO)
    await store.record(theirs, keep=True)
    asked = replying(theirs)
    quoted = Line(text=SECRET, message=theirs.id, author=ANA.key, images=(picture("p"),))
    await answered(store, asked, lines=[quoted, line(asked)])
    assert await store.delete_messages(GENERAL, [theirs.id]) == Forgotten(messages=1, images=1)
    assert SECRET not in await home.everything()
