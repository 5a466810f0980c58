"""Votes under answers, and what people say was wrong: anyone may who can read the place."""

from __future__ import annotations

from collections.abc import Mapping

from bot.languages.phrases import Phrases
from bot.oversight.offering import VOTE_DOWN, VOTE_UP
from bot.oversight.staff import Staff
from bot.ports import Counters, OnPress, Store
from bot.talk.command import Command, in_menu
from bot.talk.delivery import Action
from bot.talk.event import Pressed
from bot.talk.form import Field, Form, kept
from bot.talk.oversight import REASON_CHARS, Ballot
from bot.talk.response import Response

WHY = "why"
"""The form that a button opens: of a turn."""
WRONG = "wrong"
"""The same form, opened in the menu of a message."""
WRONG_COMMAND = "this-was-wrong"


def commands(phrases: Phrases) -> tuple[Command, ...]:
    return (in_menu(WRONG_COMMAND, phrases.say("menu-wrong"), form=WRONG),)


def forms(phrases: Phrases) -> Mapping[str, Form]:
    reason = Field(name="reason", label=phrases.say("form-wrong-reason"), most=REASON_CHARS, long=True)
    form = Form(title=phrases.say("form-wrong"), fields=(reason,))
    return {WHY: form, WRONG: form}


class Voting:
    def __init__(self, store: Store, staff: Staff, *, phrases: Phrases, counters: Counters) -> None:
        self._store = store
        self._staff = staff
        self._phrases = phrases
        self._counters = counters

    @property
    def presses(self) -> Mapping[str, OnPress]:
        return {VOTE_UP: self._voted, VOTE_DOWN: self._voted, WHY: self._said_why, WRONG: self._said_wrong}

    async def _voted(self, event: Pressed) -> Response:
        kind, _, turn = event.action.partition(":")
        up, phrases = kind == VOTE_UP, self._phrases.to(event.person.locale)
        ballot = Ballot.GONE
        if await self._readable(event.person.key, turn):
            ballot = await self._store.vote(turn, event.person.key, up=up)
        if (response := self._hindered(ballot, phrases)) is not None:
            return response
        if ballot is not Ballot.SAME:
            self._counters.add("votes_total", vote="up" if up else "down")
        if up:
            return Response(text=phrases.say("vote-thanks"), fleeting=True)
        why = Action(id=f"{WHY}:{turn}", label=phrases.say("vote-why"))
        return Response(text=phrases.say("vote-thanks-down"), actions=(why,), fleeting=True)

    async def _said_why(self, event: Pressed) -> Response:
        return await self._reasoned(event, event.action.partition(":")[2])

    async def _said_wrong(self, event: Pressed) -> Response:
        """Of the answer that a message of ours shows."""
        shown = await self._store.shown_by(event.place, event.action.partition(":")[2])
        return await self._reasoned(event, "" if shown is None else shown.turn or "")

    async def _reasoned(self, event: Pressed, turn: str) -> Response:
        phrases = self._phrases.to(event.person.locale)
        reason = kept(forms(phrases)[WHY], event.filled)["reason"]
        ballot = Ballot.GONE
        if turn and await self._readable(event.person.key, turn):
            ballot = await self._store.say_why(turn, event.person.key, reason)
        if (response := self._hindered(ballot, phrases)) is not None:
            return response
        self._counters.add("votes_total", vote="reason")
        return Response(text=phrases.say("vote-reason-thanks"), fleeting=True)

    async def _readable(self, person: str, turn: str) -> bool:
        found = await self._store.reviewed(turn)
        return found is not None and await self._staff.reads(person, found.place)

    def _hindered(self, ballot: Ballot, phrases: Phrases) -> Response | None:
        key = {Ballot.GONE: "vote-gone", Ballot.SILENT: "vote-silent"}.get(ballot)
        return None if key is None else Response(text=phrases.say(key), fleeting=True)
