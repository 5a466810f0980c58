"""What may not be kept is erased with its answer, from any row of any table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.storage.store import SqlStore
from bot.talk.delivery import DeliveryState
from bot.talk.message import Addressed
from bot.talk.policy import Consent
from bot.talk.turn import Question, TurnState
from tests.contracts.scene import TALK
from tests.contracts.secret import SECRET, file
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.storage.acts import answered, close, line, opened, picture, shows
from tests.storage.homes import Home


@pytest.mark.parametrize("state", [TurnState.DONE, TurnState.STOPPED, TurnState.FAILED])
async def test_a_question_that_is_not_kept_is_erased_with_its_answer(
    store: SqlStore, home: Home, state: TurnState
) -> None:
    message = said(SECRET, by=replace(ANA, name=SECRET), attachments=await file(store, "u"))
    await store.save_image(picture("p"), SECRET.encode())
    turn = await opened(store, message, keep=False)
    delivery = await close(
        store, turn, message, text=f"about {SECRET}", lines=[line(message, picture("p"))], state=state
    )
    # Until it is shown, the answer itself has to stay.
    assert [one.delivery.text for one in await store.undelivered()] == [f"about {SECRET}"]
    await store.save_shown(delivery.id, shows(delivery), DeliveryState.SENT)
    assert SECRET not in await home.everything()
    assert (await store.ledger(TALK)).pieces == ()
    assert not await store.record(message, keep=True)
    assert await store.open_turn(message, at=START) is None
    assert await store.entries(GENERAL, limit=9) == ()


async def test_a_line_that_is_neither_kept_nor_for_us_leaves_no_words_at_all(store: SqlStore, home: Home) -> None:
    message = said(SECRET, addressed=Addressed.NO, attachments=await file(store, "u"))
    assert await store.record(message, keep=False)
    assert not await store.record(message, keep=False)
    assert SECRET not in await home.everything()


async def test_who_has_opted_out_is_not_kept_even_where_the_caller_says_so(store: SqlStore, home: Home) -> None:
    await store.save_consent(ANA.key, Consent(opted_out=True))
    await store.record(said(SECRET, addressed=Addressed.NO), keep=True)
    await answered(store, said(SECRET))
    assert SECRET not in await home.everything()


async def test_who_opts_out_while_being_answered_leaves_nothing_of_the_turn(store: SqlStore, home: Home) -> None:
    message = said(SECRET)
    turn = await opened(store, message)
    await store.save_consent(ANA.key, Consent(opted_out=True))
    delivery = await close(store, turn, message, text=SECRET)
    await store.save_shown(delivery.id, shows(delivery), DeliveryState.SENT)
    assert SECRET not in await home.everything()


async def test_lines_of_somebody_who_opted_out_meanwhile_are_left_out_of_the_turn(store: SqlStore, home: Home) -> None:
    aside = said("an aside", by=BEN, addressed=Addressed.NO)
    await store.record(aside, keep=True)
    message = said("well?")
    turn = await opened(store, message)
    await store.save_consent(BEN.key, Consent(opted_out=True))
    await close(store, turn, message, lines=[line(aside), line(message)])
    first = (await store.ledger(TALK)).pieces[0]
    assert first.piece is None
    assert (await store.parts(TALK, [first.seq]))[first.seq] == Question(lines=(line(message),))


async def test_an_edit_after_opting_out_is_not_kept(store: SqlStore, home: Home) -> None:
    message = said("plain", addressed=Addressed.NO)
    await store.record(message, keep=True)
    await store.save_consent(ANA.key, Consent(opted_out=True))
    await store.revise(replace(message, text=SECRET))
    assert SECRET not in await home.everything()
