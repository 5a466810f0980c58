"""What is left to people: one case of a place at a time, changed by whoever comes first, and gone with its words."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.storage.store import SqlStore
from bot.talk.delivery import Action, Delivery, DeliveryState, Shown
from bot.talk.digest import Told, text_of
from bot.talk.message import Addressed, Conversation, Message, Place, PlaceKind
from bot.talk.plan import Plan
from bot.talk.policy import Consent
from bot.talk.recurrence import Once
from bot.talk.support import Case, CaseState, note_of, told_again
from tests.contracts.secret import SECRET
from tests.fakes import ANA, BEN, START, said
from tests.storage.acts import shows
from tests.storage.homes import Home

THREAD = Place(platform="local", id="thread", kind=PlaceKind.THREAD, parent="help", open=True)
NOTES = Place(platform="local", id="notes", guild="marseille")
CLAIM = Action(id="case-claim:one", label="Claim")


def case(message: Message, name: str = "one") -> Case:
    return Case(
        id=name,
        place=THREAD,
        message=message.id,
        latest=message.id,
        asker=ANA.key,
        language="fr",
        reason=SECRET,
        opened_at=START,
    )


def planned(name: str = "one") -> Plan:
    return Plan(id=note_of(name), kind="case-note", recurrence=Once(at=START), due=START, payload={"case": name})


def more(message: Message) -> Told:
    return Told(text=f"again {message.id}", messages=frozenset({message.id}))


async def opened(store: SqlStore, *, note: bool = True) -> tuple[Case, Message]:
    message = said(SECRET, place=THREAD)
    await store.record(message, keep=True)
    found, _ = await store.open_case(case(message), plan=planned(), more=more(message))
    if note:
        told = (Told(text=SECRET, messages=frozenset({message.id})), Told(text="open"))
        delivery = Delivery(
            id=note_of("one"),
            conversation=Conversation(place=NOTES),
            text=text_of(told),
            told=told,
            actions=(CLAIM,),
        )
        await store.save_delivery(delivery, DeliveryState.READY, at=START)
        await store.save_shown(delivery.id, shows(delivery), DeliveryState.SENT)
    return found, message


async def is_sent(store: SqlStore) -> bool:
    """Whether the note is to be shown once more after that."""
    (note,) = await store.undelivered([note_of("one")])
    return await store.save_shown(note_of("one"), shows(note.delivery), DeliveryState.SENT)


def claimed(one: Case, by: str = BEN.key) -> Case:
    return replace(one, state=CaseState.CLAIMED, by=by, by_name="Ben", changed_at=START)


async def test_a_case_comes_back_as_it_was_opened_with_its_plan(store: SqlStore) -> None:
    one, _ = await opened(store)
    assert await store.case("one") == one
    assert await store.unsolved_case(THREAD) == one
    assert await store.plan(note_of("one")) is not None
    assert await store.case("two") is None


async def test_in_a_channel_each_asker_has_a_case_and_only_their_words_are_told_of(store: SqlStore) -> None:
    channel = Place(platform="local", id="help")
    ana, ben = said("Ana asks", place=channel), said("Ben asks", by=BEN, place=channel)
    for each in (ana, ben):
        await store.record(each, keep=True)
    one = replace(case(ana), place=channel)
    two = replace(case(ben, "two"), place=channel, asker=BEN.key)
    assert await store.open_case(one, plan=planned(), more=more(ana)) == (one, None)
    assert await store.open_case(two, plan=planned("two"), more=more(ben)) == (two, None)
    again = said("Ana asks again", place=channel)
    await store.record(again, keep=True)
    found, _ = await store.open_case(replace(case(again, "three"), place=channel), plan=planned("3"), more=more(again))
    assert (found.id, found.times) == ("one", 2)
    assert await store.unsolved_case(channel, BEN.key) == two
    assert [each.text for each in await store.case_talk(one, limit=9)] == ["Ana asks", "Ana asks again"]


async def test_a_place_has_one_case_that_is_not_solved_and_what_comes_meanwhile_is_added_to_its_note(
    store: SqlStore,
) -> None:
    await opened(store)
    second = said("still", place=THREAD)
    await store.record(second, keep=True)
    found, note = await store.open_case(case(second, "two"), plan=planned("two"), more=more(second))
    assert (found.id, found.times, found.latest) == ("one", 2, second.id)
    assert note is not None
    assert [each.text for each in note.delivery.told] == [SECRET, f"again {second.id}", "open"]
    assert note.shown.messages
    assert note.delivery.actions == (CLAIM,)
    assert await store.plan(note_of("two")) is None
    # the same question is counted once
    found, note = await store.open_case(case(second, "three"), plan=planned("three"), more=more(second))
    assert (found.times, note) == (2, None)


async def test_a_place_gets_one_case_where_several_are_opened_at_once(store: SqlStore) -> None:
    messages = [said("why", place=THREAD) for _ in range(5)]
    opening = (
        store.open_case(case(each, f"c{number}"), plan=planned(f"c{number}"), more=more(each))
        for number, each in enumerate(messages)
    )
    found = await asyncio.gather(*opening)
    assert len({each.id for each, _ in found}) == 1


async def test_a_question_that_comes_as_a_case_is_solved_belongs_to_a_case_that_there_is(store: SqlStore) -> None:
    known, message = await opened(store, note=False)
    for number in range(20):
        solved = replace(known, state=CaseState.SOLVED, changed_at=START)
        (again, _), _ = await asyncio.gather(
            store.open_case(
                case(said("why", place=THREAD), f"c{number}"), plan=planned(f"c{number}"), more=more(message)
            ),
            store.change_case(known, solved, line="solved", actions=()),
        )
        assert await store.case(again.id) is not None
        if again.id == known.id:
            again, _ = await store.open_case(
                case(said("why", place=THREAD), f"d{number}"), plan=planned(f"d{number}"), more=more(message)
            )
        known = again


async def test_whoever_changes_a_case_first_changes_it_with_its_note(store: SqlStore) -> None:
    one, _ = await opened(store)
    changing = (store.change_case(one, claimed(one, by), line="claimed", actions=()) for by in ("a:1", "a:2"))
    results = await asyncio.gather(*changing)
    (shown,) = [each for each in results if each is not None]
    (note,) = shown
    assert note.delivery.text == f"{SECRET}\nclaimed"
    assert note.delivery.actions == ()
    assert note.shown.messages
    now = await store.case("one")
    assert now is not None
    assert now.state is CaseState.CLAIMED


async def test_a_note_that_changes_while_it_is_being_sent_is_shown_once_more_by_whoever_sends_it(
    store: SqlStore,
) -> None:
    one, _ = await opened(store)
    seen = replace(one, state=CaseState.SEEN, changed_at=START)
    assert len(await store.change_case(one, seen, line="seen", actions=()) or ()) == 1
    assert await store.change_case(seen, claimed(one), line="claimed", actions=()) == ()
    assert await is_sent(store)
    (note,) = await store.undelivered([note_of("one")])
    assert note.delivery.text == f"{SECRET}\nclaimed"
    assert not await is_sent(store)
    assert not await store.undelivered([note_of("one")])


async def test_a_note_may_stand_there_from_its_first_send_on_until_it_is_known_where(store: SqlStore) -> None:
    one, _ = await opened(store, note=False)
    note = Delivery(id=note_of(one.id), conversation=Conversation(place=NOTES), text="note")
    other = replace(note, id="other")
    found: list[bool] = []
    for each in (other, note):
        await store.save_delivery(each, DeliveryState.READY, at=START)
        found.append(await store.note_may_stand(NOTES))
        await store.save_shown(each.id, Shown(since=START))
        found.append(await store.note_may_stand(NOTES))
    assert found == [False, False, False, True]
    assert not await store.note_may_stand(THREAD)
    await store.save_shown(note.id, shows(note))
    assert not await store.note_may_stand(NOTES)


async def test_staff_are_not_told_again_of_what_is_claimed_nor_at_all_of_what_is_solved(store: SqlStore) -> None:
    one, _ = await opened(store, note=False)
    again = replace(planned(), id=told_again("one"), kind="case-again")
    await store.save_plan(again)
    assert await store.change_case(one, claimed(one), line="", actions=()) == ()
    assert [each.id for each in await store.plans(limit=9)] == [note_of("one")]
    solved = replace(claimed(one), state=CaseState.SOLVED)
    word = Delivery(id="word", conversation=Conversation(place=THREAD), text="solved")
    shown = await store.change_case(claimed(one), solved, line="", actions=(), leaves=(word,))
    assert shown is not None
    assert [each.delivery.id for each in shown] == ["word"]
    assert not await store.plans(limit=9)
    assert await store.unsolved_case(THREAD) is None


async def test_a_deleted_question_takes_its_words_from_case_and_note(store: SqlStore, home: Home) -> None:
    _, message = await opened(store)
    gone = await store.delete_messages(THREAD, [message.id])
    assert gone.edited == {note_of("one")}
    assert SECRET not in await home.everything()
    assert await store.unsolved_case(THREAD) is not None


async def test_who_is_forgotten_leaves_neither_case_nor_words(store: SqlStore, home: Home) -> None:
    await opened(store)
    await store.forget(ANA.key)
    assert await store.case("one") is None
    assert SECRET not in await home.everything()


async def test_who_opts_out_leaves_no_words_in_it(store: SqlStore) -> None:
    await opened(store)
    await store.save_consent(ANA.key, Consent(opted_out=True))
    now = await store.case("one")
    assert now is not None
    assert now.reason == ""


async def test_staff_who_are_forgotten_leave_no_name(store: SqlStore, home: Home) -> None:
    one, _ = await opened(store)
    await store.change_case(one, replace(claimed(one), by_name="Benedict"), line="by Benedict", actions=())
    await is_sent(store)
    gone = await store.forget(BEN.key)
    assert gone.edited == {note_of("one")}
    assert "Benedict" not in await home.everything()


async def test_a_case_goes_with_its_place(store: SqlStore) -> None:
    await opened(store)
    await store.forget_place(replace(THREAD, kind=PlaceKind.CHANNEL, id="help", parent=None))
    assert await store.case("one") is None


async def test_an_old_case_goes_when_it_is_solved(store: SqlStore) -> None:
    one, _ = await opened(store, note=False)
    later = START + timedelta(days=400)
    await store.expire(now=later, default_days=30)
    assert await store.case("one") is not None
    solved = replace(claimed(one), state=CaseState.SOLVED)
    await store.change_case(replace(one, reason=""), solved, line="", actions=())
    await store.expire(now=later, default_days=30)
    assert await store.case("one") is None


async def test_a_note_is_made_of_what_was_said_to_all(store: SqlStore) -> None:
    one, message = await opened(store)
    await store.record(said("kept", by=BEN, place=THREAD), keep=True)
    await store.record(said("not kept", by=BEN, place=THREAD), keep=False)
    await store.record(replace(said("private", place=THREAD), only=ANA.key), keep=True)
    talk = await store.case_talk(one, limit=5)
    assert [each.text for each in talk] == [message.text, "kept"]


async def test_the_doctor_says_what_nobody_has_claimed_although_staff_were_told_again(store: SqlStore) -> None:
    one, _ = await opened(store, note=False)
    assert "support" not in {each.topic for each in await store.examine()}
    for _ in range(2):
        await store.note_escalation("one", 1)
    (found,) = [each for each in await store.examine() if each.topic == "support"]
    assert "Nobody has claimed 1 " in found.found
    await store.change_case(replace(one, escalated=1), claimed(one), line="", actions=())
    assert "support" not in {each.topic for each in await store.examine()}


async def test_the_reason_goes_with_any_part_of_the_question(store: SqlStore) -> None:
    first, last = (said(each, place=THREAD, message_id=each, addressed=Addressed.SUPPORT) for each in ("1", "2"))
    for message in (first, last):
        await store.record(message, keep=True)
    await store.join(last, ["1"])
    await store.open_case(case(last), plan=planned(), more=more(last))
    await store.delete_messages(THREAD, ["1"])
    found = await store.case("one")
    assert found is not None
    assert found.reason == ""
