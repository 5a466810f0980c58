"""The doctor's questions about Discord, each with what to do."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from bot.platforms.discord.examine import PERMISSIONS, examine, invite_link
from bot.talk.finding import Finding, Level
from tests.discord_server import ApplicationFlag
from tests.platforms.discord.bench import settings
from tests.platforms.discord.conftest import Community


async def findings(community: Community, **changes: object) -> dict[str, Finding]:
    return {finding.topic: finding for finding in await examine(settings(community.server, **changes))}


async def test_all_is_well(community: Community) -> None:
    found = await findings(community)
    assert {topic: finding.level for topic, finding in found.items()} == {
        "token": Level.OK,
        "intents": Level.OK,
        "sessions": Level.OK,
        "invite": Level.OK,
    }
    assert f"client_id={community.server.world.application_id}" in found["invite"].found
    assert all(community.server.token not in finding.found + finding.mend for finding in found.values())


@pytest.mark.parametrize("token", ["wrong", "größer", "with space"])
async def test_a_wrong_token_is_a_finding(community: Community, token: str) -> None:
    found = await findings(community, token=SecretStr(token))
    assert found["token"].level is Level.PROBLEM
    assert "developer portal" in found["token"].mend
    assert token not in found["token"].found


async def test_no_token_is_only_a_warning(community: Community) -> None:
    assert (await findings(community, token=None))["token"].level is Level.WARNING


async def test_an_intent_asked_for_but_not_granted_is_a_problem_and_not_asked_for_a_warning(
    community: Community,
) -> None:
    community.server.world.application_flags = ApplicationFlag(0)
    refused = (await findings(community))["intents"]
    assert refused.level is Level.PROBLEM
    assert "DISCORD_MESSAGE_CONTENT=false" in refused.mend
    unasked = (await findings(community, message_content=False))["intents"]
    assert unasked.level is Level.WARNING
    assert "developer portal" in unasked.mend


async def test_few_sessions_left_is_a_warning(community: Community) -> None:
    community.server.gateway.budget = 10
    assert (await findings(community))["sessions"].level is Level.WARNING


async def test_an_unreachable_discord_is_a_finding(community: Community) -> None:
    found = await findings(community, api_url="http://127.0.0.1:9/api/v10")
    assert found["discord"].level is Level.PROBLEM
    assert "discordstatus" in found["discord"].mend


def test_the_invite_asks_for_exactly_the_permissions_that_are_needed() -> None:
    # view channels 1<<10, send 1<<11, read history 1<<16, begin threads 1<<35, send in threads 1<<38, polls 1<<49
    assert PERMISSIONS.value == (1 << 10) + (1 << 11) + (1 << 16) + (1 << 35) + (1 << 38) + (1 << 49)
    assert invite_link(7).endswith("client_id=7&scope=bot+applications.commands&permissions=563259191135232")
