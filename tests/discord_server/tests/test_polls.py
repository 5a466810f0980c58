"""Polls on the double: what Discord takes, what it refuses, and how it gives them back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.discord_server import Channel, DiscordServer, Permission
from tests.discord_server.tests.test_strictness import ask, channel, guild

__all__ = ["channel", "guild"]

POLL = {"question": {"text": "When?"}, "answers": [{"poll_media": {"text": "now"}}], "duration": 24}


@pytest.fixture
def ana() -> None:
    """Nobody else is needed."""


async def test_a_poll_comes_back_with_numbers_and_its_end(server: DiscordServer, channel: Channel) -> None:
    assert await ask(server, "POST", f"/channels/{channel.id}/messages", {"poll": POLL}) == (200, 0)
    (message,) = channel.bot_messages
    assert message.poll is not None
    assert message.poll["answers"] == [{"answer_id": 1, "poll_media": {"text": "now"}}]
    assert message.poll["expiry"] == (server.clock.now() + timedelta(hours=24)).isoformat()


@pytest.mark.parametrize(
    "change",
    [
        {"question": {"text": " "}},
        {"question": {"text": "?" * 301}},
        {"answers": []},
        {"answers": [{"poll_media": {"text": "x"}}] * 11},
        {"answers": [{"poll_media": {"text": "x" * 56}}]},
        {"answers": [{"text": "x"}]},
        {"duration": 0},
        {"duration": 769},
        {"layout_type": 2},
        {"expiry": "tomorrow"},
    ],
)
async def test_what_is_no_poll_is_a_bad_form(
    server: DiscordServer, channel: Channel, change: dict[str, object]
) -> None:
    assert await ask(server, "POST", f"/channels/{channel.id}/messages", {"poll": POLL | change}) == (400, 50035)


async def test_a_poll_needs_its_right_and_cannot_be_edited(server: DiscordServer, channel: Channel) -> None:
    await ask(server, "POST", f"/channels/{channel.id}/messages", {"poll": POLL})
    (message,) = channel.bot_messages
    path = f"/channels/{channel.id}/messages"
    assert await ask(server, "PATCH", f"{path}/{message.id}", {"content": "other"}) == (400, 520002)
    channel.overwrite(server.bot, deny=Permission.SEND_POLLS)
    assert await ask(server, "POST", path, {"poll": POLL}) == (403, 50013)
    assert await ask(server, "POST", path, {"content": "words"}) == (200, 0)
