"""What waits for a person, and the rules of tools: decided once, and gone with what they were about."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage.store import SqlStore
from bot.talk.approval import Request, RequestState, ToolRule
from bot.talk.delivery import Action, DeliveryState
from bot.talk.message import Addressed, Conversation, Message
from bot.talk.policy import Consent
from bot.talk.record import Incoming
from bot.talk.turn import Call, TurnState
from tests.contracts.scene import after
from tests.contracts.secret import SECRET
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.storage.acts import HARBOUR, close, final, opened, reply, shows
from tests.storage.homes import Home

PRIVATELY = Action(id="privately:1", label="Privately")


def request(turn: str, message: Message, name: str = "r1", *, until: int = 1800, arguments: str = SECRET) -> Request:
    return Request(
        id=name,
        turn=turn,
        conversation=message.conversation,
        asker=message.author.key,
        call=Call(id="c1", name="note", arguments=arguments),
        until=START + timedelta(seconds=until),
        server="harbour",
        definition="d1",
    )


def buttons(*requests: Request) -> tuple[Action, ...]:
    return tuple(Action(id=each, label=each) for one in requests for each in one.action_ids)


async def waiting(
    store: SqlStore, message: Message, *names: str, keep: bool = True, show: bool = True
) -> list[Request]:
    """A question whose shown answer asks for this."""
    turn = await opened(store, message, keep=keep)
    asked = [request(turn.id, message, name) for name in names or ("r1",)]
    delivery = replace(final(turn, message, "May I?"), actions=(*buttons(*asked), PRIVATELY))
    parts = (reply("May I?"),)
    await store.close_turn(
        turn.id, state=TurnState.DONE, delivery=delivery, parts=parts, requests=asked, at=message.sent_at
    )
    if show:
        await store.save_shown(delivery.id, shows(delivery), DeliveryState.SENT)
    return asked


def made(message: Message, one: Request, *, only: str | None = None) -> Message:
    return replace(
        message,
        id=f"allow:{one.id}",
        text="",
        addressed=Addressed.ALLOWED,
        reply_to=message.id,
        only=only,
        sent_at=after(9),
    )


async def test_a_request_comes_back_as_it_was_asked(store: SqlStore) -> None:
    message = said("one", place=HARBOUR)
    (asked,) = await waiting(store, message)
    assert await store.request("r1") == replace(asked, conversation=Conversation(place=HARBOUR))
    assert await store.request("unknown") is None


async def test_whoever_decides_first_decides_and_only_their_buttons_go(store: SqlStore) -> None:
    message = said("one")
    first, second = await waiting(store, message, "r1", "r2")
    settled = await asyncio.gather(
        *(store.settle_request("r1", state) for state in (RequestState.REFUSED, RequestState.EXPIRED) * 3)
    )
    (ours,) = [each for each in settled if each and each.ours]
    assert {each.now for each in settled if each} == {ours.now}
    assert ours.outgoing is not None
    assert ours.outgoing.delivery.actions == (*buttons(second), PRIVATELY)
    assert ours.outgoing.state is DeliveryState.READY
    assert await store.undelivered() == (ours.outgoing,)
    assert await store.request("r2") == second
    decided = await store.request(first.id)
    assert decided is not None
    assert (decided.state, decided.call.arguments) == (ours.now, "")
    assert await store.settle_request("unknown", RequestState.REFUSED) is None


async def test_what_is_allowed_leaves_a_question_of_our_own_in_the_inbox(store: SqlStore) -> None:
    message = said("one")
    (asked,) = await waiting(store, message)
    ours = made(message, asked)
    allowed = await asyncio.gather(
        *(store.settle_request("r1", RequestState.ALLOWED, follows=Incoming(message=ours, keep=True)) for _ in range(3))
    )
    assert sum(each is not None and each.ours for each in allowed) == 1
    assert await store.waiting(since=START) == (ours,)
    turn = await store.open_turn(ours, at=after(9))
    assert turn is not None
    assert [await store.begin_request("r1") for _ in range(2)] == [True, False]
    await close(store, turn, ours)
    assert await store.waiting(since=START) == ()


async def test_who_decided_and_when_is_kept_of_the_first_to_decide(store: SqlStore, home: Home) -> None:
    await waiting(store, said("one"), "r1", "r2")
    home.clock.jump(60)
    await store.settle_request("r1", RequestState.REFUSED, by=BEN.key)
    await store.settle_request("r1", RequestState.REFUSED, by=ANA.key)
    await store.settle_request("r2", RequestState.EXPIRED)
    decided = [await store.request(name) for name in ("r1", "r2")]
    assert [(each.decided_by, each.decided_at) for each in decided if each] == [(BEN.key, after(60)), (None, after(60))]


async def test_nothing_is_left_of_a_moderator_who_wants_nothing_kept_or_is_forgotten(
    store: SqlStore, home: Home
) -> None:
    cleo = replace(ANA, id="cleo", name="Cleo")
    await store.save_consent(cleo.key, Consent(opted_out=True))
    await waiting(store, said("one"), "r1", "r2")
    await store.settle_request("r1", RequestState.REFUSED, by=BEN.key)
    await store.settle_request("r2", RequestState.REFUSED, by=cleo.key)
    await store.forget(BEN.key)
    assert BEN.key not in await home.everything()
    for name in ("r1", "r2"):
        decided = await store.request(name)
        assert decided is not None
        assert (decided.state, decided.decided_by) == (RequestState.REFUSED, None)


async def test_nothing_is_begun_that_nobody_allowed(store: SqlStore) -> None:
    await waiting(store, said("one"))
    assert not await store.begin_request("r1")
    await store.settle_request("r1", RequestState.REFUSED)
    assert not await store.begin_request("r1")


async def test_what_an_unkept_or_failed_turn_asked_for_is_not_written_down(store: SqlStore, home: Home) -> None:
    await waiting(store, said("one"), "r1", keep=False)
    assert await store.request("r1") is None
    assert SECRET not in await home.everything()


async def test_those_whose_time_is_over_are_named_the_oldest_first(store: SqlStore) -> None:
    message, turn = said("one"), None
    turn = await opened(store, message)
    asked = [request(turn.id, message, f"r{n}", until=n) for n in (3, 1, 2, 9)]
    await store.close_turn(
        turn.id, state=TurnState.DONE, delivery=final(turn, message, "?"), requests=asked, at=message.sent_at
    )
    await store.settle_request("r2", RequestState.REFUSED)
    assert await store.lapsed_requests(now=after(5), limit=9) == ("r1", "r3")
    assert await store.lapsed_requests(now=after(5), limit=1) == ("r1",)


@pytest.mark.parametrize("gone", ["message", "person", "place", "guild", "retention"])
async def test_a_request_goes_with_what_it_was_about(store: SqlStore, home: Home, gone: str) -> None:
    message = said("one", place=HARBOUR)
    (asked, _) = await waiting(store, message, "r1", "r2")
    ours = made(message, asked)
    await store.settle_request("r1", RequestState.ALLOWED, follows=Incoming(message=ours, keep=True))
    turn = await store.open_turn(ours, at=after(9))
    assert turn is not None
    await close(store, turn, ours, text=SECRET)
    match gone:
        case "message":
            await store.delete_messages(HARBOUR, [message.id])
        case "person":
            await store.forget(ANA.key)
        case "place":
            await store.forget_place(HARBOUR)
        case "guild":
            await store.forget_guild("local", "marseille")
        case _:
            await store.expire(now=START + timedelta(days=91), default_days=90)
    assert [await store.request(name) for name in ("r1", "r2")] == [None, None]
    assert await store.waiting(since=START) == ()
    delivery = final(turn, ours, SECRET)
    await store.save_shown(delivery.id, shows(delivery), DeliveryState.SENT)
    assert SECRET not in await home.everything()


async def test_a_private_question_keeps_who_reads_its_answer(store: SqlStore) -> None:
    message = said("one")
    await waiting(store, message)
    ours = replace(message, id="privately:1", addressed=Addressed.PRIVATELY, reply_to=message.id, only=ANA.key)
    assert await store.record(ours, keep=True)
    assert await store.waiting(since=START) == (ours,)
    turn = await store.open_turn(ours, at=after(1), handle="h/1")
    assert turn is not None
    again = await store.open_turn(ours, at=after(2))
    assert again is not None
    assert (again.id, again.handle) == (turn.id, "h/1")
    assert [each.id for each in await store.late(before=after(99))] == [ours.id]


async def test_what_was_made_of_presses_is_neither_overheard_nor_seen_nor_missed(store: SqlStore) -> None:
    message = said("one")
    (asked,) = await waiting(store, message)
    ours = made(message, asked)
    await store.record(ours, keep=True)
    turn = await store.open_turn(ours, at=after(9))
    assert turn is not None
    await close(store, turn, ours, state=TurnState.FAILED)
    question = said("two", at=after(20))
    await store.record(question, keep=True)
    heard = await store.overheard(Conversation(place=GENERAL), before=question, limit=9)
    assert [each.id for each in heard] == []
    seen = [each.message.id for each in await store.entries(GENERAL, limit=9) if each.message]
    assert seen == [message.id, question.id]
    known = await store.recent("local", since=after(-99), limit=9)
    assert {each.message for each in known} == {message.id, question.id}


# rules


async def test_rules_are_kept_changed_and_taken_back(store: SqlStore) -> None:
    here = ToolRule(tool="web", allowed=False, place=HARBOUR.key)
    everywhere = ToolRule(tool="web", allowed=True, guild="local:marseille")
    crew = replace(everywhere, role="7", allowed=False)
    for rule in (here, everywhere, crew):
        await store.save_tool_rule(rule)
    assert set(await store.tool_rules()) == {here, everywhere, crew}
    await store.save_tool_rule(replace(here, allowed=True))
    await store.remove_tool_rule(crew)
    assert set(await store.tool_rules()) == {replace(here, allowed=True), everywhere}


async def test_rules_go_with_the_server_or_the_place_and_stay_when_a_place_is_only_emptied(store: SqlStore) -> None:
    here = ToolRule(tool="web", allowed=False, place=HARBOUR.key)
    everywhere = ToolRule(tool="web", allowed=True, guild="local:marseille")
    other = ToolRule(tool="web", allowed=True, guild="local:toulon")
    for rule in (here, everywhere, other):
        await store.save_tool_rule(rule)
    await store.save_place(HARBOUR)
    await store.forget_place(HARBOUR, rules=True)
    assert set(await store.tool_rules()) == {here, everywhere, other}
    await store.forget_place(HARBOUR)
    assert set(await store.tool_rules()) == {everywhere, other}
    await store.save_tool_rule(here)
    await store.save_place(HARBOUR)
    await store.forget_guild("local", "marseille")
    assert await store.tool_rules() == (other,)
