"""A person, a place or a guild is forgotten, and nothing of it is left in any row of any table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.storage.store import SqlStore
from bot.talk.delivery import Action, Delivery, DeliveryState
from bot.talk.message import Addressed, Conversation, Person, Place, PlaceKind, Quote, QuoteKind
from bot.talk.policy import Consent, Forgotten, Keep, Policy
from bot.talk.turn import TurnState
from tests.contracts.scene import TALK
from tests.contracts.secret import SECRET, file, quoting
from tests.fakes import ANA, BEN, GENERAL, START, said
from tests.storage.acts import HARBOUR, answered, close, correcting, cut, line, opened, picture, piece, summary
from tests.storage.homes import Home


async def test_forgetting_a_person_reaches_everything_and_counts_it(store: SqlStore, home: Home) -> None:
    await store.save_image(picture("p"), SECRET.encode())
    ana = replace(ANA, name=SECRET)
    await answered(store, said(SECRET, by=ana), text=SECRET)
    aside = said(SECRET, by=ana, addressed=Addressed.NO, attachments=await file(store, "u"))
    await store.record(aside, keep=True)
    question = said("Ben asks", by=BEN, reply_to=aside.id, quotes=quoting(SECRET, aside.id))
    await answered(store, question, lines=[line(aside, picture("p")), line(question)])
    open_turn = await opened(store, said(SECRET, by=ana))
    private = Conversation(place=GENERAL, only=ANA.key)
    await store.save_head(private, piece("head"), fingerprint="f")
    secret = Delivery(id="d", conversation=private, text=SECRET, actions=(Action(id="a", label=SECRET),), handle=SECRET)
    await store.save_delivery(secret, DeliveryState.READY, at=START)

    assert await store.forget(ANA.key) == Forgotten(messages=3, turns=2, images=1)
    assert await store.forget(ANA.key) == Forgotten()
    found = await home.everything()
    assert SECRET not in found
    assert ANA.key not in found
    assert [one.delivery.id for one in await store.undelivered()] == [open_turn.delivery_id]
    assert [one.message.text for one in await store.entries(GENERAL, limit=9) if one.message] == ["Ben asks"]


async def test_an_opt_out_outlives_being_forgotten(store: SqlStore) -> None:
    await store.save_consent(ANA.key, Consent(opted_out=True))
    await store.forget(ANA.key)
    assert await store.consent(ANA.key) == Consent(opted_out=True)


async def test_a_replay_of_a_forgotten_message_is_known_for_a_while(store: SqlStore, home: Home) -> None:
    message = said(SECRET)
    await answered(store, message)
    await store.forget(ANA.key)
    assert not await store.record(message, keep=True)
    await home.clock.advance(timedelta(days=9).total_seconds())
    await store.expire(now=home.clock.now(), default_days=3650)
    assert await home.rows("messages") == 0
    assert await home.rows("turns") == 0


async def test_a_person_whose_key_begins_like_anothers_is_not_forgotten_with_them(store: SqlStore) -> None:
    await answered(store, said("Ana says", by=replace(ANA, id="an")))
    assert await store.forget("local:a") == Forgotten()
    assert len((await store.ledger(TALK)).pieces) == 2


async def test_a_place_goes_with_its_threads_and_nothing_else(store: SqlStore, home: Home) -> None:
    await store.save_image(picture("p"), SECRET.encode())
    thread = Place(platform="local", id="t", kind=PlaceKind.THREAD, parent=GENERAL.id)
    sibling = Place(platform="local", id="s", kind=PlaceKind.CHANNEL, parent=GENERAL.id)
    for place in (GENERAL, thread):
        message = said(SECRET, place=place, attachments=await file(store, place.id))
        await answered(store, message, text=SECRET, lines=[line(message, picture("p"))])
    running = said(SECRET, place=thread)
    turn = await opened(store, running)
    await answered(store, said("stays", place=sibling))
    await store.save_policy(GENERAL, Policy(keep=Keep.ALWAYS))
    assert await store.forget_place(GENERAL) == Forgotten(messages=3, turns=3, images=1)
    await close(store, turn, running, text=SECRET)
    assert SECRET not in await home.everything()
    assert await store.places("local") == (sibling,)
    assert await store.policy(GENERAL) == Policy()
    assert len((await store.ledger(Conversation(place=sibling))).pieces) == 2


async def test_a_place_can_be_forgotten_without_what_was_decided_there_and_in_its_threads(
    store: SqlStore, home: Home
) -> None:
    def thread(name: str) -> Place:
        return Place(platform="local", id=name, kind=PlaceKind.THREAD, name=SECRET, parent=GENERAL.id)

    kept = Policy(keep=Keep.ALWAYS, retention_days=3)
    for place, policy in ((GENERAL, kept), (thread("ruled"), Policy(keep=Keep.NEVER)), (thread("plain"), Policy())):
        await answered(store, said(SECRET, place=place))
        await store.save_policy(place, replace(policy, since=START, announced=True))
    assert await store.forget_place(GENERAL, rules=True) == Forgotten(messages=3, turns=3)
    assert SECRET not in await home.everything()
    assert await store.policy(GENERAL) == kept
    assert await store.policy(thread("ruled")) == Policy(keep=Keep.NEVER)
    assert await store.policy(thread("plain")) == Policy()
    assert GENERAL in await store.places("local")


async def test_a_guild_goes_with_all_its_places(store: SqlStore, home: Home) -> None:
    await answered(store, said(SECRET, place=HARBOUR), text=SECRET)
    await answered(store, said(SECRET, place=replace(HARBOUR, id="pier")), text=SECRET)
    await answered(store, said("stays"))
    assert await store.forget_guild("discord", "marseille") == Forgotten()
    assert await store.forget_guild("local", "marseille") == Forgotten(messages=2, turns=2)
    assert SECRET not in await home.everything()
    assert await store.places("local") == (GENERAL,)


# whatever happened before, nothing is left

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["say", "ask", "ask-open", "ask-unkept", "fail", "reply", "overhear", "edit", "early", "cut", "tell"]
        ),
        st.booleans(),
    ),
    min_size=1,
    max_size=9,
)

_runs = iter(range(1_000_000))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
async def test_after_forgetting_a_person_no_row_anywhere_has_a_word_of_theirs(
    store: SqlStore, home: Home, steps: list[tuple[str, bool]]
) -> None:
    run = next(_runs)
    word = f"periwinkle{run}x"
    place = Place(platform="local", id=f"p{run}")
    ana = Person(platform="local", id=f"a{run}", name=word)
    heard = [said(word, by=ana, place=place, addressed=Addressed.NO, message_id=f"{run}-first")]
    await store.record(heard[0], keep=True)
    for n, (step, hers) in enumerate(steps):
        text = f"{word} {n}" if hers else f"plain {n}"
        message = said(text, by=ana if hers else BEN, place=place, message_id=f"{run}-{n}")
        if step in ("say", "overhear"):
            quiet = replace(message, addressed=Addressed.NO)
            await store.record(quiet, keep=True)
            heard.append(quiet)
        elif step == "reply":
            to = heard[-1]
            quote = Quote(kind=QuoteKind.REPLIED, author=to.author.name, text=to.text)
            await store.record(replace(message, reply_to=to.id, quotes=(quote,)), keep=True)
        elif step == "edit":
            await store.revise(replace(heard[0], text=f"{word} edited {n}"))
        elif step == "cut":
            # A summary may hold any word of the pieces that it was made from.
            past = (await store.ledger(message.conversation)).pieces
            if past:
                parts = await store.parts(message.conversation, [one.seq for one in past])
                told = summary(past[0].seq, past[-1].seq, text=word if word in repr(parts) else "plain")
                await cut(store, message.conversation, before=past[len(past) // 2].seq, summary=told)
        elif step == "tell":
            lines = [correcting(one) for one in await store.corrections(message.conversation, limit=9)]
            await answered(store, message, text="plain" if not hers else text, lines=[*lines, line(message)])
        elif step in ("ask-open", "early"):
            turn = await opened(store, message)
            if step == "early":
                view = Delivery(id=turn.delivery_id, conversation=message.conversation, text=text, final=False)
                await store.save_delivery(view, DeliveryState.OPEN, at=START)
        elif step == "fail":
            await close(store, await opened(store, message), message, text="sorry", state=TurnState.FAILED)
        else:
            # What the model says in somebody else's turn is not a word of theirs: it stays.
            lines = [*(line(one) for one in heard[-3:]), line(message)]
            answer = text if hers else "plain"
            await answered(store, message, text=answer, lines=lines, keep=step == "ask")
    await store.forget(ana.key)
    found = await home.everything()
    assert word not in found
    assert ana.key not in found
