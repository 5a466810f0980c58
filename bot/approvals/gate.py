"""Decides on every call, anew, by the rules of the place, the rights of the asker, and what the call would send.

Whatever cannot be decided is denied. Assume that the model was talked into it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from bot.approvals.addresses import MOST_ADDRESSES, addresses_of, anything_across, given, is_named, named_in
from bot.approvals.rules import ToolRules
from bot.approvals.shown import WHOLE_CHARS, too_long
from bot.errors import CalanqueError
from bot.memory.rules import rules as kept_by
from bot.ports import Counters, Store
from bot.ports.gate import Admitted, Asked, Denied, Requested, Traits, Verdict
from bot.ports.rights import Rights
from bot.ports.servers import ToolServers
from bot.ports.tool import CallContext, Effect
from bot.talk.message import Conversation, Place
from bot.talk.turn import Part

log = logging.getLogger(__name__)

PAGE, PAGES = 100, 20
"""Parts of a conversation's past that are looked through, at a time and times at most; beyond that it is not known."""

_END = 2**62

ASKED = (
    "Not done yet: {name} is asked with buttons under your answer whether {tool} may be called like this, and it is "
    "done when they allow it. Say so in a few words now, and end your answer."
)
NOT_OFFERED = "{tool} is not offered here; answer without it"
NOT_ALLOWED = "the person who asks may not have {tool} called here; answer without it"
NOT_KEPT = (
    "{tool} needs somebody's approval, and nothing can be kept here to ask for it: either this place keeps nothing "
    "(/keep), or the person who asks wants nothing kept of them (/opt-in). Tell them that, and that it can be done "
    "where something is kept; do not try again."
)
TOO_LONG = (
    "{tool} needs somebody's approval, and these arguments are too long to be shown to them (at most about {most} "
    "characters altogether): call it with less, or in several calls"
)
NOT_THEIRS = "the person who asked may not read this place any more"
NOT_KNOWN = "whether {tool} may be called cannot be found out at the moment; answer without it"


class Gatekeeper:
    """Implements `Gate`."""

    def __init__(
        self,
        store: Store,
        rules: ToolRules,
        *,
        rights: Mapping[str, Rights],
        servers: ToolServers,
        counters: Counters,
    ) -> None:
        self._store = store
        self._rules = rules
        self._rights = rights
        self._servers = servers
        self._counters = counters

    def offers(self, tool: str, server: str, conversation: Conversation) -> bool:
        return self._reachable(server, conversation) and self._rules.offers(tool, conversation.place)

    def _reachable(self, server: str, conversation: Conversation) -> bool:
        return not server or self._servers.allowed(server, conversation)

    async def admit(self, requested: Requested, context: CallContext) -> Verdict:
        tool = requested.call.name
        try:
            verdict, cause = await self._decided(requested, context)
        except CalanqueError as error:
            log.error("whether %s may be called could not be decided: %s", tool, error)
            verdict, cause = Denied(NOT_KNOWN.format(tool=tool)), "unknown"
        except Exception:
            log.exception("whether %s may be called could not be decided", tool)
            verdict, cause = Denied(NOT_KNOWN.format(tool=tool)), "unknown"
        if isinstance(verdict, Denied):
            self._counters.add("tool_calls_denied_total", cause=cause)
        return verdict

    async def _decided(self, requested: Requested, context: CallContext) -> tuple[Verdict, str]:
        """And in a word why."""
        tool, place, asker = requested.call.name, context.conversation.place, context.asker.key
        if (cause := await self.obstacle(tool, requested.server, asker, context.conversation)) is not None:
            reason = NOT_OFFERED if cause == "place" else NOT_ALLOWED
            return Denied(reason.format(tool=tool)), cause
        approved = context.approved
        if approved is not None and approved.covers(
            requested.call, server=requested.server, definition=requested.definition
        ):
            reads = await self.reads(asker, place)
            return (Admitted(), "") if reads else (Denied(NOT_THEIRS), "right")
        if not await self._asks(requested, context):
            return Admitted(), ""
        if too_long(requested.call):
            return Denied(TOO_LONG.format(tool=tool, most=WHOLE_CHARS)), "long"
        if not await self._kept(context):
            return Denied(NOT_KEPT.format(tool=tool)), "unkept"
        return Asked(ASKED.format(name=_name(context), tool=tool)), ""

    async def obstacle(self, tool: str, server: str, asker: str, conversation: Conversation) -> str | None:
        """What keeps the person from having it called there: the rules of the place, or of their roles, or where its
        server may be used. Raises DatabaseUnusable."""
        await self._rules.require()
        if not self.offers(tool, server, conversation):
            return "place"
        return None if await self._rules.allows(tool, asker, conversation.place) else "role"

    async def reads(self, person: str, place: Place) -> bool:
        """Whether they can read the place, as of now."""
        rights = self._rights.get(place.platform)
        return rights is not None and await rights.may_read(person, place)

    async def _asks(self, requested: Requested, context: CallContext) -> bool:
        """Whether somebody has to allow it. Raises DatabaseUnusable."""
        match requested.effect:
            case Effect.READS:
                return False
            case Effect.WRITES:
                return not requested.unasked
            case Effect.LEAVES:
                return requested.across or await self._carries(requested, context)

    async def _carries(self, requested: Requested, context: CallContext) -> bool:
        """Whether what it sends may hold what somebody else than the asker put there, or kept elsewhere."""
        known, own = requested.known, context.parts
        if context.across or anything_across(own, known):
            return True
        seen = await self._seen(context.conversation, known)
        if seen is None:
            return True
        wanted = addresses_of(requested.arguments)
        if len(wanted) > MOST_ADDRESSES:
            return True
        said = named_in(context.words)
        rest = frozenset(each for each in wanted if not is_named(each, said))
        return bool(rest) and rest != given(rest, (*seen, *own), known)

    async def _seen(self, conversation: Conversation, known: Mapping[str, Traits]) -> Sequence[Part] | None:
        """What the model still sees of the conversation, the oldest first, also what only a summary tells of. None
        where anything from elsewhere is in it, or that cannot be said."""
        ledger = await self._store.ledger(conversation)
        first = ledger.cut_before if ledger.summary is None else min(ledger.cut_before, ledger.summary.first)
        if ledger.summary is None and ledger.cut_before:
            first = 0  # another summary will be made of what was cut
        seen: list[Part] = []
        before = _END
        for _ in range(PAGES):
            past = await self._store.past(conversation, before=before, limit=PAGE)
            page = [part for seq, part in sorted(past.items()) if seq >= first]
            if anything_across(page, known):
                return None
            seen[:0] = page
            if len(page) < PAGE:
                return seen
            before = min(past)
        return None

    async def _kept(self, context: CallContext) -> bool:
        """A request holds the words of its call: it is not kept where nothing is, nor of whoever has opted out."""
        policy = await kept_by(self._store, context.conversation.place)
        consent = await self._store.consent(context.asker.key)
        return policy.keeping and not consent.opted_out


def _name(context: CallContext) -> str:
    return " ".join(context.asker.name.split())[:40] or "the person who asked"
