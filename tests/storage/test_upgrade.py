"""What an earlier version wrote down is all there in this one, and works."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.ports.history import Wanted
from bot.storage.address import find
from bot.storage.connection import Connections
from bot.storage.migrate import migrate, scripts_folder
from bot.talk.delivery import DeliveryState
from bot.talk.message import Conversation
from bot.talk.policy import Keep, Policy
from bot.talk.turn import Line, Question
from tests.fakes import GENERAL, START, said
from tests.storage.acts import answered, cut, piece, summary
from tests.storage.homes import Home

# As the first version wrote them: one question, answered.
ROWS = (
    "INSERT INTO places (key, platform, id, kind, name, keep, announced) "
    "VALUES ('local:general', 'local', 'general', 'channel', 'general', 'always', true)",
    "INSERT INTO messages "
    "(seq, platform, id, place, author, addressed, sent_at, recorded_at, transient, pending, body) "
    "VALUES (7, 'local', 'm', 'local:general', 'local:ana', 'mention', 0, 0, false, false, "
    """'{"id":"ana","name":"Ana","text":"teh tide"}')""",
    "INSERT INTO conversations (id, key, place, fingerprint, next_seq, covered, revision) "
    "VALUES (5, 'local:general', 'local:general', 'f', 2, 7, 3)",
    "INSERT INTO turns (id, conversation, message, state, attempts, opened_at, closed_at) "
    "VALUES ('t', 5, 7, 'done', 1, 0, 0)",
    "INSERT INTO pieces (conversation, seq, turn, tokens, template, text, part) "
    """VALUES (5, 1, 't', 8, 't1', 'teh tide', '{"q":[{"t":"Ana: teh tide","m":"m","a":"local:ana"}]}')""",
    "INSERT INTO piece_sources (conversation, seq, message, author) VALUES (5, 1, 'm', 'local:ana')",
    "INSERT INTO deliveries (id, place, turn, state, text, reply_to, lead, final, transient, created_at) "
    "VALUES ('d', 'local:general', 't', 'sent', 'high', 'm', '', true, false, 0)",
)
MESSAGE = said("teh tide", message_id="m")
TALK = Conversation(place=GENERAL)


@pytest.fixture
async def first_version(home: Home, tmp_path: Path) -> Home:
    return await earlier_version(home, tmp_path, "000[2-9]*", "00[1-9]*")


async def earlier_version(home: Home, tmp_path: Path, *later: str) -> Home:
    """A database as it was before these revisions, with ROWS."""
    scripts = tmp_path / "earlier"
    shutil.copytree(scripts_folder(), scripts, ignore=shutil.ignore_patterns("__pycache__", *later))
    if "url" in home.settings.model_fields_set:
        # The template of the test databases is of this version.
        await run(home, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    await migrate(home.settings, home.data_dir, scripts=scripts)
    await run(home, *ROWS)
    return home


async def run(home: Home, *statements: str) -> None:
    connections = Connections(find(home.settings, home.data_dir))
    try:
        for statement in statements:
            # Colons of JSON are no parameters.
            words = text(statement.replace(":", r"\:"))
            await connections.write(lambda c, words=words: c.execute(words))
    finally:
        await connections.close()


async def test_a_conversation_of_the_first_version_goes_on(first_version: Home) -> None:
    async with first_version.open() as store:
        ledger = await store.ledger(TALK)
        assert (ledger.fingerprint, ledger.summary, ledger.cut_before, ledger.revision) == ("f", None, 0, 0)
        assert [each.piece and each.piece.tokens for each in ledger.pieces] == [8]
        assert await store.policy(GENERAL) == Policy(keep=Keep.ALWAYS, announced=True)
        await answered(store, said("and now?"))
        assert len((await store.ledger(TALK)).pieces) == 3
        await cut(store, TALK, before=2, summary=summary(1, 1))
        assert (await store.ledger(TALK)).summary == summary(1, 1)


async def test_an_old_question_can_be_edited_and_answered_anew(first_version: Home) -> None:
    async with first_version.open() as store:
        found = await store.revise(said("the tide", message_id="m"))
        assert found is not None
        assert (found.turn, found.outgoing.state) == ("t", DeliveryState.SENT)
        assert [each.text for each in await store.corrections(TALK, limit=9)] == ["the tide"]
        # Its line does not say where the words stand, so it stays as it was until it is cut or deleted.
        assert await store.parts(TALK, [1]) == {
            1: Question(lines=(Line(text="Ana: teh tide", message="m", author="local:ana"),))
        }
        again = await store.open_turn(MESSAGE, at=START, anew="t")
        assert again is not None
        assert again.anew


async def test_what_was_kept_before_is_found_at_once_and_indexed(first_version: Home) -> None:
    wanted = Wanted(platform="local", rooms=frozenset({GENERAL.key}), words="tide", limit=5)
    async with first_version.open() as store:
        for waiting in (1, 0):
            assert [match.message.id for match in (await store.find(wanted)).matches] == ["m"]
            assert (await store.index_due(now=START, limit=5)).messages == waiting


async def test_what_an_earlier_index_held_is_taken_into_the_one_of_today(home: Home, tmp_path: Path) -> None:
    await earlier_version(home, tmp_path, "001[1-9]*", "00[2-9]*")
    held = {
        "sqlite": "INSERT INTO search_words (rowid, words) VALUES (7, '0123abcd')",
        "postgres": "INSERT INTO search_words (message, words) VALUES (7, '{1}')",
    }
    kind = "postgres" if "url" in home.settings.model_fields_set else "sqlite"
    await run(home, held[kind], "DELETE FROM search_due")
    wanted = Wanted(platform="local", rooms=frozenset({GENERAL.key}), words="tide", limit=5)
    async with home.open() as store:
        assert (await store.index_due(now=START, limit=5)).messages == 1
        assert [match.message.id for match in (await store.find(wanted)).matches] == ["m"]
        await store.delete_messages(GENERAL, ["m"])
        assert (await store.find(wanted)).matches == ()
    assert await home.rows("search_words") == 0
    assert await home.rows("search_stale") == 1


async def test_what_hangs_on_old_rows_still_goes_with_them(first_version: Home) -> None:
    async with first_version.open() as store:
        await store.delete_messages(GENERAL, ["m"])
        assert (await store.ledger(TALK)).pieces == ()
        await store.save_head(TALK, piece("head"), fingerprint="g")
        await store.forget_place(GENERAL)
    for table in ("pieces", "turns", "piece_sources", "deliveries", "conversations", "messages"):
        assert await first_version.rows(table) == 0, table
