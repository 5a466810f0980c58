"""Who says what: people who talk in channels and alone with the bot, edit, delete, opt out, and are forgotten."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import count
from random import Random

from benchmarks.chatter import line
from bot.talk.event import Commanded, Deleted, Edited, Event, Pressed, Said
from bot.talk.message import Addressed, Attachment, Message, Person, Place, PlaceKind

CHANNELS, PEOPLE = 120, 400
QUESTIONS, PICTURES = 0.04, 0.06
"""Of all messages those that ask the bot; of these, those with a picture."""
DIRECT = 0.1
"""Of the questions, those that are asked alone."""
EDITS, DELETIONS, REPLIES = 0.01, 0.005, 0.15
CONSENT = 0.0005
"""Of all messages, those after which somebody opts out, in again, or wants to be forgotten."""
RECENT = 12
"""Messages of a place that somebody may still change."""
BUSY = (2, 1, 1, 1, 2, 3, 5, 8, 10, 12, 13, 14, 15, 14, 13, 13, 14, 16, 19, 21, 20, 16, 11, 6)
"""How much is said in each hour of the day, beside each other."""


class Town:
    """`messages` counts what was said."""

    def __init__(self, random: Random) -> None:
        self.messages = 0
        self._random = random
        self._ids = count(1)
        self._people = [Person(platform="local", id=f"p{n}", name=f"Person {n}") for n in range(PEOPLE)]
        self._channels = [
            Place(platform="local", id=f"c{n}", name=f"channel-{n}", guild="town") for n in range(CHANNELS)
        ]
        self._recent: dict[str, deque[Message]] = {}
        self._out: deque[Person] = deque()

    def beginning(self, at: datetime) -> Iterator[Event]:
        """In half of the channels everything is kept from the first day on, in the others from the first question."""
        for place in self._channels[::2]:
            yield Commanded(
                name="keep", person=self._people[0], place=place, at=at, arguments={"when": "always"}, moderator=True
            )

    def events(self, at: datetime, messages: int) -> Iterator[Event]:
        """What happens in a minute in which so much is said."""
        for _ in range(messages):
            yield self._said(at)
            chance = self._random.random()
            if chance < DELETIONS:
                yield from self._changed(at, delete=True)
            elif chance < DELETIONS + EDITS:
                yield from self._changed(at, delete=False)
            elif chance < DELETIONS + EDITS + CONSENT:
                yield from self._consent(at)

    def _said(self, at: datetime) -> Said:
        random = self._random
        author = random.choice(self._people)
        # A few channels have most of the talk.
        place = self._channels[min(int(random.expovariate(1 / 20)), CHANNELS - 1)]
        asks, number = random.random() < QUESTIONS, next(self._ids)
        if asks and random.random() < DIRECT:
            place = Place(platform="local", id=f"dm-{author.id}", kind=PlaceKind.DIRECT, name=author.name)
        files: tuple[Attachment, ...] = ()
        if asks and random.random() < PICTURES:
            files = (Attachment(id=f"f{number}", name="screen.jpg", media_type="image/jpeg", size=9000),)
        recent = self._recent.setdefault(place.key, deque(maxlen=RECENT))
        message = Message(
            id=f"m{number}",
            place=place,
            author=author,
            text=line(random),
            sent_at=at,
            addressed=Addressed.MENTION if asks else Addressed.NO,
            attachments=files,
            reply_to=recent[-1].id if recent and random.random() < REPLIES else None,
        )
        recent.append(message)
        self.messages += 1
        return Said(message=message)

    def _changed(self, at: datetime, *, delete: bool) -> Iterator[Event]:
        recent = self._recent[self._random.choice(list(self._recent))]
        if not recent:
            return
        message = self._random.choice(recent)
        recent.remove(message)
        if delete:
            yield Deleted(place=message.place, message_ids=(message.id,))
        else:
            yield Edited(message=replace(message, text=line(self._random), edited_at=at))

    def _consent(self, at: datetime) -> Iterator[Event]:
        random, place = self._random, self._random.choice(self._channels)
        person = random.choice(self._people)
        match random.randrange(3):
            case 0:
                self._out.append(person)
                yield Commanded(name="opt-out", person=person, place=place, at=at)
            case 1 if self._out:
                yield Commanded(name="opt-in", person=self._out.popleft(), place=place, at=at)
            case _:
                yield Pressed(action="forget-me:yes", person=person, place=place, at=at)


def share(hour: int) -> float:
    """How much is said in this hour, an average one being 1."""
    return BUSY[hour % 24] * 24 / sum(BUSY)
