"""What is known of a delivery's messages: after a failure, and of what an earlier process left."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.errors import CalanqueError, PlaceGone, PlatformUnavailable, ShownUnknown
from bot.talk.delivery import Delivery, DeliveryState, Shown
from bot.talk.record import Outgoing

OnRefused = Callable[[Delivery], Awaitable[None]]
"""What follows from a private delivery that found no way to its person. Called before it counts as over, so perhaps
again after a crash."""

log = logging.getLogger(__name__)


def stands(error: CalanqueError, before: Shown) -> Shown:
    """What stands there after a call that failed, perhaps half-way."""
    if isinstance(error, PlatformUnavailable | PlaceGone | ShownUnknown) and isinstance(error.shown, Shown):
        return error.shown
    return before


def tells(error: CalanqueError) -> bool:
    """Whether it says what stands there. Where it does not, something may have been sent."""
    return getattr(error, "shown", None) is not None


async def ended_by(error: PlaceGone | ShownUnknown, delivery: Delivery, then: OnRefused | None) -> DeliveryState:
    """What becomes of a delivery that its place did not take. Raises nothing."""
    named = (delivery.id, delivery.conversation.place.key, error)
    if isinstance(error, ShownUnknown):
        log.error(
            "whether delivery %s stands in %s is not known, and it is not sent again: %s. "
            "Look there for it, and send what is missing yourself",
            *named,
        )
        return DeliveryState.UNKNOWN
    log.warning("delivery %s has no place in %s any more: %s", *named)
    await _was_refused(delivery, then)
    return DeliveryState.BARRED if error.barred else DeliveryState.FAILED


def left(outgoing: Outgoing) -> Outgoing:
    """A delivery that an earlier process left, as it is to be shown.

    Before the first send it is written down that there may be one; without that, nothing was sent. What was sent after
    that may not be written down; only an answer to a press or a command (with a `handle`) cannot be read back in every
    case, and is in doubt no longer than until its first messages are known.

    A view that was left open and that no turn will go on with says something that is not true any more (a sign of
    waiting, half an answer): it is taken away.
    """
    if outgoing.state is DeliveryState.OPEN:
        outgoing = replace(outgoing, delivery=taken_away(outgoing.delivery))
    if is_answer_to_a_press(outgoing.delivery):
        return outgoing
    return replace(outgoing, shown=outgoing.shown.left(outgoing.created_at))


def taken_away(delivery: Delivery) -> Delivery:
    """The delivery as it leaves nothing on the screen."""
    return replace(delivery, text="", lead="", actions=(), poll=None, final=True)


def is_blank(delivery: Delivery) -> bool:
    """Whether nothing is sent for it: at most, what stands there is taken away."""
    return delivery.final and not (delivery.text or delivery.lead)


def is_answer_to_a_press(delivery: Delivery) -> bool:
    """Or to a command: on its way there it may go through a door that cannot be looked into."""
    return delivery.handle is not None and delivery.conversation.only is not None


async def _was_refused(delivery: Delivery, then: OnRefused | None) -> None:
    """Raises nothing: the delivery ends as it would."""
    if then is None or delivery.conversation.only is None:
        return
    try:
        await then(delivery)
    except Exception:
        log.exception("what follows from delivery %s, which was not taken, failed", delivery.id)
