"""Rights are computed as Discord computes them."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.discord_server import EVERYTHING, NOTHING, DiscordServer, ManualClock, Overwrite, Permission
from tests.discord_server.permissions import base, implied, in_channel

some = st.integers(min_value=0, max_value=int(EVERYTHING)).map(lambda bits: Permission(bits & int(EVERYTHING)))
overwrites = st.builds(Overwrite, allow=some, deny=some)


@given(some, st.dictionaries(st.sampled_from([1, 2, 3, 9]), overwrites))
def test_an_administrator_is_stopped_by_nothing(granted: Permission, places: dict[int, Overwrite]) -> None:
    total = base([granted | Permission.ADMINISTRATOR], owner=False, timed_out=True)
    here = in_channel(total, places, everyone=1, roles=[2, 3], member=9)
    assert implied(here, thread=False, timed_out=True) == EVERYTHING


@given(some.filter(lambda one: Permission.ADMINISTRATOR not in one), overwrites, overwrites)
def test_the_members_own_overwrite_has_the_last_word(granted: Permission, role: Overwrite, own: Overwrite) -> None:
    here = in_channel(granted, {1: role, 2: role, 9: own}, everyone=1, roles=[2], member=9)
    assert here & own.allow == own.allow
    assert here & own.deny & ~own.allow == NOTHING


@given(some.filter(lambda one: Permission.ADMINISTRATOR not in one), overwrites, overwrites)
def test_what_one_role_allows_another_cannot_deny(granted: Permission, one: Overwrite, other: Overwrite) -> None:
    here = in_channel(granted, {2: one, 3: other}, everyone=1, roles=[2, 3], member=9)
    assert here & (one.allow | other.allow) == one.allow | other.allow


def test_who_does_not_see_has_no_rights_and_who_cannot_send_cannot_attach() -> None:
    assert (
        implied(EVERYTHING & ~Permission.ADMINISTRATOR & ~Permission.VIEW_CHANNEL, thread=False, timed_out=False)
        == NOTHING
    )
    rights = implied(Permission.VIEW_CHANNEL | Permission.ATTACH_FILES, thread=False, timed_out=False)
    assert rights == Permission.VIEW_CHANNEL


async def test_threads_inherit_and_have_their_own_right_to_send(server: DiscordServer) -> None:
    guild = server.add_guild()
    channel = guild.add_text_channel("announcements", overwrites={guild.id: Overwrite(deny=Permission.SEND_MESSAGES)})
    thread = channel.add_thread("talk", guild.owner)
    rights = server.world.permissions(server.bot, thread)
    assert Permission.SEND_MESSAGES not in rights
    assert Permission.SEND_MESSAGES_IN_THREADS | Permission.ATTACH_FILES in rights
    channel.overwrite(server.bot, deny=Permission.VIEW_CHANNEL)
    assert server.world.permissions(server.bot, thread) == NOTHING


async def test_a_private_thread_is_for_its_members_and_for_who_manages_threads(server: DiscordServer) -> None:
    guild = server.add_guild()
    thread = guild.add_text_channel("general").add_thread("secret", guild.owner, private=True)
    assert not server.world.sees(server.bot, thread)
    guild.set_role(guild.bot_role, Permission.MANAGE_THREADS)
    assert server.world.sees(server.bot, thread)


async def test_who_is_timed_out_only_reads(server: DiscordServer, clock: ManualClock) -> None:
    guild = server.add_guild()
    channel = guild.add_text_channel("general")
    guild.time_out(server.bot, clock.now() + timedelta(minutes=1))
    reading = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
    assert server.world.permissions(server.bot, channel) == reading
    clock.advance(60)
    assert Permission.SEND_MESSAGES in server.world.permissions(server.bot, channel)


async def test_a_channel_takes_the_overwrites_of_its_category(server: DiscordServer) -> None:
    guild = server.add_guild()
    hidden = {guild.id: Overwrite(deny=Permission.VIEW_CHANNEL)}
    channel = guild.add_text_channel("inner", category=guild.add_category("staff", hidden))
    assert not server.world.sees(server.bot, channel)
    assert server.world.sees(guild.owner, channel)
