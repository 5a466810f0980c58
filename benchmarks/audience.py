"""Who may be told what: random servers of Discord, whose every member is judged by discord.py's `permissions_for`.

In each world somebody asks something somewhere, and something may change before, or while Discord is asked who they
are. Then each place of `Reach` must be one that the asker, and everyone who can read the answer, can read. What a bot
would give that goes by the asker's rights alone, or by its own, is counted beside it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from random import Random
from typing import Any, cast

import discord

from benchmarks import audience_judge as judge
from benchmarks.audience_worlds import CATEGORY, GUILD, ME, TEXT, World, change, client, world
from benchmarks.reporting import Report, arguments
from bot.operate.clock import SystemClock
from bot.platforms.discord.rights import DiscordRights
from bot.platforms.discord.wire import Wire
from bot.talk.message import Conversation, Person, Place, PlaceKind

WORLDS = 200_000
COMPARISONS = 100_000
SEED = 5
BATCH = 500
STYLES = ("ordinary", "wild")
CHANNELS, ROLES, ROUNDS = 500, 250, 20
"""The large server in which the time of one decision is measured."""


class _Api:
    """Discord's API, as far as it is asked; something may change in the moment in which it answers."""

    def __init__(self, made: World, state: Any, random: Random) -> None:
        self._made = made
        self._state = state
        self._random = random
        self.surprises = 0

    async def get_member(self, guild: int, person: int) -> Any:
        self._surprise()
        if person not in self._made.members:
            raise _missing()
        return self._made.members[person]

    async def get_thread_member(self, thread: int, person: int) -> Any:
        if person not in self._made.added.get(thread, ()):
            raise _missing()
        return {}

    def _surprise(self) -> None:
        """Of what the gateway tells; who has which roles is as of when it was asked."""
        while self.surprises:
            self.surprises -= 1
            before = {person: dict(member) for person, member in self._made.members.items()}
            change(self._made, self._state, self._random)
            known = {role["id"] for role in self._made.roles}
            for person, member in before.items():
                self._made.members[person] = {**member, "roles": [each for each in member["roles"] if each in known]}


def _missing() -> discord.NotFound:
    response = cast("Any", type("Response", (), {"status": 404, "reason": "Not Found", "headers": {}})())
    return discord.NotFound(response, {"code": 10007, "message": "Unknown Member"})


async def try_out(random: Random, counts: Counter[str], on_discord: Any, *, comparisons: int) -> None:
    """One world."""
    made = world(random)
    state = on_discord._connection
    state._guilds.clear()
    guild: discord.Guild = state._add_guild_from_data(made.guild)
    api = _Api(made, state, random)
    rights = DiscordRights(lambda: on_discord, lambda: cast("Wire", api), SystemClock())
    if random.random() < 0.5:
        change(made, state, random)
    api.surprises = random.choice((0, 0, 1, 2))
    asker = random.choice([person for person in made.members if person != ME])
    place = _somewhere(made, random)
    alone = random.random() < 0.2
    person = Person(platform="discord", id=str(asker), name="somebody")
    talk = Conversation(place=place, only=person.key if alone else None)
    reach = await rights.reach(person, talk)
    api.surprises = 0
    case = judge.Case(made, guild, state, asker=asker, place=int(place.id), alone=alone)
    counts["worlds"] += 1
    wrong = [room for room in reach.here if not case.may_be_told(int(room.partition(":")[2]))]
    wrong += [room for room in reach.alone if not case.asker_reads(int(room.partition(":")[2]))]
    counts["leaks"] += len(wrong)
    counts["leaks_grown"] += int(await _grows_unseen(rights, case, talk, random))
    if not alone:
        _count(made.style, case, {int(room.partition(":")[2]) for room in reach.here}, counts)
    for _ in range(comparisons):
        counts["comparisons"] += 1
        counts["disagreements"] += not judge.agrees(made, guild, state, random)


async def _grows_unseen(rights: DiscordRights, case: judge.Case, talk: Conversation, random: Random) -> bool:
    """Whether somebody can read the place after a change who could not before, may not read everything, and the
    audience's fingerprint is the same."""
    if talk.only is not None or not rights.audience(talk):
        return False
    before, readers = rights.audience(talk), case.possible_readers()
    change(case.made, case.state, random)
    after = case.again()
    new = {each for each in after.possible_readers() - readers if not after.reads_everything(each)}
    changed_roles = after.held != case.held  # anyone could have been given roles: that is in it from the first
    return bool(new) and not changed_roles and rights.audience(talk) == before != ""


def _somewhere(made: World, random: Random) -> Place:
    channels = [each for each in made.channels if each["type"] != CATEGORY]
    threads = made.threads
    if (threads and random.random() < 0.3) or not channels:
        if threads:
            chosen = random.choice(threads)
            opened = int(chosen["id"]) not in made.added
            return Place(
                platform="discord",
                id=chosen["id"],
                kind=PlaceKind.THREAD,
                guild=str(GUILD),
                parent=chosen["parent_id"],
                open=opened,
            )
        return Place(platform="discord", id="7", guild=str(GUILD))
    return Place(platform="discord", id=random.choice(channels)["id"], guild=str(GUILD))


def _count(style: str, case: judge.Case, given: set[int], counts: Counter[str]) -> None:
    for room in case.rooms():
        allowed = case.may_be_told(room)
        by_asker, by_bot = case.reads(case.asker, room), case.reads(ME, room)
        counts["naive_asker_leaks"] += by_asker and not allowed
        counts["naive_bot_leaks"] += by_bot and not allowed
        counts[f"{style}_allowed"] += allowed
        counts[f"{style}_given"] += allowed and room in given


def batch(job: tuple[int, int, int]) -> Counter[str]:
    """`worlds` from a seed on."""
    seed, worlds, comparisons = job
    counts: Counter[str] = Counter()
    on_discord = client()

    async def run() -> None:
        for at in range(worlds):
            await try_out(Random(f"{SEED}/{seed + at}"), counts, on_discord, comparisons=comparisons)

    asyncio.run(run())
    return counts


def _quiet() -> None:
    logging.disable(logging.CRITICAL)


def measure(worlds: int, comparisons: int, processes: int) -> Counter[str]:
    each = -(-comparisons // worlds)
    jobs = [(start, min(BATCH, worlds - start), each) for start in range(0, worlds, BATCH)]
    counts: Counter[str] = Counter()
    if processes == 1:
        found: Iterable[Counter[str]] = map(batch, jobs)
        for some in found:
            counts.update(some)
        return counts
    with ProcessPoolExecutor(processes, initializer=_quiet) as pool:
        for some in pool.map(batch, jobs):
            counts.update(some)
    return counts


def milliseconds() -> list[float]:
    """Of one decision in a large server."""
    random = Random(SEED)
    roles: list[dict[str, Any]] = [{"id": str(GUILD), "permissions": str(1 << 10 | 1 << 16)}]
    roles += [{"id": str(5000 + at), "permissions": "0"} for at in range(ROLES - 1)]
    about = {"name": "r", "position": 1, "color": 0, "hoist": False, "managed": False, "mentionable": False, "flags": 0}
    roles = [about | each for each in roles]
    channels: list[dict[str, Any]] = []
    for at in range(CHANNELS):
        chosen = random.sample(roles, random.choice((0, 2, 5, 10, 20)))
        overwrites = [{"id": each["id"], "type": 0, "allow": str(1 << 10), "deny": "0"} for each in chosen]
        overwrites += [{"id": str(7000 + at + each), "type": 1, "allow": "1024", "deny": "0"} for each in range(at % 3)]
        channels.append(
            {
                "id": str(2000 + at),
                "type": TEXT,
                "name": f"c{at}",
                "position": at,
                "parent_id": None,
                "permission_overwrites": overwrites,
            }
        )
    guild = {"id": str(GUILD), "name": "g", "owner_id": "9", "roles": roles, "channels": channels, "threads": []}
    made = World(style="large", guild=guild, members={10: {"user": {"id": "10"}, "roles": [], "joined_at": ""}})
    on_discord = client()
    on_discord._connection._add_guild_from_data(guild)
    api = _Api(made, on_discord._connection, random)
    rights = DiscordRights(lambda: on_discord, lambda: cast("Wire", api), SystemClock())
    person = Person(platform="discord", id="10", name="somebody")

    async def run() -> list[float]:
        found: list[float] = []
        for at in range(ROUNDS):
            place = Place(platform="discord", id=str(2000 + at), guild=str(GUILD))
            begun = time.perf_counter()
            await rights.reach(person, Conversation(place=place))
            found.append((time.perf_counter() - begun) * 1000)
        return found

    return asyncio.run(run())


def report(counts: Counter[str], times: Sequence[float], seconds: float) -> Report:
    told = Report()
    told.add("worlds", counts["worlds"])
    told.add("leaks", counts["leaks"], at_most=0)
    told.add("unseen_growth", counts["leaks_grown"], at_most=0)
    told.add("comparisons", counts["comparisons"])
    told.add("disagreements", counts["disagreements"], at_most=0)
    for style in STYLES:
        told.add(f"allowed_share_{style}", counts[f"{style}_given"] / max(1, counts[f"{style}_allowed"]))
    allowed, given = (sum(counts[f"{style}_{each}"] for style in STYLES) for each in ("allowed", "given"))
    told.add("allowed_share", given / max(1, allowed))
    told.add("naive_asker_leaks", counts["naive_asker_leaks"])
    told.add("naive_bot_leaks", counts["naive_bot_leaks"])
    told.add_percentiles("reach_ms", times, "ms")
    told.add("seconds", seconds, "s")
    return told


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--worlds", type=int, default=WORLDS)
    parser.add_argument("--comparisons", type=int, default=COMPARISONS)
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    chosen = parser.parse_args()
    _quiet()
    begun = time.perf_counter()
    counts = measure(chosen.worlds, chosen.comparisons, chosen.processes)
    told = report(counts, milliseconds(), time.perf_counter() - begun)
    told.show(as_json=chosen.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
