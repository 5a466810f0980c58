"""Brings a place to show what is wanted, part by part, and never twice: what may stand there already is looked for."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.errors import PlaceGone, PlatformUnavailable, ShownUnknown
from bot.platforms.discord.doors import Door
from bot.platforms.discord.failures import UNKNOWN_MESSAGE, code_of
from bot.platforms.discord.readback import Sought
from bot.platforms.discord.render import BLANK, Wanted, growing
from bot.platforms.discord.times import made_at
from bot.platforms.discord.wire import Attempt
from bot.ports import Clock
from bot.talk.delivery import Delivery, Shown, ShownMessage

NONCE_SECONDS = 120.0
"""So long Discord is trusted to know a nonce again; it says "for the past few minutes" (API reference, Create Message).
"""

DELIVERIES = 10_000
"""Deliveries whose sends are remembered; of one that was forgotten everything is read back that is in doubt."""

NOT_SHOWN = ""
"""Digest of a message that stands there and shows something else than is wanted."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Moment:
    """When a part was first sent, and what it showed.

    On both clocks: one stands still while the machine sleeps, the other may be set.
    """

    monotonic: float
    wall: datetime
    sent: Wanted


@dataclass(slots=True, kw_only=True)
class _Sends:
    """What this process knows of a delivery's sends: when each part was first sent, by door.

    `earlier`: another process may have sent the next part, too. `blind`: the place cannot be read. `stale`: edits are
    not written down, so what the caller believes to stand there may be long past.
    """

    earlier: bool
    stale: bool
    parts: dict[tuple[str, int], _Moment] = field(default_factory=dict[tuple[str, int], _Moment])
    blind: bool = False


@dataclass(slots=True, kw_only=True)
class _Work:
    """One call: what stands there so far."""

    sends: _Sends
    door: Door
    delivery: Delivery
    standing: list[ShownMessage]
    since: datetime | None
    removed: int

    @property
    def shown(self) -> Shown:
        return Shown(messages=tuple(self.standing), since=self.since, removed=self.removed)


class Progress:
    """Remembers when parts were first sent, and so for how long Discord knows their nonces.

    Where sends may have happened that nobody knows of (`Shown.since`, or an error in between), a part is sent again
    within its nonce's life, for which Discord returns the message that there is; later it is read back first.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sends: OrderedDict[str, _Sends] = OrderedDict()
        self._begun: datetime | None = (
            None  # when this process first sent anything, or a second later, by Discord's time
        )

    async def bring(self, door: Door, wanted: Sequence[Wanted], delivery: Delivery, shown: Shown) -> Shown:
        """By as few requests as it takes; equal messages are left alone, surplus ones deleted once the text is final.

        Raises PlaceGone, PlatformUnavailable and ShownUnknown with what is `shown` by then.
        """
        self._begun = self._begun or door.time()
        doubt = shown.since is not None
        sends = self._sends.setdefault(delivery.id, _Sends(earlier=doubt, stale=doubt))
        work = _Work(
            sends=sends,
            door=door,
            delivery=delivery,
            standing=[replace(each, digest=NOT_SHOWN) if sends.stale else each for each in shown.messages],
            since=shown.since,
            removed=shown.removed,
        )
        self._sends.move_to_end(delivery.id)
        while len(self._sends) > DELIVERIES:
            self._sends.popitem(last=False)
        sends.stale = True
        try:
            if delivery.final:
                await self._bring(work, wanted)
            else:
                await self._grow(work, growing(wanted, len(work.standing)))
        except (PlaceGone, PlatformUnavailable, ShownUnknown) as error:
            error.shown, sends.stale = work.shown, False
            raise
        sends.stale = False
        if delivery.final:
            self._sends.pop(delivery.id, None)
        if delivery.final or not work.sends.earlier:
            work.since = None
        return work.shown

    async def _grow(self, work: _Work, wanted: Sequence[Wanted]) -> None:
        """Each message of a growing text was written down before the next was sent: one at most is in doubt."""
        before = len(work.standing)
        await self._bring(work, wanted)
        sends, index = work.sends, len(work.standing)
        if not sends.earlier or sends.blind or not before or work.shown.withdrawn:
            sends.earlier = sends.earlier and index == before
            return
        if index == before and work.since is not None:
            # It says something that is not true any more, and has a button.
            try:
                found = await work.door.find(self._sought(work, index, BLANK, work.since))
            except ShownUnknown:
                sends.blind = True
                return
            if found is not None:
                work.standing.append(ShownMessage(id=found[0], digest=NOT_SHOWN))
                await self._edit(work, index, BLANK)
        sends.earlier = False

    async def _bring(self, work: _Work, wanted: Sequence[Wanted]) -> None:
        for index, message in enumerate(wanted):
            if index < len(work.standing):
                await self._edit(work, index, message)
            elif work.shown.withdrawn:
                break  # somebody deleted all of it: they do not want to see more
            else:
                await self._add(work, index, message)
        if work.delivery.final:
            await self._look_for_a_rest(work)
        while work.delivery.final and len(work.standing) > len(wanted):
            if not work.standing[-1].gone:
                await work.door.delete(work.standing[-1].id)
            work.standing.pop()
            work.removed += 1

    async def _look_for_a_rest(self, work: _Work) -> None:
        """A message that was sent while the text grew, without our knowing, and that is not wanted any more."""
        index = len(work.standing)
        before = work.sends.parts.get((work.door.place, index))
        if before is not None:
            sought = self._sought(work, index, before.sent, before.wall)
        elif work.sends.earlier and work.since is not None:
            # What this process sends may belong to another answer, and that is not written down at once.
            sought = replace(self._sought(work, index, BLANK, work.since), growing=True, until=self._begun)
        else:
            return
        try:
            found = await work.door.find(sought)
        except ShownUnknown as error:
            _log.info(
                "Whether more of delivery %s stands there than is wanted is not known: %s", work.delivery.id, error
            )
            return
        if found is not None:
            withdrawn = work.shown.withdrawn
            if withdrawn:
                await work.door.delete(found[0])
            work.standing.append(ShownMessage(id=found[0], digest=NOT_SHOWN, gone=withdrawn))

    async def _edit(self, work: _Work, index: int, wanted: Wanted) -> None:
        before = work.standing[index]
        if before.gone or before.digest == wanted.digest:
            return
        if wanted.poll is not None:
            work.standing[index] = replace(before, digest=wanted.digest)  # what stands there cannot be changed
            return
        work.standing[index] = replace(before, digest=NOT_SHOWN)  # a failure leaves open what it shows
        try:
            await work.door.edit(before.id, wanted)
        except PlaceGone as error:
            if code_of(error) != UNKNOWN_MESSAGE:
                raise
            work.standing[index] = replace(before, gone=True)
        else:
            work.standing[index] = replace(before, digest=wanted.digest)

    async def _add(self, work: _Work, index: int, wanted: Wanted) -> None:
        found = await self._found(work, index, wanted)
        made, is_wanted = found or await self._post(work, index, wanted)
        work.standing.append(ShownMessage(id=made, digest=wanted.digest if is_wanted else NOT_SHOWN))
        await self._edit(work, index, wanted)

    async def _found(self, work: _Work, index: int, wanted: Wanted) -> tuple[str, bool] | None:
        door, delivery = work.door, work.delivery
        before = work.sends.parts.get((door.place, index))
        since = work.since or (before and before.wall)
        doubtful = work.sends.earlier or before is not None
        if since is None or not doubtful or (door.knows_nonces and self._is_young(door, delivery, before)):
            return None
        return await door.find(self._sought(work, index, wanted, since))

    @staticmethod
    def _sought(work: _Work, index: int, wanted: Wanted, since: datetime) -> Sought:
        return Sought(
            wanted=wanted,
            delivery=work.delivery,
            index=index,
            known=[each.id for each in work.standing],
            since=since,
            replies=work.door.replies,
            prefix=work.door.prefix,
        )

    def _is_young(self, door: Door, delivery: Delivery, before: _Moment | None) -> bool:
        """Whether Discord still knows the nonce of whatever may have been sent."""
        if before is not None:
            passed = self._clock.monotonic() - before.monotonic
            return max(passed, (self._clock.now() - before.wall).total_seconds()) < NONCE_SECONDS
        # Nothing was sent before the question was asked, and both times are Discord's.
        age = door.age_of(delivery.reply_to) if door.replies and delivery.reply_to is not None else None
        return age is not None and age < NONCE_SECONDS

    async def _post(self, work: _Work, index: int, wanted: Wanted) -> tuple[str, bool]:
        key, parts, attempt = (work.door.place, index), work.sends.parts, Attempt()
        again, now = key in parts, self._clock.now()
        parts.setdefault(key, _Moment(self._clock.monotonic(), now, wanted))
        try:
            made, is_wanted = await work.door.post(wanted, work.delivery, index, work.removed, attempt)
        except (PlatformUnavailable, PlaceGone):
            if attempt.doubtful:
                work.since = work.since or now
            elif not again:
                del parts[key]  # it certainly did not arrive
            raise
        sent = None if work.sends.earlier else made_at(made.removeprefix(work.door.prefix))
        if sent is not None and self._begun is not None:
            self._begun = min(self._begun, sent)
        return made, is_wanted
