"""Posted files are found by their names, in the rooms that are asked for, as long as their messages are kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest

from bot.storage.files import MOST_LOOKED
from bot.storage.store import SqlStore
from bot.talk.message import Addressed, Attachment, Message, Person, Place, PlaceKind
from bot.talk.policy import Consent
from bot.talk.record import Incoming
from tests.contracts.scene import ROOM, after
from tests.fakes import ANA, BEN, said

OTHER = Place(platform=ROOM.platform, id="other", name="other")
THREAD = Place(platform=ROOM.platform, id="thread", kind=PlaceKind.THREAD, parent=ROOM.id)


def posted(
    *names: str, place: Place = ROOM, by: Person = ANA, seconds: float = 0, message_id: str | None = None
) -> Message:
    files = tuple(Attachment(id=name, name=name, media_type="", size=1, source=name) for name in names)
    message = said("look", place=place, by=by, at=after(seconds), message_id=message_id, attachments=files)
    return replace(message, addressed=Addressed.NO)


async def names(
    store: SqlStore,
    name: str = "",
    *,
    rooms: Collection[str] = (ROOM.room,),
    message: str = "",
    asking: str = "",
    limit: int = 10,
) -> list[str]:
    found = await store.posted_files(frozenset(rooms), name=name, message=message, asking=asking, limit=limit)
    return [file.attachment.name for file in found]


async def test_the_latest_come_first_and_those_named_exactly_before_them(store: SqlStore) -> None:
    for seconds, name in enumerate(["plan.pdf", "my plan.pdf.txt", "cat.png", "PLAN.PDF", "old plan.pdf"]):
        await store.record(posted(name, seconds=seconds), keep=True)
    assert await names(store, "plan.pdf") == ["PLAN.PDF", "plan.pdf", "old plan.pdf", "my plan.pdf.txt"]
    assert await names(store, limit=2) == ["old plan.pdf", "PLAN.PDF"]
    assert await names(store, "dog") == []


async def test_a_file_tells_where_and_by_whom_it_was_posted(store: SqlStore) -> None:
    message = posted("plan.pdf", by=BEN)
    await store.record(message, keep=True)
    (file,) = await store.posted_files({ROOM.room}, name="plan", limit=1)
    assert (file.message, file.place, file.author, file.sent_at) == (message.id, ROOM, BEN.name, message.sent_at)
    assert file.attachment == message.attachments[0]


async def test_only_files_of_these_rooms_are_found(store: SqlStore) -> None:
    await store.record(posted("here.png"), keep=True)
    await store.record(posted("there.png", place=OTHER), keep=True)
    await store.record(posted("closed.png", place=THREAD), keep=True)
    assert await names(store) == ["here.png"]
    assert await names(store, rooms=[OTHER.room]) == ["there.png"]
    assert await names(store, rooms=[THREAD.key]) == ["closed.png"]
    assert await names(store, rooms=[]) == []


async def test_a_file_is_found_by_its_message_in_its_room_alone(store: SqlStore) -> None:
    await store.record(posted("a.png", message_id="1"), keep=True)
    await store.record(posted("b.png", "c.png", message_id="2"), keep=True)
    assert await names(store, message="1") == ["a.png"]
    assert await names(store, "c", message="2") == ["c.png"]
    assert await names(store, message="1", rooms=[OTHER.room]) == []


async def test_what_was_deleted_or_is_not_kept_is_not_there(store: SqlStore) -> None:
    gone = posted("gone.png")
    await store.record(gone, keep=True)
    await store.record(posted("unkept.png"), keep=False)
    asking = replace(posted("asking.png"), addressed=Addressed.MENTION)
    await store.record(asking, keep=False)
    assert await names(store) == ["gone.png"]
    assert await names(store, asking=asking.id) == ["asking.png", "gone.png"]
    await store.delete_messages(ROOM, [gone.id])
    assert await names(store) == []


async def test_files_of_who_has_opted_out_are_not_there(store: SqlStore) -> None:
    await store.record(posted("ben.png", by=BEN), keep=True)
    await store.save_consent(BEN.key, Consent(opted_out=True))
    assert await names(store) == []


async def test_an_edit_that_takes_a_file_away_takes_it_from_here(store: SqlStore) -> None:
    message = posted("a.png", "b.png")
    await store.record(message, keep=True)
    await store.revise(replace(message, attachments=message.attachments[1:], edited_at=after(9)))
    assert await names(store) == ["b.png"]


@pytest.mark.parametrize("text", ['"files":["x"]', "files", '\\"files":['])
async def test_words_about_files_are_no_files(store: SqlStore, text: str) -> None:
    await store.record(replace(said(text, place=ROOM), addressed=Addressed.NO), keep=True)
    assert await names(store) == []


async def test_names_are_compared_as_people_read_them(store: SqlStore) -> None:
    await store.record(posted("Re\u0301sume\u0301 Ångström.PDF"), keep=True)
    assert len(await names(store, "résumé ångström")) == 1
    assert await names(store, "%") == []


async def test_only_a_bounded_number_of_the_latest_is_looked_through(store: SqlStore) -> None:
    await store.record_all([Incoming(message=posted("first.png"), keep=True)])
    await store.record_all([Incoming(message=posted(f"{n}.txt"), keep=True) for n in range(MOST_LOOKED - 1)])
    assert await names(store, "first") == ["first.png"]
    await store.record(posted("one more.txt"), keep=True)
    assert await names(store, "first") == []


async def test_a_question_that_is_answered_again_in_private_holds_its_files_once(store: SqlStore) -> None:
    question = replace(posted("plan.pdf"), addressed=Addressed.MENTION)
    again = replace(question, id="privately:1", addressed=Addressed.PRIVATELY, reply_to=question.id, only=ANA.key)
    await store.record(question, keep=True)
    await store.record(again, keep=True)
    (file,) = await store.posted_files({ROOM.room}, limit=10)
    assert file.message == question.id
    assert await names(store, asking=again.id) == ["plan.pdf"]
