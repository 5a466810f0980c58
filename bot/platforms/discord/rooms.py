"""The places of the program among the channels and threads of a server, and who reads them. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bot.platforms.discord.permissions import Channel, Guild, Member, Thread, can_read_history, can_read_thread
from bot.platforms.discord.read import NAME
from bot.talk.message import Place, PlaceKind


def is_ours(place: Place) -> bool:
    """Whether it has the shape of a place of Discord."""
    return place.platform == NAME and all(
        each.isdecimal() for each in (place.id, place.guild or "0", place.parent or "0")
    )


def channel_at(place: Place, guild: Guild) -> Channel | None:
    """Whose readers can read what is said in the place: that itself, or a thread's channel. Of a private thread they
    are some of these."""
    found = guild.channels.get(int(place.id))
    if found is not None:
        return found
    thread = thread_at(place, guild)
    return None if thread is None else guild.channels.get(thread.parent)


def thread_at(place: Place, guild: Guild) -> Thread | None:
    """One that is not in the cache, as an archived one, is as the place says."""
    known = guild.threads.get(int(place.id))
    if known is not None or place.kind is not PlaceKind.THREAD or place.parent is None:
        return known
    return Thread(id=int(place.id), parent=int(place.parent), private=not place.open)


def hangs_on_membership(member: Member, thread: Thread, guild: Guild) -> bool:
    """Whether it hangs on being in the thread that somebody can read it."""
    if not thread.private or can_read_thread(member, thread, guild):
        return False
    return can_read_thread(member, thread, guild, added=(member.id,))


def reads(member: Member, place: Place, guild: Guild, *, added: bool) -> bool:
    """Whether somebody can read the place."""
    if (channel := guild.channels.get(int(place.id))) is not None:
        return can_read_history(member, channel, guild)
    thread = thread_at(place, guild)
    return thread is not None and can_read_thread(member, thread, guild, added=(member.id,) if added else ())


def rooms_of(place: Place, guild: Guild) -> frozenset[str]:
    """Of the place itself, as `Place.room` names it and as it did when less was known of a thread."""
    thread = None if int(place.id) in guild.channels else thread_at(place, guild)
    return frozenset({place.key} if thread is None or thread.private else {place.key, key(thread.parent)})


def readable(member: Member, guild: Guild, *, age_restricted: bool) -> Iterable[Channel]:
    """Channels that somebody can read; those for adults only where the answer stands in one."""
    some = (each for each in guild.channels.values() if age_restricted or not each.age_restricted)
    return (each for each in some if can_read_history(member, each, guild))


def key(channel: int) -> str:
    return f"{NAME}:{channel}"


def number_of(person: str) -> int | None:
    """The id in a person's key; None for one of another platform."""
    platform, _, ident = person.partition(":")
    return int(ident) if platform == NAME and ident.isdecimal() else None
