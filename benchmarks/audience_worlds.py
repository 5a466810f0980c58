"""Random servers of Discord, as its gateway tells of them, and what is changed in them while somebody asks.

A `wild` server gives any role any right anywhere. An `ordinary` one is as people make them: categories that their
channels follow, a role for members, one for staff, one for the muted, bots with roles of their own, tickets that name
one person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import discord

from bot.platforms.discord.permissions import (
    ADMINISTRATOR,
    CONNECT,
    MANAGE_GUILD,
    MANAGE_MESSAGES,
    MANAGE_THREADS,
    READ_MESSAGE_HISTORY,
    VIEW_CHANNEL,
)

Json = dict[str, Any]

ME, GUILD = 1, 1000
TEXT, VOICE, CATEGORY, NEWS, STAGE, FORUM = 0, 2, 4, 5, 13, 15
PUBLIC_THREAD, PRIVATE_THREAD = 11, 12
BITS = (VIEW_CHANNEL, READ_MESSAGE_HISTORY, CONNECT, MANAGE_THREADS, MANAGE_MESSAGES, MANAGE_GUILD)
READING = VIEW_CHANNEL | READ_MESSAGE_HISTORY | CONNECT
SINCE = "2026-01-01T00:00:00+00:00"


@dataclass(slots=True, kw_only=True)
class World:
    """One server. `members`: by person, as Discord's API would tell of them now; `added`: by private thread."""

    style: str
    guild: Json
    members: dict[int, Json]
    added: dict[int, set[int]] = field(default_factory=dict[int, set[int]])

    @property
    def channels(self) -> list[Json]:
        return self.guild["channels"]

    @property
    def roles(self) -> list[Json]:
        return self.guild["roles"]

    @property
    def threads(self) -> list[Json]:
        return self.guild["threads"]

    def channel(self, number: int) -> Json | None:
        return next((each for each in self.channels if each["id"] == str(number)), None)


def world(random: Random) -> World:
    style = random.choice(("wild", "ordinary"))
    made = _wild(random) if style == "wild" else _ordinary(random)
    for channel in made.channels:
        if channel["type"] in (TEXT, NEWS, FORUM) and random.random() < 0.4:
            _thread(made, channel, random)
    return made


def _wild(random: Random) -> World:
    roles = [_role(GUILD, _some(random, 0.5))]
    roles += [_role(100 + at, _some(random, 0.25)) for at in range(random.randint(0, 6))]
    people = list(range(10, 10 + random.randint(2, 9)))
    for role in roles:
        if random.random() < 0.06:
            role["permissions"] = str(int(role["permissions"]) | ADMINISTRATOR)
    made = _world("wild", roles, people, random)
    targets = [(0, int(role["id"])) for role in roles] + [(1, person) for person in (*people, ME)]
    for at in range(random.randint(2, 6)):
        chosen = random.sample(targets, min(len(targets), random.choice((0, 1, 1, 2, 3, 5))))
        kind = random.choice((TEXT, TEXT, TEXT, VOICE, NEWS, STAGE, FORUM, CATEGORY))
        made.channels.append(_channel(2000 + at, kind, [_wild_overwrite(each, random) for each in chosen], random))
    return made


def _ordinary(random: Random) -> World:
    all_may = READING if random.random() < 0.7 else READ_MESSAGE_HISTORY | CONNECT
    staff_bits = READING | MANAGE_MESSAGES | MANAGE_THREADS
    staff_bits |= ADMINISTRATOR if random.random() < 0.3 else 0
    names = ("member", "staff", "muted", "bot", "colour", "supporter")
    bits = (READING, staff_bits, 0, random.choice((READING, 0)), 0, 0)
    ids = {name: 100 + at for at, name in enumerate(names)}
    roles = [_role(GUILD, all_may), *(_role(ids[name], each) for name, each in zip(names, bits, strict=True))]
    roles[names.index("bot") + 1] |= {"managed": True, "tags": {"bot_id": str(ME)}}
    people = list(range(10, 10 + random.randint(3, 9)))
    made = _world("ordinary", roles, people, random, chances={ids["member"]: 0.7, ids["staff"]: 0.2, ids["bot"]: 0.0})
    hidden = _overwrite(0, GUILD, deny=VIEW_CHANNEL)
    templates: list[list[Json]] = [
        [],
        [],
        [_overwrite(0, GUILD, allow=VIEW_CHANNEL), _overwrite(0, ids["muted"])],
        [hidden, _overwrite(0, ids["member"], allow=VIEW_CHANNEL)],
        [hidden, _overwrite(0, ids["staff"], allow=VIEW_CHANNEL)],
        [hidden, _overwrite(0, ids["staff"], allow=VIEW_CHANNEL), _overwrite(1, people[0], allow=VIEW_CHANNEL)],
        [_overwrite(0, ids["muted"], deny=VIEW_CHANNEL)],
    ]
    for at in range(random.randint(3, 7)):
        kind = random.choice((TEXT, TEXT, TEXT, TEXT, FORUM, VOICE))
        overwrites = [*random.choice(templates)]
        if random.random() < 0.3:
            overwrites.append(_overwrite(1, ME, allow=VIEW_CHANNEL))
        made.channels.append(_channel(2000 + at, kind, overwrites, random))
    return made


def _world(
    style: str, roles: list[Json], people: list[int], random: Random, *, chances: dict[int, float] | None = None
) -> World:
    members = {person: _member(person, roles, random, chances or {}) for person in people}
    members[ME] = _member(ME, roles, random, {})
    guild: Json = {
        "id": str(GUILD),
        "name": "harbour",
        "owner_id": str(random.choice(people)),
        "roles": roles,
        "channels": [],
        "threads": [],
    }
    return World(style=style, guild=guild, members=members)


def _member(person: int, roles: list[Json], random: Random, chances: dict[int, float]) -> Json:
    given = [each for each in roles[1:] if person == ME or not each["managed"]]  # nobody can be given a bot's own role
    held = [each["id"] for each in given if random.random() < chances.get(int(each["id"]), 0.25)]
    until = datetime.now(UTC) + timedelta(days=1) if random.random() < 0.05 else None
    return {
        "user": {"id": str(person), "username": f"p{person}", "discriminator": "0", "avatar": None},
        "roles": held,
        "joined_at": SINCE,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "communication_disabled_until": None if until is None else until.isoformat(),
    }


def _role(number: int, bits: int) -> Json:
    about: Json = {"id": str(number), "name": f"r{number}", "permissions": str(bits), "position": number % 1000}
    return about | {"color": 0, "hoist": False, "managed": False, "mentionable": False, "flags": 0}


def _channel(number: int, kind: int, overwrites: list[Json], random: Random) -> Json:
    about: Json = {"id": str(number), "type": kind, "name": f"c{number}", "position": number - 2000}
    adult = kind in (TEXT, FORUM, NEWS) and random.random() < 0.08
    about |= {"permission_overwrites": overwrites, "nsfw": adult, "parent_id": None}
    return about | ({"bitrate": 64000, "user_limit": 0} if kind in (VOICE, STAGE) else {})


def _thread(made: World, parent: Json, random: Random) -> None:
    number = int(parent["id"]) + 1000
    private = parent["type"] == TEXT and random.random() < 0.5
    made.threads.append(
        {
            "id": str(number),
            "guild_id": str(GUILD),
            "parent_id": parent["id"],
            "owner_id": str(ME),
            "name": f"t{number}",
            "type": PRIVATE_THREAD if private else PUBLIC_THREAD,
            "message_count": 0,
            "member_count": 0,
            "thread_metadata": {"archived": False, "auto_archive_duration": 60, "archive_timestamp": SINCE},
        }
    )
    if private:
        made.added[number] = {person for person in made.members if random.random() < 0.4}


def _wild_overwrite(target: tuple[int, int], random: Random) -> Json:
    return _overwrite(*target, allow=_some(random, 0.3), deny=_some(random, 0.3))


def _overwrite(kind: int, number: int, *, allow: int = 0, deny: int = 0) -> Json:
    return {"id": str(number), "type": kind, "allow": str(allow), "deny": str(deny)}


def _some(random: Random, share: float) -> int:
    return sum(bit for bit in BITS if random.random() < share)


def change(made: World, state: Any, random: Random) -> None:
    """Something in the server changes, and Discord's gateway tells of it, where it would."""
    match random.choice(("role", "channel", "channel", "channel", "member", "drop", "adult", "owner")):
        case "role":
            role = random.choice(made.roles)
            role["permissions"] = str(_some(random, 0.4))
            state.parse_guild_role_update({"guild_id": str(GUILD), "role": role})
        case "drop" if len(made.roles) > 1:
            role = made.roles.pop(random.randrange(1, len(made.roles)))
            for member in made.members.values():
                member["roles"] = [each for each in member["roles"] if each != role["id"]]
            state.parse_guild_role_delete({"guild_id": str(GUILD), "role_id": role["id"]})
        case "member":
            person = random.choice(list(made.members))
            made.members[person] = _member(person, made.roles, random, {})
            for added in made.added.values():
                added.discard(person)
        case "adult":
            channel = random.choice(made.channels)
            channel["nsfw"] = not channel["nsfw"]
            _tell(channel, state)
        case "owner":
            made.guild["owner_id"] = str(random.choice(list(made.members)))
            state.parse_guild_update({key: made.guild[key] for key in ("id", "name", "owner_id", "roles")})
        case _:
            channel = random.choice(made.channels)
            targets = [(0, int(role["id"])) for role in made.roles] + [(1, person) for person in made.members]
            chosen = random.sample(targets, min(len(targets), random.choice((0, 1, 2, 3))))
            channel["permission_overwrites"] = [_wild_overwrite(each, random) for each in chosen]
            _tell(channel, state)


def _tell(channel: Json, state: Any) -> None:
    state.parse_channel_update({**channel, "guild_id": str(GUILD)})


def client() -> Any:
    """discord.py with nothing but its cache."""
    made: Any = discord.Client(intents=discord.Intents.none())
    made._connection.user = discord.ClientUser(
        state=made._connection,
        data={"id": str(ME), "username": "calanque", "discriminator": "0", "avatar": None},  # pyright: ignore[reportArgumentType]
    )
    return made
