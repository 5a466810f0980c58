"""A private answer finds its way after a restart, too, and where it may have arrived already it is not told again."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.errors import PlatformUnavailable, ShownUnknown
from bot.talk.command import Command
from bot.talk.delivery import Action, Delivery, Shown
from bot.talk.event import Commanded, Pressed
from tests.discord_server import Interaction
from tests.platforms.discord.bench import NOTHING, Bench, Facts, bench, delivery
from tests.platforms.discord.conftest import Community
from tests.platforms.discord.test_deliveries import place

PRIVACY = Command(name="privacy", description="What I may keep of you")
PATCH = "PATCH /webhooks/*/messages/*"
FOLLOW = "POST /webhooks/*"
LIFE = 16 * 60


async def commanded(b: Bench, community: Community) -> tuple[Interaction, Delivery]:
    """Somebody used a command, which is answered with this."""
    await b.server.wait_for(lambda: "discord-commands" in b.facts.kept)
    before = len(b.ears.all(Commanded))
    used = await b.server.use_command("privacy", user=community.ada, channel=community.channel)
    event = await b.ears.one(Commanded, lambda each: each not in b.ears.all(Commanded)[:before])
    await b.server.wait_for(lambda: used.thinking)
    return used, delivery(event.place, "Nothing is kept.", only=event.person.key, handle=event.handle)


async def pressed(b: Bench, community: Community) -> tuple[Interaction, Delivery]:
    shown = delivery(place(community.channel), "Shall I?", actions=(Action(id="yes:1", label="Yes"),))
    await b.platform.deliver(replace(shown, id="asking"), NOTHING)
    used = await b.server.press(community.channel.bot_messages[-1], "yes:1", community.ada)
    event = await b.ears.one(Pressed)
    return used, delivery(event.place, "You may not.", only=event.person.key, handle=event.handle)


@asynccontextmanager
async def restarted(community: Community, facts: Facts | None = None) -> AsyncGenerator[Bench]:
    async with bench(community.server, commands=(PRIVACY,), facts=facts) as b:
        yield b


def told(used: Interaction) -> list[str]:
    return [each.content for each in used.seen]


def direct(community: Community) -> list[str]:
    return [each.content for each in community.server.dm(community.ada).bot_messages]


@pytest.mark.parametrize("doubt", [False, True])
async def test_after_a_restart_the_answer_to_a_command_takes_the_place_of_thinking(
    community: Community, doubt: bool
) -> None:
    async with restarted(community) as b:
        used, answer = await commanded(b, community)
        if doubt:
            community.server.fail_next(PATCH, status=None, after_commit=True)
            with pytest.raises(PlatformUnavailable):
                await b.platform.deliver(answer, NOTHING)
    async with restarted(community) as b:
        shown = await b.platform.deliver(answer, Shown(since=b.clock.now() if doubt else None))
        assert told(used) == [answer.text]
        assert await b.platform.deliver(answer, shown) == shown
    assert direct(community) == []


async def test_after_a_restart_the_answer_to_a_press_is_still_told_to_that_person_alone(community: Community) -> None:
    async with restarted(community) as b:
        used, answer = await pressed(b, community)
    async with restarted(community) as b:
        await b.platform.deliver(answer, NOTHING)
        assert [(each.content, each.ephemeral) for each in used.followups] == [(answer.text, True)]
    assert direct(community) == []


@pytest.mark.parametrize("status", [None, 502, 503])
async def test_an_answer_to_a_press_that_may_have_arrived_is_neither_sent_again_nor_told_elsewhere(
    community: Community, status: int | None
) -> None:
    async with restarted(community) as b:
        used, answer = await pressed(b, community)
        community.server.fail_next(FOLLOW, status=status, after_commit=True)
        with pytest.raises(PlatformUnavailable) as caught:
            await b.platform.deliver(answer, NOTHING)
        assert isinstance(caught.value.shown, Shown)
        with pytest.raises(ShownUnknown):
            await b.platform.deliver(answer, caught.value.shown)
        doubt = caught.value.shown
    for passed in (0, LIFE):
        community.clock.advance(passed)
        async with restarted(community) as b:
            with pytest.raises(ShownUnknown):
                await b.platform.deliver(answer, doubt)
    assert told(used) == [answer.text]
    assert direct(community) == []


async def test_where_the_token_is_over_a_command_is_answered_directly_unless_it_may_have_been_already(
    community: Community,
) -> None:
    async with restarted(community) as b:
        _, answer = await commanded(b, community)
        _, doubtful = await commanded(b, community)
    community.clock.advance(LIFE)
    async with restarted(community) as b:
        await b.platform.deliver(answer, NOTHING)
        with pytest.raises(ShownUnknown, match="may stand in the private answer"):
            await b.platform.deliver(replace(doubtful, id="d2"), Shown(since=b.clock.now()))
    assert direct(community) == [answer.text]


async def test_an_answer_whose_token_ends_halfway_goes_on_directly_and_says_nothing_twice(community: Community) -> None:
    async with restarted(community) as b:
        used, answer = await commanded(b, community)
        long = replace(answer, text="word " * 500)
        community.server.fail_next(FOLLOW, status=429, body={"message": "slow", "retry_after": 900.0, "global": False})
        with pytest.raises(PlatformUnavailable) as caught:
            await b.platform.deliver(long, NOTHING)
        community.clock.advance(LIFE)
        b.clock.ahead += LIFE
        assert isinstance(caught.value.shown, Shown)
        shown = await b.platform.deliver(long, caught.value.shown)
        assert len(shown.messages) == 2
        assert " ".join([*told(used), *direct(community)]).split() == long.text.split()
        assert await b.platform.deliver(long, shown) == shown


async def test_the_token_is_shown_nowhere(community: Community, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with restarted(community) as b:
        used, answer = await commanded(b, community)
        event = b.ears.all(Commanded)[-1]
        assert used.token in str(answer.handle)
        assert used.token not in f"{event!r} {answer!r}"
        community.clock.advance(LIFE)
        shown = await b.platform.deliver(answer, NOTHING)
        assert used.token not in repr(shown)
    assert used.token not in caplog.text


async def test_an_answer_that_stands_behind_a_token_that_is_over_is_changed_no_more_and_not_told_elsewhere(
    community: Community,
) -> None:
    async with restarted(community) as b:
        used, answer = await commanded(b, community)
        shown = await b.platform.deliver(answer, NOTHING)
    community.clock.advance(LIFE)
    async with restarted(community) as b:
        # The token is not kept once the answer was shown whole.
        less = replace(answer, text="Less.", handle=None)
        assert await b.platform.deliver(less, shown) == shown
    assert told(used) == [answer.text]
    assert direct(community) == []
