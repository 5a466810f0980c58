"""The commands of oversight: the review list, the figures, and where votes are wanted."""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import NotAllowed
from bot.languages.phrases import Phrases
from bot.oversight import voting
from bot.oversight.reviewing import WEEKS
from bot.oversight.showing import figures, review
from bot.ports import OnCommand, OnPress, Store
from bot.ports.oversight import Listed, Oversees
from bot.talk.command import Argument, Command, Who
from bot.talk.delivery import Action
from bot.talk.event import Commanded, Pressed
from bot.talk.form import Field, Form, kept
from bot.talk.message import Person, Place
from bot.talk.oversight import Cursor, Mended, ReviewState, Which
from bot.talk.response import Response

REVIEW = "review"
SETTLE = "review-set"
RIGHT = "right"
RIGHT_AND_POST = "right-post"

QUESTION_CHARS = 300
ANSWER_CHARS = 1800
"""Of a right answer, so that it is one message with the line that says whose it is."""

OLDER, NEWER = "o", "n"


def commands(phrases: Phrases) -> tuple[Command, ...]:
    """As platforms show them."""

    def say(key: str) -> str:
        return phrases.say(key)

    which = Argument(
        name="which",
        description=say("argument-review-which"),
        choices=tuple(each.value for each in Which),
        required=False,
    )
    state = Argument(
        name="state",
        description=say("argument-review-state"),
        choices=tuple(each.value for each in ReviewState),
        required=False,
    )
    weeks = Argument(name="weeks", description=say("argument-weeks"), required=False)
    when = Argument(name="when", description=say("argument-feedback"), choices=("on", "off"))
    return (
        *voting.commands(phrases),
        Command(name="review", description=say("command-review"), arguments=(which, state)),
        Command(name="support-figures", description=say("command-support-figures"), arguments=(weeks,)),
        Command(name="feedback", description=say("command-feedback"), arguments=(when,), who=Who.MODERATOR),
    )


def forms(phrases: Phrases) -> Mapping[str, Form]:
    """Staff write the question anew: what people asked is theirs, and is not copied elsewhere."""
    question = Field(name="question", label=phrases.say("form-right-question"), most=QUESTION_CHARS, required=True)
    answer = Field(name="answer", label=phrases.say("form-right-answer"), most=ANSWER_CHARS, long=True, required=True)
    right = Form(title=phrases.say("form-right"), fields=(question, answer))
    posted = Form(title=phrases.say("form-right-post"), fields=(question, answer))
    return {**voting.forms(phrases), RIGHT: right, RIGHT_AND_POST: posted}


class OversightCommands:
    def __init__(self, store: Store, reviewing: Oversees, *, phrases: Phrases) -> None:
        self._store = store
        self._reviewing = reviewing
        self._phrases = phrases

    @property
    def commands(self) -> Mapping[str, OnCommand]:
        return {"review": self._review, "support-figures": self._figures, "feedback": self._feedback}

    @property
    def presses(self) -> Mapping[str, OnPress]:
        return {
            REVIEW: self._turned,
            SETTLE: self._settled,
            RIGHT: self._corrected,
            RIGHT_AND_POST: self._corrected,
        }

    async def _review(self, event: Commanded) -> Response:
        phrases = self._phrases.to(event.person.locale)
        try:
            which = Which(event.arguments.get("which") or Which.ALL)
            state = ReviewState(event.arguments.get("state") or ReviewState.OPEN)
        except ValueError:
            return _said(phrases, "review-bad")
        return await self._shown(event.person, event.place, which, state, phrases)

    async def _turned(self, event: Pressed) -> Response:
        """Another page of the list: `review:way.which.state.cursor`."""
        phrases = self._phrases.to(event.person.locale)
        try:
            way, which, state, cursor = event.action.partition(":")[2].split(".", 3)
            where = Which(which), ReviewState(state)
            at = Cursor.read(cursor)
        except ValueError:
            return _said(phrases, "review-none")
        return await self._shown(event.person, event.place, *where, phrases, at=at, newer=way == NEWER)

    async def _settled(self, event: Pressed) -> Response:
        """`review-set:to.which.state.cursor`; the next one is shown then."""
        phrases = self._phrases.to(event.person.locale)
        try:
            to, which, state, cursor = event.action.partition(":")[2].split(".", 3)
            decided, where = ReviewState(to), (Which(which), ReviewState(state))
            at = Cursor.read(cursor)
        except ValueError:
            return _said(phrases, "review-none")
        if not await self._reviewing.settle(event.person, at.turn, decided):
            return _said(phrases, "vote-gone")
        return await self._shown(event.person, event.place, *where, phrases, at=at)

    async def _shown(
        self,
        person: Person,
        near: Place,
        which: Which,
        state: ReviewState,
        phrases: Phrases,
        *,
        at: Cursor | None = None,
        newer: bool = False,
    ) -> Response:
        """One review, and buttons to the others. It repeats people's words, so it is not kept."""
        found = await self._reviewing.listed(person, near, which=which, state=state, at=at, newer=newer, limit=1)
        if not found:
            return _said(phrases, "review-none")
        return Response(
            text=review(found[0], phrases), actions=self._buttons(found[0], which, state, phrases), fleeting=True
        )

    def _buttons(self, listed: Listed, which: Which, state: ReviewState, phrases: Phrases) -> tuple[Action, ...]:
        turn, here = listed.review.turn, f"{which.value}.{state.value}.{listed.review.cursor.text}"
        others = [each for each in ReviewState if each is not state]
        return (
            Action(id=f"{REVIEW}:{NEWER}.{here}", label=phrases.say("review-newer")),
            Action(id=f"{REVIEW}:{OLDER}.{here}", label=phrases.say("review-older")),
            *(Action(id=f"{SETTLE}:{to.value}.{here}", label=phrases.say(f"review-to-{to.value}")) for to in others),
            *((Action(id=f"{RIGHT}:{turn}", label=phrases.say("review-right")),) if self._reviewing.keeps else ()),
            Action(id=f"{RIGHT_AND_POST}:{turn}", label=phrases.say("review-right-post")),
        )

    async def _corrected(self, event: Pressed) -> Response:
        kind, _, turn = event.action.partition(":")
        phrases = self._phrases.to(event.person.locale)
        given = kept(forms(phrases)[kind], event.filled)
        if not all(given.values()):
            return _said(phrases, "right-empty")
        mended = await self._reviewing.correct(
            event.person, turn, question=given["question"], answer=given["answer"], post=kind == RIGHT_AND_POST
        )
        key = {Mended.GONE: "vote-gone", Mended.SILENT: "right-silent"}.get(mended)
        if key is None:
            key = "right-kept" if self._reviewing.keeps else "right-posted"
        return _said(phrases, key)

    async def _figures(self, event: Commanded) -> Response:
        phrases = self._phrases.to(event.person.locale)
        given = event.arguments.get("weeks", "").strip() or "1"
        if not (given.isascii() and given.isdigit() and len(given) <= len(str(WEEKS)) and 1 <= int(given) <= WEEKS):
            return _said(phrases, "figures-bad-weeks", most=WEEKS)
        told = await self._reviewing.figures(event.person, event.place, weeks=int(given))
        return Response(text=figures(told, phrases), fleeting=True)

    async def _feedback(self, event: Commanded) -> Response:
        if not event.moderator:
            raise NotAllowed(f"{event.person.key} may not manage {event.place.key}")
        phrases = self._phrases.to(event.person.locale)
        wanted = {"on": True, "off": False}.get(event.arguments.get("when", ""))
        if wanted is None:
            return _said(phrases, "feedback-bad")
        await self._store.save_feedback(event.place, wanted=wanted)
        return _said(phrases, "feedback-on" if wanted else "feedback-off")


def _said(phrases: Phrases, key: str, **values: str | int) -> Response:
    return Response(text=phrases.say(key, **values), fleeting=True)
