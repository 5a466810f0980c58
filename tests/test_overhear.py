"""Moderators decide what the bot reads of messages that are not for it, and everybody can see what they decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.talk.message import Place, PlaceKind
from bot.talk.policy import Ambient, Policy
from tests.fakes import GENERAL, said
from tests.rig import rig

THREAD = Place(platform="local", id="thread", kind=PlaceKind.THREAD, name="a thread", parent=GENERAL.id)
TOLD = {
    "on": "said to others and I have not read yet, at most 900 tokens",
    "since": "said to others since the last question, at most 900 tokens",
    "off": "Here I read only what is said to me.",
}


@pytest.mark.parametrize("when", ["on", "since", "off"])
async def test_what_was_decided_is_told_stored_and_shown_under_privacy(tmp_path: Path, when: str) -> None:
    async with rig(tmp_path) as house:
        await house.commands("keep", when="always", days="7", moderator=True)
        assert TOLD[when] in await house.commands("overhear", when=when, tokens=" 900 ", moderator=True)
        policy = await house.store.policy(GENERAL)
        assert (policy.ambient, policy.ambient_tokens, policy.retention_days) == (Ambient(when), 900, 7)
        for place in (GENERAL, THREAD):
            privacy = await house.commands("privacy", place=place)
            assert TOLD[when] in privacy
            assert "messages for 7 days" in privacy
        await house.commands("overhear", when="on", moderator=True)
        assert (await house.store.policy(GENERAL)).ambient_tokens == 900


async def test_privacy_tells_the_operators_setting_where_nobody_decided_and_nothing_where_nothing_is_kept(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path) as house:
        assert "have not read yet, at most 4096 tokens" in await house.commands("privacy")
        await house.commands("keep", when="never", moderator=True)
        assert "tokens" not in await house.commands("privacy")


@pytest.mark.parametrize("when", ["", "sometimes", "ON", "always"])
async def test_a_rule_that_does_not_exist_says_which_do(tmp_path: Path, when: str) -> None:
    async with rig(tmp_path) as house:
        assert await house.commands("overhear", when=when, moderator=True) == "Say when: on, since or off."


@pytest.mark.parametrize("tokens", ["0", "-1", "65537", "1.5", "many", "²", "9" * 5000])
async def test_tokens_that_make_no_sense_change_nothing(tmp_path: Path, tokens: str) -> None:
    async with rig(tmp_path) as house:
        told = await house.commands("overhear", when="off", tokens=tokens, moderator=True)
        assert told == "Tokens must be a whole number from 1 to 65536."
        assert await house.store.policy(GENERAL) == Policy()


async def test_what_was_decided_outlives_forgetting_the_channel(tmp_path: Path) -> None:
    async with rig(tmp_path) as house:
        await house.says(said("hello"))
        await house.idle()
        await house.commands("overhear", when="since", tokens="900", moderator=True)
        await house.store.forget_place(GENERAL, rules=True)
        assert await house.store.policy(GENERAL) == Policy(ambient=Ambient.SINCE, ambient_tokens=900)
