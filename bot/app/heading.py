"""How a conversation begins: who answers in it, and what the model is told of there."""

from __future__ import annotations

from collections.abc import Callable

from bot.agent.persona import DEMO
from bot.agent.toolbox import Toolbox
from bot.app.shelf import Shelf
from bot.app.supporting import Supporting
from bot.support.channels import Channels
from bot.talk.message import Conversation
from bot.talk.prompt import Engine
from bot.talk.turn import Instructions
from tools.knowledge import search_knowledge
from tools.needs_human import needs_human


def heading(
    persona: str, toolbox: Toolbox, *, support: Supporting, channels: Channels, shelf: Shelf
) -> Callable[[Engine, Conversation], Instructions]:
    """A person is called in support channels alone, and knowledge searched there and where there is any: elsewhere
    neither costs tokens. What is added to a support channel that had none counts at once so, without a new head."""

    def instructions(engine: Engine, conversation: Conversation) -> Instructions:
        own = DEMO if engine.demo else support.persona(persona, conversation)
        offered = toolbox.offered(conversation) if engine.tools else ()
        helped = channels.of(conversation.place) is not None
        there = {
            needs_human.name: helped and conversation.only is None,
            search_knowledge.name: shelf.offers(conversation) or (helped and shelf.library is not None),
        }
        return Instructions(persona=own, tools=tuple(each for each in offered if there.get(each.name, True)))

    return instructions
