"""Carries out a call that somebody has allowed, as if the model had just made it, and before it is asked.

What may have been done by a process that died is done again only where that is known to be harmless: our own tools
write once under the name of the request. What was sent to others cannot be taken back, so it is not sent twice.
"""

from __future__ import annotations

from dataclasses import replace

from bot.agent.loop import LEAST_REPLY
from bot.agent.outcome import smaller, told
from bot.agent.progress import Progress, beside
from bot.agent.toolbox import Ran
from bot.answer.materials import Materials
from bot.ports import Inference, Store
from bot.ports.tool import CallContext, Effect
from bot.talk.approval import Request, RequestState
from bot.talk.message import Message
from bot.talk.turn import Call, Part, Piece, Reply

GONE = "Error: what was allowed is gone; nothing was done"
PERHAPS = (
    "Error: I was interrupted while this was done. It may have been done or not, and it is not done again; tell them so"
)


async def carried_out(
    message: Message, materials: Materials, inference: Inference, context: CallContext, *, window: int, asked: int
) -> Progress:
    """The call and its result as the beginning of the turn. `window` and `asked`: tokens that there are, and that the
    prompt takes. Raises DatabaseUnusable, and then nothing was done."""
    request = await materials.store.request(message.id.partition(":")[2])
    if request is None or request.state is not RequestState.ALLOWED:
        call = Call(id=message.id, name="call", arguments="{}")
        ran = (Ran(call_id=call.id, name=call.name, content=GONE, failed=True),)
    else:
        call = request.call
        question = await materials.store.asked(request.turn)
        if question is not None:  # whose words the message of our own has not
            services = materials.services(replace(message, text=question.text))
            context = replace(context, services=services)
        ran = await _ran(request, materials, replace(context, call=request.id, approved=request))
    outcome = "failed" if ran[0].failed else "ok"
    name = call.name if call.name in materials.toolbox.offers else "unknown"
    materials.counters.add("tool_calls_total", tool=name, outcome=outcome)
    reply = Reply(text="", calls=(call,))
    parts: list[tuple[Part, Piece]] = [(reply, await inference.render(reply))]
    room = window - LEAST_REPLY - asked - parts[0][1].tokens
    for part in told(ran, closing=False):
        piece = await inference.render(part)
        small = smaller(part) if piece.tokens > room else None
        if small is not None:
            part, piece = small, await inference.render(small)  # noqa: PLW2901 - it takes its place
        parts.append((part, piece))
        room -= piece.tokens
    return beside(Progress(text="", parts=tuple(parts)), (call,), ran)


async def asked_unseen(message: Message, store: Store) -> bool:
    """Whether the model does not see the turn any more in which it asked. Raises DatabaseUnusable."""
    request = await store.request(message.id.partition(":")[2])
    ledger = await store.ledger(message.conversation)
    return request is not None and all(stored.turn != request.turn for stored in ledger.pieces)


async def _ran(request: Request, materials: Materials, context: CallContext) -> tuple[Ran, ...]:
    first = await materials.store.begin_request(request.id)
    offer = materials.toolbox.offers.get(request.call.name)
    repeatable = offer is not None and not offer.server and offer.effect is not Effect.LEAVES
    if not first and not repeatable:
        return (Ran(call_id=request.call.id, name=request.call.name, content=PERHAPS, failed=True),)
    return await materials.toolbox.run((request.call,), context)
