"""What people see of an outage of the engine."""

from __future__ import annotations

from bot.errors import EngineBroke, EngineStalled, EngineUnreachable, ModelMissing
from bot.talk.delivery import Delivery
from bot.talk.message import Message
from tests.rig import Rig

AWAY = "my AI engine does not answer; I go on when it is back"
SLOW = "waiting for my AI engine"
MISSING = "my AI model is not installed"
SORRY = "did not come back within 15 minutes"
PASSING = [EngineUnreachable("refused"), EngineStalled("silent"), EngineBroke("broken"), ModelMissing("no model")]
TOLD_WITHIN = 5.0


def replies(house: Rig, message: Message) -> list[Delivery]:
    """What stands as an answer to it."""
    return [each for each in house.platform.standing.values() if each.reply_to == message.id]


def answers(house: Rig, *messages: Message) -> list[str]:
    return [each.text for message in messages for each in replies(house, message)]


def final_order(house: Rig) -> list[str]:
    return [each.text for each in house.platform.revisions if each.final and each.reply_to]


def leads(house: Rig, message: Message) -> str:
    return " | ".join(each.lead for each in house.platform.revisions if each.reply_to == message.id)


async def lined_up(house: Rig, count: int) -> None:
    while house.lanes.in_line < count:
        await house.store.fact("-")
