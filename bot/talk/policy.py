"""What may be kept of a place and of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Keep(StrEnum):
    """When a transcript of a place is kept.

    MENTIONED: from the moment somebody first addressed the bot there. ALWAYS: from now on. NEVER: not at all;
    questions are still answered, each without memory, and erased when answered.
    """

    MENTIONED = "mentioned"
    ALWAYS = "always"
    NEVER = "never"


class Ambient(StrEnum):
    """What the bot takes up of messages that are not addressed to it, at the next question of the place.

    ON: whatever no turn has taken up yet, back to the beginning of the transcript. SINCE: only what was said since the
    last turn. OFF: nothing; it stays in the transcript where one is kept.
    """

    ON = "on"
    SINCE = "since"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A place's rules. `retention_days` None: the operator's setting. `since`: when keeping began, None while it has
    not. `announced`: people there were told. `ambient_tokens`: what overheard messages may take in one turn; it and
    `ambient` None: the operator's setting."""

    keep: Keep = Keep.MENTIONED
    retention_days: int | None = None
    since: datetime | None = None
    announced: bool = False
    ambient: Ambient | None = None
    ambient_tokens: int | None = None

    @property
    def keeping(self) -> bool:
        return self.keep is Keep.ALWAYS or (self.keep is Keep.MENTIONED and self.since is not None)

    def within(self, channel: Policy) -> Policy:
        """As it counts for a thread: without a rule of its own it follows its channel's.

        Where all of a channel is kept and its people know, its threads need no announcement of their own.
        """
        own = replace(
            self,
            retention_days=self.retention_days or channel.retention_days,
            ambient=self.ambient or channel.ambient,
            ambient_tokens=self.ambient_tokens or channel.ambient_tokens,
        )
        if self.keep is not Keep.MENTIONED:
            return own
        told = self.announced or (channel.keep is Keep.ALWAYS and channel.announced)
        return replace(own, keep=channel.keep, announced=told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A person's rules. Opted out: their words are never kept; a question is answered, then erased."""

    opted_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What may be kept, of several places and people: the places' own rules by `Place.key`, and whoever of the people
    (as `Person.key`) has opted out."""

    policies: Mapping[str, Policy]
    silent: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How much a deletion reached. `edited`: deliveries (ids) that stand somewhere and are to be shown without it."""

    messages: int = 0
    turns: int = 0
    images: int = 0
    edited: frozenset[str] = frozenset()
