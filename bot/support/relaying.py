"""What staff answer to a note is told where the question stands, in the asker's language, once and pinging nobody.

A reply to a message of the bot reaches it also where it may not read what others write, as long as the mention that
goes with it is left on. What the bot itself says is never taken for staff's.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from bot.errors import BackendError, TranslationFailed
from bot.languages.phrases import Phrases
from bot.ports import Clock, Counters, OnPress, OnRun, Store
from bot.ports.support import KnownChannels, WritesDown
from bot.ports.translation import Translated, Translates
from bot.support.pressing import Pressing
from bot.support.team import Team
from bot.talk.delivery import Action, Delivery
from bot.talk.digest import Told
from bot.talk.event import Pressed
from bot.talk.ground import Standing
from bot.talk.message import Addressed, Conversation, Message, Person, Place
from bot.talk.plan import Plan, Run
from bot.talk.quoting import inline
from bot.talk.record import Outgoing
from bot.talk.recurrence import Once
from bot.talk.response import Response
from bot.talk.support import Case, Relayed, Silence, noted_case, relaying

log = logging.getLogger(__name__)

CASE_RELAY = "case-relay"
"""The kind of the plan that tells what staff wrote."""
ORIGINAL_PRESS = "case-original"
DOUBT_SECONDS = 10
"""So long a reply waits, at most, until it is known whether it is one to a note."""
TRIES = 3
"""Times that an engine that fails is asked for a translation; then the words are told as they are."""


class Relaying:
    """`silenced` as in `Pressing`; `look`: something is due."""

    def __init__(
        self,
        store: Store,
        channels: KnownChannels,
        team: Team,
        pressing: Pressing,
        *,
        translates: Translates,
        silenced: Callable[[Case, Silence], Awaitable[None]],
        look: Callable[[], None],
        phrases: Phrases,
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._store = store
        self._channels = channels
        self._team = team
        self._pressing = pressing
        self._translates = translates
        self._silenced = silenced
        self._look = look
        self._phrases = phrases
        self._clock = clock
        self._counters = counters

    @property
    def handlers(self) -> Mapping[str, OnRun]:
        return {CASE_RELAY: self.run}

    @property
    def presses(self) -> Mapping[str, OnPress]:
        return {ORIGINAL_PRESS: self._original}

    async def heard(self, message: Message) -> WritesDown | None:
        """Whether it is staff's answer to a note, which nobody else has to answer. Raises DatabaseUnusable."""
        if message.reply_to is None or message.author.bot or message.made:
            return None
        near = await self._channels.support_channels(message.place.platform)
        noted = any(each.notes is not None and each.notes.key == message.place.key for each in near)
        if not noted and message.addressed is Addressed.NO:
            return None  # people reply everywhere; only there, and where notes stood before, the store is asked
        answered = await self._answered(message.place, message.reply_to)
        case_id = None if answered is None else noted_case(answered.delivery.id)
        case = None if case_id is None else await self._store.case(case_id)
        channel = None if case is None else await self._channels.support_channel(case.place)
        if case is None or channel is None:
            return None
        if not await self._team.includes(message.author.key, case.place, channel):
            return None
        return partial(self._take, message, case)

    async def _answered(self, place: Place, replied: str) -> Outgoing | None:
        """A note stands there before we are told in which message."""
        for _ in range(DOUBT_SECONDS):
            doubtful = await self._store.note_may_stand(place)
            found = await self._store.shown_by(place, replied)
            if found is not None or not doubtful:
                return found
            await self._clock.sleep(1.0)
        return await self._store.shown_by(place, replied)

    async def _take(self, message: Message, case: Case) -> None:
        """It will be told."""
        relay = Relayed(
            id=f"{message.place.platform}-{message.id}",
            case=case.id,
            place=message.place,
            message=message.id,
            author=message.author.key,
            author_name=message.author.name,
            text=message.text.strip(),
        )
        plan = Plan(
            id=relaying(relay.id),
            kind=CASE_RELAY,
            recurrence=Once(at=message.sent_at),
            due=message.sent_at,
            conversation=Conversation(place=case.place),
            owner=message.author.key,
            payload={"relay": relay.id},
        )
        await self._store.save_relay(relay, plan)
        self._look()

    async def run(self, run: Run) -> Sequence[Delivery]:
        """Raises DatabaseUnusable, and BackendError a few times."""
        relay = await self._store.relay(run.plan.payload["relay"])
        case = None if relay is None else await self._store.case(relay.case)
        if relay is None or case is None:
            return ()
        if not relay.text:
            return (await self._unsaid(relay, case, "unread"),)
        if await self._team.standing(case.place) in (Standing.GONE, Standing.BARRED):
            return (await self._unsaid(relay, case, "nowhere"),)
        translated = await self._translated(relay, case, attempt=run.attempt)
        await self._claimed(relay, case)
        return (self._told(relay, case, translated),)

    async def _unsaid(self, relay: Relayed, case: Case, why: str) -> Delivery:
        """Tells staff that nobody has read it."""
        self._counters.add("case_relays_total", outcome=why)
        channel = await self._channels.support_channel(case.place)
        words = self._phrases.to(None if channel is None else channel.staff_language)
        return Delivery(
            id=f"relay:{relay.id}",
            conversation=Conversation(place=relay.place),
            text=words.say(f"relay-{why}"),
            reply_to=relay.message,
        )

    async def _translated(self, relay: Relayed, case: Case, *, attempt: int) -> Translated | None:
        """None: it could not be translated."""
        try:
            return await self._translates.translated(
                relay.text, to=case.language, conversation=Conversation(place=case.place)
            )
        except TranslationFailed as error:
            log.info("what staff wrote is told as it is: %s", error)
        except BackendError:
            if attempt < TRIES:
                raise
        return None

    def _told(self, relay: Relayed, case: Case, translated: Translated | None) -> Delivery:
        outcome = "untranslated" if translated is None else "same" if translated.same else "translated"
        self._counters.add("case_relays_total", outcome=outcome)
        words = self._phrases.to(case.language)
        text = relay.text if translated is None else translated.text
        original = Action(id=f"{ORIGINAL_PRESS}:{relay.id}", label=words.say("relay-original"))
        return Delivery(
            id=f"relay:{relay.id}",
            conversation=Conversation(place=case.place),
            text=text,
            lead=words.say(f"relay-{outcome}", name=inline(relay.author_name)),
            actions=(original,) if outcome == "translated" else (),
            told=(Told(text=text, messages=frozenset({relay.message})),) if relay.kept else (),
        )

    async def _claimed(self, relay: Relayed, case: Case) -> None:
        """Whoever answers has taken it up; and where staff speak, the bot does not."""
        await self._silenced(case, Silence.STAFF)
        platform, _, person = relay.author.partition(":")
        await self._pressing.answered(case, Person(platform=platform, id=person, name=relay.author_name))

    async def _original(self, event: Pressed) -> Response:
        """To whoever can read what was made of it."""
        words = self._phrases.to(event.person.locale)
        relay = await self._store.relay(event.action.partition(":")[2])
        case = None if relay is None else await self._store.case(relay.case)
        if relay is None or case is None or case.place.key != event.place.key:
            return Response(text=words.say("relay-gone"))
        return Response(text=relay.text, fleeting=True)
