"""One turn in a support channel: what of the answer is shown, and what stands there where it may not be.

While it is written, an answer that has to rest on knowledge is not shown before it cites any; the sign of waiting and
what the turn is doing stand there until then. At its end it is shown, or replaced by a sentence of ours, which is also
what is stored as the reply, so that the model does not go on from what nobody has read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace

from bot.agent.progress import Answered, Progress
from bot.answer.grounding import Numbers, before, cites, supplied, without_invented
from bot.answer.materials import Materials
from bot.languages.courtesies import acknowledges
from bot.talk.delivery import Action
from bot.talk.message import Message, PlaceKind
from bot.talk.support import NEEDS_HUMAN, Handed, SupportChannel
from bot.talk.turn import Part, Piece, Reply, Results

LOOKED_BACK = 200
"""Parts of earlier turns that are looked through for passages."""

Renders = Callable[[Part], Awaitable[Piece]]


class Grounded:
    """Of one turn. `begin` before anything is shown, `recall` whenever its prompt was put together. `instead`: a
    sentence of ours stands there, and no answer; `handed`: because a person is called."""

    def __init__(self, message: Message, materials: Materials) -> None:
        self._message = message
        self._with = materials
        self._channel: SupportChannel | None = None
        self._earlier = Numbers()
        self._ended = False
        self.actions: tuple[Action, ...] = ()
        self.instead = False
        self.handed = False

    async def begin(self) -> None:
        """Raises DatabaseUnusable: what is not known to be allowed is not shown."""
        self._channel = await self._with.helps.channel(self._message)

    async def recall(self) -> None:
        """What was supplied before, as the prompt has it. Raises DatabaseUnusable."""
        if self._holds:
            conversation, store = self._message.conversation, self._with.store
            ledger = await store.ledger(conversation)
            seqs = [piece.seq for piece in ledger.pieces if piece.seq >= ledger.cut_before][-LOOKED_BACK:]
            self._earlier = before((await store.parts(conversation, seqs)).values())

    @property
    def _holds(self) -> bool:
        return self._channel is not None and self._channel.grounded

    def seen(self, progress: Progress) -> Progress:
        """As people see it: without what may not be shown, or not yet."""
        if self._channel is None or self._ended:
            return progress
        if _called(progress) or (self._holds and not self._rests(progress)):
            return replace(progress, text="", sources=())
        return replace(progress, text=self._clean(progress.text, progress)) if self._holds else progress

    def supplied(self, progress: Progress) -> Collection[int]:
        """The numbers of all that the answer may cite."""
        return self._numbers(progress).real

    def _rests(self, progress: Progress) -> bool:
        return cites(progress.text, self._numbers(progress).knowledge, growing=progress.done is None)

    def _numbers(self, progress: Progress) -> Numbers:
        return supplied((part for part, _ in progress.parts), len(progress.sources), self._earlier)

    def _clean(self, text: str, progress: Progress) -> str:
        return without_invented(text, self._numbers(progress).real)

    async def ended(self, progress: Progress, render: Renders) -> Progress:
        """The whole answer, or what stands there instead; a person is called then. Raises DatabaseUnusable."""
        channel = self._channel
        if channel is None:
            return progress
        handed = await self._instead(channel, progress)
        self._ended = True
        if handed is not None:
            self.instead = True
            self.actions = handed.actions
            return await _said_instead(progress, handed.text, render)
        if not self._holds:
            return progress
        return await _reworded(progress, lambda text: self._clean(text, progress), render)

    async def _instead(self, channel: SupportChannel, progress: Progress) -> Handed | None:
        helps, message = self._with.helps, self._message
        if _called(progress):
            self.handed = True
            return await helps.called(message, channel=channel, unfound=False)
        if not channel.grounded or self._rests(progress):
            return None
        if progress.asked:  # people are asked for a call, in words of ours
            return Handed(text="")
        self._with.counters.add("answers_ungrounded_total")
        if self._only_acknowledges:
            return await helps.thanked(message)
        if message.only is not None:
            return await helps.unfound(message)
        self.handed = True
        return await helps.called(message, channel=channel, unfound=True)

    @property
    def _only_acknowledges(self) -> bool:
        """What opens a post, whose number it has, may ask in its title."""
        message, place = self._message, self._message.place
        title = place.name if place.kind is PlaceKind.THREAD and message.id == place.id else ""
        return acknowledges(message.text) and not message.attachments and (not title or acknowledges(title))

    async def stopped(self, progress: Progress, render: Renders) -> Progress:
        """It was stopped in its middle: what was not shown is not stored either."""
        self._ended = True
        if self._channel is None:
            return progress
        if _called(progress) or (self._holds and not self._rests(progress)):
            return await _said_instead(progress, "", render)
        if not self._holds:
            return progress
        return await _reworded(progress, lambda text: self._clean(text, progress), render)


def _called(progress: Progress) -> bool:
    """Whether the model has called a person."""
    return any(
        result.name == NEEDS_HUMAN and not result.failed
        for part, _ in progress.parts
        if isinstance(part, Results)
        for result in part.results
    )


async def _said_instead(progress: Progress, text: str, render: Renders) -> Progress:
    """The calls and results stay as they were; of the words only these."""
    replaced = await _reworded(progress, lambda _: "", render)
    parts, last = list(replaced.parts), Reply(text=text)
    if progress.done is not None and parts:
        parts[-1] = (last, await render(last))
    done = None if progress.done is None else Answered(reply=last, cut=False)
    return replace(replaced, text=text, parts=tuple(parts), sources=(), privately=False, done=done)


async def _reworded(progress: Progress, word: Callable[[str], str], render: Renders) -> Progress:
    parts: list[tuple[Part, Piece]] = []
    for part, piece in progress.parts:
        said = replace(part, text=word(part.text)) if isinstance(part, Reply) else part
        parts.append((part, piece) if said == part else (said, await render(said)))
    done = progress.done
    if done is not None:
        done = replace(done, reply=replace(done.reply, text=word(done.reply.text)))
    return replace(progress, text=word(progress.text), growing=word(progress.growing), parts=tuple(parts), done=done)
