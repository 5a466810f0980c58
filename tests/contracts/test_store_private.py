"""What we made of a press, and what was asked of us alone, is found nowhere among what was said in its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.storage.store import SqlStore
from bot.talk.approval import ALLOW_PRESS, PRIVATELY_PRESS
from bot.talk.message import Addressed, Attachment, Message
from tests.contracts.searching import finds, indexes
from tests.fakes import ANA, GENERAL, START, said

FILE = Attachment(id="f", name="chart.png", media_type="image/png", size=1, source="f")
ASKED = said("where is the anchor", message_id="q", attachments=(FILE,), addressed=Addressed.NO)
ALLOWED = replace(ASKED, id=f"{ALLOW_PRESS}:1", text="", attachments=(), addressed=Addressed.ALLOWED, reply_to="q")
PRIVATELY = replace(ASKED, id=f"{PRIVATELY_PRESS}:1", addressed=Addressed.PRIVATELY, reply_to="q", only=ANA.key)
ALONE = replace(
    said("the anchor is mine", message_id="alone", attachments=(FILE,), addressed=Addressed.NO), only=ANA.key
)
LATER = said("well?", message_id="later")


@pytest.fixture
async def kept(store: SqlStore) -> SqlStore:
    for message in (ASKED, ALLOWED, PRIVATELY, ALONE, LATER):
        assert await store.record(message, keep=True)
    await indexes(store)
    return store


def ids(messages: tuple[Message, ...]) -> list[str]:
    return [message.id for message in messages]


async def test_a_search_finds_the_question_alone(kept: SqlStore) -> None:
    assert [match.message.id for match in (await finds(kept, "anchor")).matches] == ["q"]
    assert [match.message.id for match in (await finds(kept)).matches] == ["later", "q"]


async def test_its_files_are_those_of_the_question(kept: SqlStore) -> None:
    for asking in ("", PRIVATELY.id):
        found = await kept.posted_files({GENERAL.room}, name="chart", asking=asking, limit=9)
        assert [file.message for file in found] == ["q"]
    found = await kept.posted_files({GENERAL.room}, name="chart", asking="alone", limit=9)
    assert [file.message for file in found] == ["alone", "q"]


async def test_where_nothing_is_kept_the_files_of_a_private_answer_are_those_of_its_question(store: SqlStore) -> None:
    assert await store.record(replace(ASKED, addressed=Addressed.MENTION), keep=False)
    assert await store.record(PRIVATELY, keep=False)
    found = await store.posted_files({GENERAL.room}, name="chart", asking=PRIVATELY.id, limit=9)
    assert [file.message for file in found] == [PRIVATELY.id]
    assert await store.posted_files({GENERAL.room}, name="chart", limit=9) == ()


async def test_the_page_and_what_was_missed_do_not_have_it(kept: SqlStore) -> None:
    entries = await kept.entries(GENERAL, limit=9)
    assert [entry.message.id for entry in entries if entry.message is not None] == ["q", "later"]
    assert {each.message for each in await kept.recent("local", since=START, limit=9)} == {"q", "later"}


async def test_it_is_no_line_that_the_next_question_overhears(kept: SqlStore) -> None:
    assert ids(await kept.overheard(LATER.conversation, before=LATER, limit=9)) == ["q"]
