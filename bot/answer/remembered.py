"""What the next prompt of a conversation will begin with, read from the store without making anything anew."""

from __future__ import annotations

from bot.ports import Store
from bot.talk.message import Conversation
from bot.talk.prompt import Prompt
from bot.talk.turn import Piece


async def remembered(store: Store, conversation: Conversation) -> Prompt | None:
    """None where there is nothing yet, and where something has to be rendered again. Raises DatabaseUnusable."""
    ledger = await store.ledger(conversation)
    pieces = [ledger.head, *(each.piece for each in ledger.pieces)]
    if ledger.summary is not None:
        pieces.insert(1, ledger.summary.piece)
    rendered: list[Piece] = [each for each in pieces if each is not None]
    if len(rendered) < len(pieces) or len({each.template for each in rendered}) != 1:
        return None
    return Prompt(pieces=tuple(rendered))
