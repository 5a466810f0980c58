"""The small parts: markup, the inbox, what is declared, what is redacted."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import DatabaseUnusable
from bot.platforms.discord.commands import declared
from bot.platforms.discord.inbox import Inbox
from bot.platforms.discord.insist import Insistence
from bot.platforms.discord.quiet import quiet_library
from bot.platforms.discord.render import buttons, nonce, render
from bot.platforms.discord.split import LIMIT
from bot.platforms.discord.text import Names, Ours, readable
from bot.talk.command import Argument, Command, Who
from bot.talk.delivery import Action
from bot.talk.event import Deleted, Event, Left, Pressed
from bot.talk.message import Person, Place
from bot.talk.units import units
from tests.platforms.discord.bench import Counts, Ears, QuickClock, delivery

HERE = Place(platform="discord", id="1")
OURS = Ours(user=1, role=2)
NAMES = Names(user={1: "Calanque", 3: "Ada"}.get, role={2: "Calanque", 4: "crew"}.get, channel={5: "quay"}.get)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<@1> hello", "hello"),
        ("<@!1>, hello", "hello"),
        ("<@&2> hello", "hello"),
        ("hello <@1>", "hello"),
        ("<@1> <@1>", ""),
        ("hey <@1> hello", "hey @Calanque hello"),
        ("<@3> and <@&4> in <#5>", "@Ada and @crew in #quay"),
        ("<@99> <@&99> <#99>", "@unknown @unknown #unknown"),
        ("<a:dance:123> <:wave:4>", ":dance: :wave:"),
        ("</privacy keep:123>", "/privacy keep"),
        ("<t:1700000000:R> <t:1700000000>", "2023-11-14 22:13 UTC 2023-11-14 22:13 UTC"),
        ("<t:9999999999999>", "<t:9999999999999>"),
        ("a < b > c <@> <#x> <3", "a < b > c <@> <#x> <3"),
    ],
)
def test_markup_reads_as_people_see_it(content: str, text: str) -> None:
    assert readable(content, NAMES, OURS) == text


@given(st.text(st.sampled_from("<@!&#:t/123> a"), max_size=60))
def test_odd_markup_never_fails_and_text_without_brackets_stays(content: str) -> None:
    readable(content, NAMES, OURS)
    plain = content.replace("<", "")
    assert readable(plain, NAMES, OURS) == plain.strip()


@given(st.text(max_size=5000), st.text(max_size=400), st.booleans())
def test_every_rendered_message_fits_and_has_a_digest_of_its_own(text: str, lead: str, final: bool) -> None:
    wanted = render(delivery(HERE, text, lead=lead, final=final), waiting="Thinking …")
    assert all(0 < units(message.content) <= LIMIT for message in wanted)
    assert wanted or (final and not text.strip())
    assert render(delivery(HERE, text, lead=lead, final=final), waiting="Thinking …") == wanted


def test_nonces_differ_by_delivery_place_part_and_revision_and_fit() -> None:
    nonces = {
        nonce(name, place, index, gone) for name in "ab" for place in "12" for index in range(3) for gone in (0, 1)
    }
    assert len(nonces) == 24
    assert all(len(each) <= 25 for each in nonces)


def test_buttons_stand_in_rows_of_five_and_end_at_twenty_five() -> None:
    rows = buttons([Action(id=str(number), label="x", danger=number == 0) for number in range(40)])
    assert [len(row["components"]) for row in rows] == [5] * 5
    assert rows[0]["components"][0]["style"] == 4


def test_a_moderators_command_is_offered_to_moderators_and_choices_are_offered_as_choices() -> None:
    argument = Argument(name="keep", description="How", choices=("always", "never"))
    payload = declared(Command(name="policy", description="Rules", arguments=(argument,), who=Who.MODERATOR))
    assert payload["default_member_permissions"] == str(1 << 13)
    assert payload["options"][0]["choices"] == [
        {"name": "always", "value": "always"},
        {"name": "never", "value": "never"},
    ]


async def test_the_inbox_keeps_order_in_a_channel_and_lets_other_channels_pass() -> None:
    ears = Ears()
    stuck, free = asyncio.Event(), asyncio.Event()

    async def slow() -> Event:
        await stuck.wait()
        return press("slow")

    async def quick(name: str) -> Event:
        return press(name)

    async def other() -> Event:
        free.set()
        return press("other")

    inbox = Inbox(ears.hear, Counts(), Insistence(QuickClock(), Counts()), lanes=2)
    running = asyncio.create_task(inbox.run())
    inbox.put(0, slow)
    for number in range(3):
        inbox.put(0, lambda name=str(number): quick(name))
    for key in range(1, 20):
        inbox.put(key, other)
    await asyncio.wait_for(free.wait(), 30)
    assert not any(isinstance(event, Pressed) and event.action in {"0", "1", "2"} for event in ears.heard)
    stuck.set()
    assert await inbox.drained(5)
    names = [event.action for event in ears.all(Pressed) if event.action != "other"]
    assert names == ["slow", "0", "1", "2"]
    running.cancel()
    await asyncio.wait({running})


def press(name: str) -> Pressed:
    return Pressed(
        action=name,
        person=Person(platform="discord", id="7", name="Ana"),
        place=HERE,
        at=datetime.fromtimestamp(0, UTC),
    )


async def test_a_full_inbox_makes_the_gateway_wait_counts_it_and_goes_on_when_there_is_room() -> None:
    ears, counts = Ears(), Counts()
    ears.open.clear()
    inbox = Inbox(ears.hear, counts, Insistence(QuickClock(), Counts()), limit=3)

    async def event() -> Event:
        return press("x")

    running = asyncio.create_task(inbox.run())
    await inbox.room()
    for _ in range(3):
        inbox.put(1, event)
    waiting = asyncio.create_task(inbox.room())
    await ears.asked.wait()
    assert not waiting.done()
    ears.open.set()
    await asyncio.wait_for(waiting, 30)
    assert counts.of["discord_inbox_full_total"] == 1
    assert await inbox.drained(5)
    running.cancel()
    await asyncio.wait({running})


async def test_an_event_that_cannot_be_taken_does_not_stop_the_next_ones(caplog: pytest.LogCaptureFixture) -> None:
    counts = Counts()
    heard: list[Event] = []

    async def hear(event: Event) -> None:
        if isinstance(event, Pressed) and event.action == "bad":
            raise DatabaseUnusable("the disk is full")
        heard.append(event)

    async def bad() -> Event:
        return press("bad")

    async def worse() -> Event:
        raise ZeroDivisionError

    async def good() -> Event:
        return press("good")

    inbox = Inbox(hear, counts, Insistence(QuickClock(), Counts()))
    running = asyncio.create_task(inbox.run())
    for arrival in (bad, worse, good):
        inbox.put(1, arrival)
    assert await inbox.drained(5)
    assert heard == [press("good")]
    assert counts.of["discord_events_failed_total"] == 2
    assert "the disk is full" in caplog.text
    running.cancel()
    await asyncio.wait({running})


@pytest.mark.parametrize("event", [Deleted(place=HERE, message_ids=("1",)), Left(platform="discord", guild="1")])
async def test_a_deletion_is_told_again_until_it_is_taken_even_over_a_lost_connection(event: Deleted | Left) -> None:
    heard: list[Event] = []
    tries, taken, counts, clock = 0, asyncio.Event(), Counts(), QuickClock()
    lost = asyncio.Event()

    async def hear(event: Event) -> None:
        nonlocal tries
        tries += 1
        if tries == 3:
            lost.set()
            await asyncio.Event().wait()
        if tries < 7:
            raise DatabaseUnusable("locked")
        heard.append(event)
        taken.set()

    async def arrival() -> Event:
        return event

    insistence = Insistence(clock, counts)
    inbox = Inbox(hear, counts, insistence)
    running = asyncio.create_task(inbox.run())
    inbox.put(1, arrival)
    async with asyncio.timeout(30):
        await lost.wait()
    running.cancel()
    await asyncio.wait({running})
    assert insistence.waiting == 1
    running = asyncio.create_task(Inbox(hear, counts, insistence).run())
    async with asyncio.timeout(30):
        await taken.wait()
    running.cancel()
    await asyncio.wait({running})
    assert heard == [event]
    assert insistence.waiting == 0
    assert clock.slept == [1.0, 2.0, 1.0, 2.0, 5.0, 15.0]
    assert counts.of["discord_events_failed_total"] == counts.of["discord_deletions_lost_total"] == 0


async def test_of_too_many_deletions_that_wait_the_later_ones_are_given_up_aloud(
    caplog: pytest.LogCaptureFixture,
) -> None:
    counts = Counts()
    insistence = Insistence(QuickClock(), counts, limit=2)
    for number in range(3):
        insistence.put(Deleted(place=HERE, message_ids=(str(number),)))
    assert insistence.waiting == 2
    assert counts.of["discord_deletions_lost_total"] == 1
    assert "could not be carried out here, and 2 others wait already" in caplog.text


async def test_draining_ends_at_its_limit() -> None:
    async def event() -> Event:
        return press("x")

    inbox = Inbox(Ears().hear, Counts(), Insistence(QuickClock(), Counts()))
    inbox.put(1, event)
    assert not await inbox.drained(0.01)
    assert inbox.waiting == 1


def test_tokens_of_presses_are_redacted_from_the_librarys_log(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("discord.http")
    level = logging.getLogger("discord").level
    with quiet_library():
        logger.warning("limited: %s %s", "POST", "https://discord.com/api/v10/webhooks/1/sEcReT-token/messages")
        logger.warning("limited: %s", "/interactions/1/sEcReT-token/callback")
        logger.debug("payload sEcReT-token")
    assert "limited: POST" in caplog.text
    assert "sEcReT" not in caplog.text
    assert logging.getLogger("discord").level == level


def test_sentences_about_ten_files_stand_whole_and_a_longer_lead_ends_with_an_ellipsis() -> None:
    sentence = "I could not open picture-of-the-harbour.png. Is it complete, and what its name says?"
    (whole,) = render(delivery(HERE, "Answer.", lead="\n".join([sentence] * 10)), waiting="")
    assert whole.content.count(f"-# {sentence}\n") == 10
    (cut,) = render(delivery(HERE, "Answer.", lead="\n".join([sentence] * 30)), waiting="")
    lead = cut.content.removesuffix("\nAnswer.").splitlines()
    assert lead[-1].endswith("…")
    assert all(sentence.startswith(line.removeprefix("-# ").removesuffix("…").strip()) for line in lead)
