"""Who can read one channel may read another: the quick answer is that of trying every set of roles."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.discord.containment import Audience, Roles
from bot.platforms.discord.permissions import (
    ADMINISTRATOR,
    CONNECT,
    MANAGE_THREADS,
    READ_MESSAGE_HISTORY,
    VIEW_CHANNEL,
    Channel,
    Guild,
    Kind,
    Member,
    Overwrite,
    Thread,
    can_read_history,
    can_read_thread,
    can_view,
)

EVERYONE, MEMBER, STAFF, MUTED, OURS = 1, 2, 3, 4, 5
OWNER, ANA, ME = 50, 51, 99
READ = VIEW_CHANNEL | READ_MESSAGE_HISTORY

bits = st.sampled_from((0, VIEW_CHANNEL, READ_MESSAGE_HISTORY, READ, READ | CONNECT, ADMINISTRATOR))
said = st.sampled_from((0, 0, VIEW_CHANNEL, READ_MESSAGE_HISTORY, READ))
targets = st.sampled_from([(role, False) for role in range(1, 6)] + [(who, True) for who in (ANA, 52, OWNER, ME)])


@st.composite
def overwrites(draw: st.DrawFn) -> tuple[Overwrite, ...]:
    some = draw(st.lists(targets, max_size=6, unique=True))
    return tuple(Overwrite(id=who, member=member, allow=draw(said), deny=draw(said)) for who, member in some)


@st.composite
def servers(draw: st.DrawFn) -> Guild:
    """Two channels, 10 and 11, of any kind."""
    roles = {role: draw(bits) for role in range(1, 6)}
    kinds = st.sampled_from((Kind.TEXT, Kind.TEXT, Kind.VOICE))
    some = [Channel(id=number, kind=draw(kinds), overwrites=draw(overwrites())) for number in (10, 11)]
    return server(roles, *some)


def server(roles: dict[int, int], *some: Channel) -> Guild:
    by_id = {each.id: each for each in some}
    return Guild(id=EVERYONE, owner=OWNER, roles=roles, channels=by_id, me=ME, my_role=OURS)


def everybody(guild: Guild) -> list[Member]:
    """With every set of roles that people can have: those that the channels name, somebody whom none does, and each of
    them in time-out."""
    roles = [role for role in guild.roles if role not in (EVERYONE, OURS)]
    sets = chain.from_iterable(combinations(roles, size) for size in range(len(roles) + 1))
    named = {each.id for channel in guild.channels.values() for each in channel.overwrites if each.member}
    people = {1000, *named} - {ME}
    return [
        Member(id=person, roles=frozenset(some), timed_out=out)
        for some in sets
        for person in people
        for out in (False, True)
    ]


@given(servers())
def test_the_answer_is_that_of_trying_every_set_of_roles(guild: Guild) -> None:
    here, there = guild.channels[10], guild.channels[11]
    readers = [each for each in everybody(guild) if can_view(each, here, guild)]
    assert Audience(here, Roles(guild)).may_read(there) == all(can_read_history(each, there, guild) for each in readers)


@given(servers(), st.sets(st.sampled_from((MEMBER, STAFF, MUTED))))
def test_somebody_whose_roles_are_known_is_judged_by_these_where_they_read_along(guild: Guild, roles: set[int]) -> None:
    ana = Member(id=ANA, roles=frozenset(roles))
    here, there = guild.channels[10], guild.channels[11]
    if can_view(ana, here, guild) and Audience(here, Roles(guild), known=[ana]).may_read(there):
        assert can_read_history(ana, there, guild)


@given(servers(), servers())
def test_who_comes_to_see_a_channel_changes_its_fingerprint(before: Guild, after: Guild) -> None:
    def readers(guild: Guild) -> set[Member]:
        return {each for each in everybody(after) + everybody(before) if can_view(each, guild.channels[10], guild)}

    def reads_all(each: Member) -> bool:
        return each.id == OWNER or any(after.roles[role] & ADMINISTRATOR for role in (EVERYONE, *each.roles))

    new = {each for each in readers(after) - readers(before) if not reads_all(each)}
    same = [Audience(guild.channels[10], Roles(guild)).fingerprint() for guild in (before, after)]
    assert not new or same[0] != same[1]


def open_server(*some: Channel) -> Guild:
    """As people make them: everyone sees what is not hidden; staff and the muted have roles."""
    return server({EVERYONE: READ | CONNECT, MEMBER: 0, STAFF: READ, MUTED: 0, OURS: READ}, *some)


def may(here: Channel, there: Channel, guild: Guild | None = None, known: list[Member] | None = None) -> bool:
    return Audience(here, Roles(guild or open_server(here, there)), known=known or []).may_read(there)


HIDDEN = Overwrite(id=EVERYONE, deny=VIEW_CHANNEL)
GENERAL, HELP = Channel(id=10), Channel(id=11)
STAFF_ROOM = Channel(id=12, overwrites=(HIDDEN, Overwrite(id=STAFF, allow=VIEW_CHANNEL)))
MEMBERS = Channel(id=13, overwrites=(HIDDEN, Overwrite(id=MEMBER, allow=VIEW_CHANNEL)))
MORE_MEMBERS = Channel(id=14, overwrites=MEMBERS.overwrites)


@pytest.mark.parametrize(
    ("here", "there", "allowed"),
    [
        (GENERAL, HELP, True),
        (GENERAL, STAFF_ROOM, False),
        (STAFF_ROOM, GENERAL, True),
        (MEMBERS, MORE_MEMBERS, True),
        (MEMBERS, STAFF_ROOM, False),
        (MEMBERS, HELP, True),
        (HELP, MEMBERS, False),
    ],
)
def test_an_ordinary_server_works_as_people_expect(here: Channel, there: Channel, allowed: bool) -> None:
    assert may(here, there) == allowed


def test_what_a_muted_role_may_still_read_does_not_hinder() -> None:
    quiet = Channel(id=11, overwrites=(Overwrite(id=MUTED, deny=1 << 11),))
    assert may(GENERAL, quiet)


def test_our_own_role_and_name_in_a_channel_count_for_nobody() -> None:
    ours = Channel(
        id=10, overwrites=(HIDDEN, Overwrite(id=OURS, allow=READ), Overwrite(id=ME, allow=READ, member=True))
    )
    assert may(ours, STAFF_ROOM)


def test_a_ticket_of_somebody_is_answered_from_what_they_can_read() -> None:
    ticket = Channel(
        id=10,
        overwrites=(
            HIDDEN,
            Overwrite(id=STAFF, allow=VIEW_CHANNEL),
            Overwrite(id=ANA, allow=VIEW_CHANNEL, member=True),
        ),
    )
    staff_and_members = Channel(id=11, overwrites=(*MEMBERS.overwrites, Overwrite(id=STAFF, allow=VIEW_CHANNEL)))
    assert may(ticket, HELP)
    assert not may(ticket, STAFF_ROOM)
    assert not may(ticket, staff_and_members), "her roles are not known"
    assert may(ticket, staff_and_members, known=[Member(id=ANA, roles=frozenset({MEMBER}))])
    assert not may(ticket, staff_and_members, known=[Member(id=ANA)])


def test_what_is_for_adults_stays_among_channels_for_adults() -> None:
    adult, other = Channel(id=10, age_restricted=True), Channel(id=11, age_restricted=True)
    assert not may(GENERAL, other)
    assert may(adult, other)
    assert may(adult, HELP)


def test_a_voice_channel_is_read_elsewhere_by_nobody_since_anyone_may_be_in_time_out() -> None:
    assert not may(GENERAL, Channel(id=11, kind=Kind.VOICE))


def test_a_category_has_nothing_to_read() -> None:
    assert not may(GENERAL, Channel(id=11, kind=Kind.CATEGORY))


def test_a_private_thread_is_read_by_who_was_added_and_who_manages_threads() -> None:
    guild = server({EVERYONE: READ, STAFF: MANAGE_THREADS}, GENERAL)
    thread = Thread(id=20, parent=10, private=True)
    ana, ben = Member(id=ANA), Member(id=52, roles=frozenset({STAFF}))
    assert not can_read_thread(ana, thread, guild)
    assert can_read_thread(ana, thread, guild, added=[ANA])
    assert can_read_thread(ben, thread, guild)
    assert not can_read_thread(Member(id=52, roles=ben.roles, timed_out=True), thread, guild)
    assert not can_read_thread(ana, Thread(id=20, parent=77), guild)
