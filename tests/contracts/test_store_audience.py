"""Which conversations hold what was said elsewhere, and that it can be taken out of the model's view for good."""

from __future__ import annotations

from bot.storage.store import SqlStore
from bot.talk.message import Conversation, Place, PlaceKind
from bot.talk.record import StoredSummary
from bot.talk.turn import TurnState
from tests.contracts.scene import TALK
from tests.fakes import START, said
from tests.storage.acts import answered, cut, final, line, opened, question, reply, summary
from tests.storage.homes import Home


async def told_elsewhere(store: SqlStore, message_id: str, audience: str) -> None:
    message = said("where?", message_id=message_id)
    turn = await opened(store, message)
    parts = [question(line(message)), reply("there")]
    await store.close_turn(
        turn.id,
        state=TurnState.DONE,
        delivery=final(turn, message, "there"),
        parts=parts,
        audience=audience,
        at=START,
    )


async def test_the_audience_of_what_was_said_elsewhere_stays_with_the_conversation(store: SqlStore, home: Home) -> None:
    await answered(store, said("hello", message_id="a"))
    assert (await store.ledger(TALK)).audience is None
    await told_elsewhere(store, "b", "ana")
    await answered(store, said("thanks", message_id="c"))
    assert (await store.ledger(TALK)).audience == "ana"
    async with home.open() as other:
        assert (await other.ledger(TALK)).audience == "ana"


async def test_what_is_turned_away_from_is_in_no_ledger_no_summary_and_no_past(store: SqlStore) -> None:
    await told_elsewhere(store, "b", "ana")
    await answered(store, said("thanks", message_id="c"))
    seqs = [each.seq for each in (await store.ledger(TALK)).pieces]
    await cut(store, TALK, before=seqs[2], summary=summary(seqs[0], seqs[1]))
    before = await store.ledger(TALK)
    assert await store.turn_away(TALK)
    ledger = await store.ledger(TALK)
    assert (ledger.pieces, ledger.summary, ledger.audience) == ((), None, None)
    assert await store.past(TALK, before=ledger.cut_before, limit=100) == {}
    late: StoredSummary = summary(seqs[0], seqs[1], text="made before")
    assert not await store.save_summary(TALK, late, revision=before.revision)
    await answered(store, said("again", message_id="d"))
    later = await store.ledger(TALK)
    assert len(later.pieces) == 2
    await cut(store, TALK, before=later.pieces[-1].seq + 1)
    assert len(await store.past(TALK, before=later.pieces[-1].seq + 1, limit=100)) == 2


async def test_nothing_is_turned_away_from_where_nothing_was_said_elsewhere(store: SqlStore) -> None:
    await answered(store, said("hello", message_id="a"))
    before = await store.ledger(TALK)
    assert not await store.turn_away(TALK)
    assert await store.ledger(TALK) == before
    assert not await store.turn_away(Conversation(place=Place(platform="local", id="nowhere")))


async def test_a_thread_that_is_known_to_be_open_stays_so(store: SqlStore) -> None:
    thread = Place(platform="discord", id="7", kind=PlaceKind.THREAD, name="boats", guild="1", parent="5", open=True)
    closed = Place(platform="discord", id="8", kind=PlaceKind.THREAD, name="secret", guild="1", parent="5")
    await store.save_place(closed)
    await store.save_place(thread)
    await store.save_place(
        Place(platform="discord", id="7", kind=PlaceKind.THREAD, name="boats", guild="1", parent="5")
    )
    found = {each.id: each for each in await store.places("discord")}
    assert found["7"].room == "discord:5"
    assert found["8"].room == "discord:8"


async def test_a_thread_that_is_first_known_without_its_channel_is_open_once_that_is_known(store: SqlStore) -> None:
    thread = Place(platform="discord", id="7", kind=PlaceKind.THREAD, name="boats", guild="1", parent="5")
    await answered(store, said("hello", place=thread, message_id="x"))
    opened_since = Place(
        platform="discord", id="7", kind=PlaceKind.THREAD, name="boats", guild="1", parent="5", open=True
    )
    await answered(store, said("hello", place=opened_since, message_id="y"))
    (found,) = await store.places("discord")
    assert found.open
