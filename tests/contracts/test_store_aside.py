"""What a turn is told beside its question comes in one read, by the rules of the place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.storage.store import SqlStore
from bot.talk.message import Addressed, PlaceKind
from bot.talk.policy import Ambient, Policy
from bot.talk.record import Aside
from tests.contracts.scene import ROOM, after
from tests.fakes import BEN, said
from tests.storage.acts import answered, opened

CHATTER = said("the tide is low", by=BEN, addressed=Addressed.NO)


async def aside(store: SqlStore, *, ambient: Ambient = Ambient.ON) -> Aside:
    """Of a question that is asked now."""
    asked = said("and now?")
    turn = await opened(store, asked)
    return await store.aside(asked, turn=turn.id, ambient=ambient, overheard=9, changed=9)


async def test_it_tells_the_question_what_was_overheard_and_which_words_have_changed(store: SqlStore) -> None:
    first = said("which port?")
    await answered(store, first)
    await store.record(CHATTER, keep=True)
    edited = replace(first, text="which mooring?", edited_at=after(5))
    await store.revise(edited)
    told = await aside(store)
    assert told.asked is not None
    assert told.asked.text == "and now?"
    assert told.overheard == (CHATTER,)
    assert told.changed == (edited,)


@pytest.mark.parametrize(
    ("own", "by_default", "heard"),
    [
        (None, Ambient.ON, True),
        (None, Ambient.OFF, False),
        (None, Ambient.SINCE, False),  # there was no turn yet
        (Ambient.OFF, Ambient.ON, False),
        (Ambient.ON, Ambient.OFF, True),
    ],
)
async def test_a_place_has_its_own_rule_or_follows_the_operators(
    store: SqlStore, own: Ambient | None, by_default: Ambient, heard: bool
) -> None:
    await store.save_policy(ROOM, Policy(ambient=own))
    await store.record(CHATTER, keep=True)
    told = await aside(store, ambient=by_default)
    assert told.overheard == ((CHATTER,) if heard else ())
    assert told.rules.ambient is own


async def test_a_thread_follows_its_channel(store: SqlStore) -> None:
    thread = replace(ROOM, id="thread", kind=PlaceKind.THREAD, parent=ROOM.id)
    await store.save_policy(ROOM, Policy(ambient=Ambient.OFF, ambient_tokens=7))
    await store.record(replace(CHATTER, place=thread), keep=True)
    asked = said("and here?", place=thread)
    turn = await opened(store, asked)
    told = await store.aside(asked, turn=turn.id, ambient=Ambient.ON, overheard=9, changed=9)
    assert told.overheard == ()
    assert told.rules.ambient_tokens == 7
