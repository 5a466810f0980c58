"""What is known of a delivery's messages: after a failure, and of what an earlier process left."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import CalanqueError, PlaceGone, PlatformUnavailable, ShownUnknown
from bot.talk.delivery import Delivery, DeliveryState, Shown
from bot.talk.record import Outgoing


def stands(error: CalanqueError, before: Shown) -> Shown:
    """What stands there after a call that failed, perhaps half-way."""
    if isinstance(error, PlatformUnavailable | PlaceGone | ShownUnknown) and isinstance(error.shown, Shown):
        return error.shown
    return before


def left(outgoing: Outgoing) -> Outgoing:
    """A delivery that an earlier process left, as it is to be shown.

    Whatever that process sent last may not be written down. An answer to a press or a command (with a `handle`) cannot
    be read back in every case, so there the doubt is written down before the first attempt, and only then there is one.

    A view that was left open and that no turn will go on with says something that is not true any more (a sign of
    waiting, half an answer): it is taken away.
    """
    if outgoing.state is DeliveryState.OPEN:
        gone = replace(outgoing.delivery, text="", lead="", actions=(), final=True)
        outgoing = replace(outgoing, delivery=gone)
    if is_answer_to_a_press(outgoing.delivery):
        return outgoing
    return replace(outgoing, shown=replace(outgoing.shown, since=outgoing.created_at))


def is_answer_to_a_press(delivery: Delivery) -> bool:
    """Or to a command: on its way there it may go through a door that cannot be looked into."""
    return delivery.handle is not None and delivery.conversation.only is not None
