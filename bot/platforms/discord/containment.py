"""Whether everyone who can read one channel may read another, decided over roles and overwrites. Pure.

Nobody tells us who the members are, and anyone may be given any role at any time. So it is decided for every set of
roles that a person could have, and for everyone that a channel names by themselves. Too many are counted among the
readers of the place that is answered in (who sees it), too few among those of the other (who sees it, can read what was
said before, and can connect where that is needed: nobody but administrators, since anyone may be put into time-out).

**Two roles are enough.** Call a set of roles an escape if whoever has just these is no administrator, sees C, and lacks
a bit b in X. A bit in a channel is decided by the first that holds of: some role's overwrite allows it; some role's
denies it; @everyone's allows or denies it; some role, or @everyone, has it. If there is an escape S, take from it

- for C: if S sees C by a role's overwrite, that role; if by a role's own bit, that role; else none. It sees C alone,
  and with any other role of S: nothing that stood in the way in S is added.
- for X: if S lacks b because a role denies it, that role; else none, and it is lacked by @everyone's overwrite, or
  because nobody in S has it, which is so for every part of S.

These two at most are an escape as well: they are part of S, so none of them is an administrator's, none allows b in X,
and where a role's bit let S in, none denies C. So it is enough to look for one role that lets in (or none that is
needed) and one that keeps out (or none that is needed). Sets of roles are the bits of whole numbers here, so one look
takes a few operations, however many roles there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.platforms.discord.permissions import (
    ADMINISTRATOR,
    CONNECT,
    VIEW_CHANNEL,
    Channel,
    Guild,
    Member,
    can_read_history,
    can_view,
    needed_to_read,
)


@dataclass(frozen=True, slots=True)
class _Ruling:
    """Who is given one bit in one channel. Sets of roles are numbers; `bare`: of somebody without roles.

    `given`, `denied`: by a role's overwrite. `neutral`: whether @everyone's overwrite says nothing, so that a role's
    own bit counts (`has`).
    """

    given: int
    denied: int
    bare: bool
    neutral: bool
    has: int


class Roles:
    """The roles of a server that people can have, numbered; ours and @everyone are not among them. What its channels
    say of them is reckoned once."""

    def __init__(self, guild: Guild) -> None:
        self.guild = guild
        own = {guild.id, guild.my_role}
        self._number = {role: 1 << at for at, role in enumerate(role for role in guild.roles if role not in own)}
        self.all_may = bool(guild.everyone & ADMINISTRATOR)
        admin = self._with(ADMINISTRATOR)
        self.ordinary = ((1 << len(self._number)) - 1) & ~admin
        self._has: dict[int, int] = {}
        self._rulings: dict[tuple[int, int], _Ruling] = {}

    def _with(self, bit: int) -> int:
        return sum(number for role, number in self._number.items() if self.guild.roles[role] & bit)

    def ids(self, some: int) -> list[int]:
        return [role for role, number in self._number.items() if number & some]

    def ruling(self, channel: Channel, bit: int) -> _Ruling:
        """Of a channel of the server."""
        known = self._rulings.get((channel.id, bit))
        if known is None:
            known = self._rulings[channel.id, bit] = self._ruled(channel, bit)
        return known

    def _ruled(self, channel: Channel, bit: int) -> _Ruling:
        given = denied = 0
        said: bool | None = None
        for each in channel.overwrites:
            if each.member:
                continue
            if each.id == self.guild.id:
                said = True if each.allow & bit else False if each.deny & bit else None
            elif each.allow & bit:
                given |= self._number.get(each.id, 0)
            elif each.deny & bit:
                denied |= self._number.get(each.id, 0)
        if bit not in self._has:
            self._has[bit] = self._with(bit)
        bare = bool(self.guild.everyone & bit) if said is None else said
        return _Ruling(given, denied, bare, said is None, self._has[bit] if said is None else 0)


class Audience:
    """Everyone who can read what is said in a channel. `known`: people whose roles are known as of now."""

    def __init__(self, channel: Channel, roles: Roles, *, known: Iterable[Member] = ()) -> None:
        self._channel = channel
        self._guild = roles.guild
        self._roles = roles
        self._known = {each.id: each for each in known}
        self._sees = self._roles.ruling(channel, VIEW_CHANNEL)
        self._named = _named(channel)

    def may_read(self, other: Channel) -> bool:
        """Whether all of them can read what was said in another channel of the server."""
        needed = needed_to_read(other)
        if not needed or self._guild.id not in self._guild.roles:
            return False
        if other.age_restricted and not self._channel.age_restricted:
            return False
        if self._roles.all_may:
            return True
        bits = [1 << at for at in range(needed.bit_length()) if needed >> at & 1]
        rulings = [(bit, self._ruling(other, bit)) for bit in bits]
        if any(self._escapes(ruling) for _, ruling in rulings):
            return False
        named = _named(other)
        return all(
            self._named_may_read(person, other, named, rulings)
            for person in {*self._named, *named} - {self._guild.owner, self._guild.me}
        )

    def _ruling(self, other: Channel, bit: int) -> _Ruling:
        if bit == CONNECT:
            return _Ruling(0, 0, False, neutral=False, has=0)
        return self._roles.ruling(other, bit)

    def _named_may_read(
        self,
        person: int,
        other: Channel,
        named: Mapping[int, tuple[int, int]],
        rulings: Iterable[tuple[int, _Ruling]],
    ) -> bool:
        """Somebody that a channel names. Exactly where they are known to see the first channel as they are; otherwise
        for all roles that they could have."""
        member = self._known.get(person)
        if member is not None and can_view(member, self._channel, self._guild):
            return can_read_history(member, other, self._guild)
        allow, deny = self._named.get(person, (0, 0))
        if deny & ~allow & VIEW_CHANNEL:
            return True  # does not see it, whatever their roles
        own_allow, own_deny = named.get(person, (0, 0))
        for bit, ruling in rulings:
            if own_allow & bit and bit != CONNECT:
                continue
            kept_out = bool(own_deny & bit)
            if self._escapes(ruling, let_in=bool(allow & VIEW_CHANNEL), kept_out=kept_out):
                return False
        return True

    def _escapes(self, other: _Ruling, *, let_in: bool = False, kept_out: bool = False) -> bool:
        """Whether some set of roles sees this channel and lacks a bit in the other one, as the module's docstring says.

        `let_in`: sees it whatever their roles; `kept_out`: lacks it whatever their roles.
        """
        sees = self._sees
        free = self._roles.ordinary if kept_out else self._roles.ordinary & ~other.given
        if let_in:
            by_allow, quiet, bare, by_role = 0, free, True, 0
        else:
            by_allow = free & sees.given
            quiet = free & ~sees.given & ~sees.denied  # roles that may be had beside what lets in, where none allows
            bare = sees.bare
            by_role = quiet & sees.has
        if not (by_allow or bare or by_role):
            return False
        if kept_out or not (other.bare or other.neutral):
            return True
        if (by_allow and free & other.denied) or ((bare or by_role) and quiet & other.denied):
            return True
        lacking = ~other.has
        return not other.bare and bool(bare or by_allow & lacking or by_role & lacking)

    def fingerprint(self) -> str:
        """Changes whenever somebody may see the channel who could not before; may change otherwise.

        Administrators and the owner can read everything, so they are not in it.
        """
        if self._roles.all_may:
            return "all"
        sees, ordinary = self._sees, self._roles.ordinary
        given, denied, has = sees.given & ordinary, sees.denied & ordinary, sees.has & ordinary
        quiet = not sees.bare and not has
        words = [
            str(self._channel.id),
            "age" if self._channel.age_restricted else "",
            "everyone" if sees.bare else "",
            _ids(self._roles.ids(given) if denied or not sees.bare else ()),
            "" if quiet else _ids(self._roles.ids(denied)),
            "" if sees.bare else _ids(self._roles.ids(has)),
            _ids(person for person, (allow, _) in self._named.items() if allow & VIEW_CHANNEL),
            _ids(person for person, (allow, deny) in self._named.items() if deny & ~allow & VIEW_CHANNEL),
        ]
        return "/".join(words)

    @property
    def named(self) -> Collection[int]:
        """People that the channel names by themselves."""
        return self._named.keys() - {self._guild.owner, self._guild.me}


def _named(channel: Channel) -> dict[int, tuple[int, int]]:
    """By person: what the channel allows and denies them."""
    found: dict[int, tuple[int, int]] = {}
    for each in channel.overwrites:
        if each.member:
            found.setdefault(each.id, (each.allow, each.deny))
    return found


def _ids(some: Iterable[int]) -> str:
    return ",".join(str(each) for each in sorted(some))
