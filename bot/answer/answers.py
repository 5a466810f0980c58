"""All answers of this process: each is a task of its own that is owned, stopped and closed here.

A turn and its delivery are rows from the start. However a turn ends, both are closed in one transaction; only an
interruption by shutdown leaves them open, and the next start goes on in the same messages.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import uuid4

from bot.answer.closing import FIRST_PAUSE, LONGEST_PAUSE, Closing
from bot.answer.materials import Materials
from bot.answer.refusals import Refusals
from bot.answer.room import Room
from bot.answer.turn import Turn
from bot.answer.under_way import Ending, Running
from bot.errors import BackendError, CalanqueError, QueueFull
from bot.ports import Deliveries, Draft
from bot.talk.approval import Asking
from bot.talk.delivery import Action, Delivery, Shown
from bot.talk.event import Pressed
from bot.talk.message import Message, Place
from bot.talk.record import OpenTurn
from bot.talk.response import Response
from bot.talk.turn import TurnState

log = logging.getLogger(__name__)

STOP_PRESS = "stop"
CLOSING_SECONDS = 5.0
"""At shutdown, after the grace: how long interrupted answers may take to say so. What is not closed by then is left to
the next start."""

BROKEN_OFF_SECONDS = 1.0  # for what is broken off then to end


class Answers:
    """All answers of this process. An async context manager: leaving it ends what still runs."""

    def __init__(self, materials: Materials, deliveries: Deliveries) -> None:
        self._materials = materials
        self._deliveries = deliveries
        self._store = materials.store
        self._limits = materials.settings.limits
        self._phrases = materials.phrases
        self._clock = materials.clock
        self._counters = materials.counters
        self._refusals = Refusals(materials.clock)
        self._closing_turns = Closing(materials, deliveries)
        self._running: set[Running] = set()
        self._latest: dict[str, Running] = {}
        self._room = Room(self._limits, materials.clock)
        self._closing = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let running answers finish for a while, then interrupt them; they are taken up at the next start."""
        self._closing = True
        for running in list(self._running):
            if running.postponed or running.turn.held_up:  # the next start takes it up
                self._end(running, Ending.INTERRUPTED)
            if running.postponed and running.closing and running.task is not None:
                running.task.cancel()  # it only waits for the store
        tasks = [running.task for running in self._running if running.task is not None]
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=self._limits.shutdown_seconds)
        finally:
            for running in list(self._running):
                self._end(running, Ending.INTERRUPTED)
            await self._all_closed(tasks)

    async def _all_closed(self, tasks: Collection[asyncio.Task[None]]) -> None:
        left = [task for task in tasks if not task.done()]
        if left:
            _, left = await asyncio.wait(left, timeout=CLOSING_SECONDS)
        if left:
            log.warning("%d answers could not be closed in time; the next start takes them up", len(left))
            self._deliveries.break_off()
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=BROKEN_OFF_SECONDS)

    async def unanswered(self, *, now: datetime | None = None) -> tuple[Message, ...]:
        """At start, before anything is heard: the questions that an earlier process left unanswered."""
        since = (now or self._clock.now()) - timedelta(minutes=self._limits.answer_after_minutes)
        return await self._store.waiting(since=since)

    def begin(self, message: Message, *, opened: OpenTurn | None = None, patient: bool = False) -> None:
        """Answer this message in a task of its own. How many may wait is bounded by the lanes.

        `opened`: its turn, where it is open already. `patient`: it was missed, or an earlier process left it (see
        `Room`). What is being answered is not begun twice.
        """
        if self._closing:
            return  # it stays in the inbox: the next start takes it up
        if any(each.answers(message, "" if opened is None else opened.id) for each in self._running):
            return
        before = self._latest.get(message.conversation.key)
        turn = Turn(message, self._materials, after=None if before is None else before.turn)
        running = Running(message=message, turn=turn, opened=opened, patient=patient)
        running.id = opened.id if opened is not None else ""
        running.task = asyncio.create_task(self._answer(running), name=f"answer to {message.id}")
        self._running.add(running)
        self._latest[message.conversation.key] = running
        running.task.add_done_callback(lambda _: self._ended_with(running))

    def answers(self, message: Message) -> bool:
        """Whether its answer is under way."""
        return any(each.answers(message, "") for each in self._running)

    def _ended_with(self, running: Running) -> None:
        running.turn.step_aside()
        self._running.discard(running)
        self._room.made()
        if self._latest.get(running.message.conversation.key) is running:
            del self._latest[running.message.conversation.key]

    def abandon(self, place: Place, message_ids: Collection[str]) -> None:
        """These messages are gone: end their answers and show nothing."""
        for running in list(self._running):
            if running.message.place.key == place.key and running.message.about & set(message_ids):
                self._end(running, Ending.DELETED)

    def withdraw(self, place: Place, asker: str) -> frozenset[str]:
        """Somebody else has answered the person (as `Person.key`): end what is being answered there, and show
        nothing of it. The ids of these questions, where their turns were open."""
        theirs = [
            each
            for each in self._running
            if (each.message.place.key, each.message.author.key, each.message.only) == (place.key, asker, None)
        ]
        for running in theirs:
            self._end(running, Ending.DELETED)
        return frozenset(each.message.id for each in theirs if each.id)  # the others have no turn to close yet

    async def stop(self, event: Pressed) -> Response | None:
        """The Stop button: for whoever asked, and for moderators."""
        turn = event.action.partition(":")[2]
        running = next((each for each in self._running if each.id == turn), None)
        if running is None:
            return Response(text=self._phrases.to(event.person.locale).say("nothing-to-stop"))
        if not (event.moderator or event.person.key == running.message.author.key):
            return Response(text=self._phrases.to(event.person.locale).say("not-yours-to-stop"))
        self._end(running, Ending.STOPPED)
        return None

    def _end(self, running: Running, ending: Ending) -> None:
        if running.ending is None and not running.closing and running.task is not None:
            running.ending = ending
            running.task.cancel()

    async def _answer(self, running: Running) -> None:
        try:
            await self._answered(running)
        except Exception:
            log.exception("the answer to message %s broke", running.message.id)
            await self._apologise(running.message, running.turn.phrases.explain(CalanqueError()))
        finally:
            await running.turn.leave()

    async def _apologise(self, message: Message, text: str) -> None:
        """Beside the turn: the message stays in the inbox, and the next start takes it up."""
        apology = Delivery(id=uuid4().hex, conversation=message.conversation, text=text, reply_to=message.replies_to)
        await self._deliveries.tell(apology, Shown())

    async def _answered(self, running: Running) -> None:
        opened = running.opened or await self._opened(running)
        if opened is None:
            return
        running.id, running.postponed = opened.id, False
        assert running.task is not None
        running.task.set_name(f"answer to {running.message.id}")
        view = self._view(running, opened)
        draft: Draft | None = None
        try:
            await self._room.line_up(running, begun=bool(opened.shown.messages))
            await running.turn.spoken()  # not before: whoever asked first is first in line
            view = self._view(running, opened)
            async with self._deliveries.draft(view, opened.shown) as draft:
                note = await running.turn.run(opened, view, draft)
                await self._closing_turns.oversee(running)
            state = TurnState.DONE
        except asyncio.CancelledError:
            if running.ending is None:
                raise
            state, note = await self._ended(running, running.ending)
        except QueueFull as error:
            await running.turn.spoken()
            state, note = TurnState.FAILED, self._refused(running, error, waited=draft is not None)
        except CalanqueError as error:
            if isinstance(error, BackendError):
                self._materials.engines.forget()
            self._counters.add("answers_failed_total", error=type(error).__name__)
            log.warning("turn %s failed: %s: %s", opened.id, type(error).__name__, error)
            state, note = TurnState.FAILED, running.turn.phrases.explain(error)
        except Exception:
            self._counters.add("answers_failed_total", error="unexpected")
            log.exception("turn %s failed", opened.id)
            state, note = TurnState.FAILED, running.turn.phrases.say("error-unexpected")
        running.closing = True
        shown = opened.shown if draft is None else draft.shown
        if running.ending is Ending.DELETED:
            await self._close(running, replace(view, text=""), shown, state, Asking())
            return
        asking = self._closing_turns.asking(running, state)
        text = "\n\n".join(filter(None, (running.turn.text, note, asking.text)))
        await self._close(running, replace(view, text=text, lead=running.turn.lead), shown, state, asking)

    def _refused(self, running: Running, error: QueueFull, *, waited: bool) -> str:
        """What is told of it: nothing to whoever was told a moment ago, and wrote on."""
        news = self._refusals.is_news(running.message) or waited or running.patient
        self._counters.add("answers_refused_total", told=str(news).lower())
        log.log(logging.INFO if news else logging.DEBUG, "turn %s is refused: %s", running.id, error)
        return running.turn.phrases.explain(error) if news else ""

    async def _opened(self, running: Running) -> OpenTurn | None:
        """Its turn; None where there is nothing to do, or nothing can be done before the next start.

        While the store fails it is tried again with growing pauses, as long as a question is worth an answer.
        """
        message, pause = running.message, FIRST_PAUSE
        # From now on, not from when it was sent: that is told by another clock than ours.
        until = self._clock.monotonic() + self._limits.answer_after_minutes * 60
        while True:
            try:
                return await self._store.open_turn(message, at=self._clock.now())
            except CalanqueError as error:
                log.error("message %s could not be taken up: %s", message.id, error)
            if not running.postponed:
                await self._apologise(message, running.turn.phrases.say("answer-later"))
            others = sum(each.postponed for each in self._running if each is not running)
            if self._closing or others >= self._limits.queue or self._clock.monotonic() >= until:
                return None
            running.postponed = running.patient = True
            running.turn.step_aside()
            assert running.task is not None
            running.task.set_name(f"postponed answer to {message.id}")
            await self._clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _view(self, running: Running, opened: OpenTurn) -> Delivery:
        return Delivery(
            id=opened.delivery_id,
            conversation=running.message.conversation,
            text="",
            reply_to=running.message.replies_to,
            handle=opened.handle,
            actions=(Action(id=f"{STOP_PRESS}:{opened.id}", label=running.turn.phrases.say("stop")),),
            final=False,
        )

    async def _ended(self, running: Running, ending: Ending) -> tuple[TurnState, str]:
        """The task was cancelled by us. What was said stays said: it becomes a whole turn of its own."""
        assert running.task is not None
        running.task.uncancel()
        match ending:
            case Ending.INTERRUPTED:
                return TurnState.OPEN, running.turn.phrases.say("interrupted")
            case Ending.DELETED:
                return TurnState.FAILED, ""
            case Ending.STOPPED:
                try:
                    kept = await running.turn.conclude()
                except Exception:
                    log.exception("what was said of turn %s before it was stopped is lost", running.id)
                    kept = False
                # Without a turn of its own a question stays among what the next one overhears.
                return TurnState.STOPPED if kept else TurnState.FAILED, running.turn.phrases.say("stopped")

    async def _close(self, running: Running, view: Delivery, shown: Shown, state: TurnState, asking: Asking) -> None:
        final = replace(view, actions=asking.actions, final=True)
        if state is TurnState.OPEN:  # taken up again at the next start, in the same messages
            await running.turn.give_back_attempt()
            await self._deliveries.tell(replace(final, final=False), shown)
            return
        closed = await self._closing_turns.closed(
            running, final, shown, state, requests=asking.requests, leaving=lambda: self._closing
        )
        if closed is None:
            return
        await running.turn.leave()
        self._room.made()
        self._materials.touched(running.message.conversation)
        self._counters.add("answers_total", outcome=state.value)
        await self._deliveries.finish(final, closed)
