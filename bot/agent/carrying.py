"""One call carried out: in a task of its own that can be left behind, and whatever it does becomes text or a reason."""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
from dataclasses import dataclass, replace
from typing import Any

from bot.agent.marking import MARKS, data, listed_chars
from bot.agent.offer import Offer
from bot.errors import BadCall
from bot.ports.tool import CallContext, Effect
from bot.talk.found import Found
from bot.talk.redaction import Redaction

log = logging.getLogger(__name__)

GRACE_SECONDS = 1.0  # for a call that was cancelled to end
MOST_LEFT = 2  # calls of one tool that did not end although they were cancelled, before it is called no more
RUBBISH_SHARE = 0.1  # of a result that is no text, and it is none at all
REPLACED = "\ufffd"

_RUBBISH = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What the function returned, or else the reason why it did not; `theirs`: in the tool's own words."""

    content: object = None
    failure: str = ""
    theirs: bool = False


class Carrying:
    """Carries out calls. One that does not end when it is told to is left alone, and after a few its tool is not called
    any more."""

    def __init__(self, *, chars: int, redact: Redaction) -> None:
        self._redact = redact
        self._chars = chars
        self._left: dict[asyncio.Task[_Given], str] = {}

    async def carry_out(self, tool: Offer, context: CallContext, arguments: dict[str, Any], *, seconds: float) -> Found:
        """The result, its text of at most `chars` and a note; without secrets, and words of others marked as that.

        Raises BadCall with the reason where there is none.
        """
        if sum(name == tool.name for name in self._left.values()) >= MOST_LEFT:
            raise BadCall(f"{tool.name} hangs and cannot be used at the moment; answer without it")
        task = asyncio.create_task(_given(tool, context, arguments))
        try:
            done, _ = await asyncio.wait({task}, timeout=seconds)
        except asyncio.CancelledError:
            await self._end(tool, task)
            raise
        if not done:
            await self._end(tool, task)
            unsure = "" if tool.effect is Effect.READS else "; it may have been done all the same: do not call it again"
            raise BadCall(f"{tool.name} took longer than {seconds:g} seconds{unsure}")
        given = task.result()
        found = given.content if isinstance(given.content, Found) else Found(text="")
        room = max(self._chars // 2, self._chars - (MARKS if tool.outside else 0) - listed_chars(found.sources))
        if given.failure:
            reason = self._redact(given.failure)
            raise BadCall(data(reason[:room], context.call) if tool.outside and given.theirs else reason)
        words = found.text if isinstance(given.content, Found) else given.content
        text = _told(tool.name, words, chars=room, redact=self._redact)
        return replace(found, text=data(text, context.call) if tool.outside else text)

    async def _end(self, tool: Offer, task: asyncio.Task[_Given]) -> None:
        self._left[task] = tool.name
        task.add_done_callback(lambda done: self._left.pop(done, None))
        task.cancel()
        _, pending = await asyncio.wait({task}, timeout=GRACE_SECONDS)
        if pending:
            log.error("tool %s did not end although it was cancelled; it is left alone", tool.name)


async def _given(tool: Offer, context: CallContext, arguments: dict[str, Any]) -> _Given:
    """Lets nothing but its own cancellation out: a SystemExit that left a task would end the program."""
    try:
        return _Given(content=await tool.run(context, arguments))
    except (BadCall, ValueError) as error:
        return _Given(failure=str(error) or f"{tool.name} does not take this", theirs=bool(str(error)))
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # Something inside the tool was cancelled, not the turn: left alone, it would end the turn without a word.
        log.warning("tool %s gave up", tool.name)
        return _Given(failure=f"{tool.name} gave up")
    except BaseException as error:  # a broken tool must not take the answer, or the program, with it
        # Without the error's own message, which may hold what people wrote.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("tool %s failed (%s)\n%s", tool.name, type(error).__name__, where)
        return _Given(failure=f"{tool.name} failed ({type(error).__name__})")


def _told(name: str, content: object, *, chars: int, redact: Redaction) -> str:
    """What the model reads of a result, whatever a tool returned."""
    if not isinstance(content, str):
        raise BadCall(f"{name} failed: its result is no text ({type(content).__name__})")
    # A secret is taken out before the text is cut: a half of it would be none that is known.
    clean, later = redact(content[: 2 * chars]), max(0, len(content) - 2 * chars)
    if later:  # and what is left of one at the end of what was looked at
        clean = clean[: len(clean) - redact.unclear(clean)]
    text, rubbish = _RUBBISH.subn(REPLACED, clean[:chars].replace("\r\n", "\n"))
    if rubbish > RUBBISH_SHARE * len(text):
        raise BadCall(f"{name} failed: its result is no text (binary data)")
    if not text.strip():
        return f"({name} gave an empty result)"
    more = later + max(0, len(clean) - chars)
    return f"{text}\n[cut: {more} more characters]" if more > 0 else text
