"""Reads how somebody wants a channel to be set up. What they do not say stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.languages.naming import tag_meant
from bot.languages.phrases import Phrases
from bot.ports import Clock
from bot.ports.rights import Rights
from bot.ports.support import SupportChannels
from bot.ports.threads import Threads
from bot.support.commands import IN_CHANNEL, IN_THREAD, NO
from bot.support.instructing import TONE
from bot.talk.event import Commanded
from bot.talk.ground import Ground, GroundKind, Standing
from bot.talk.message import Person, Place, PlaceKind
from bot.talk.response import Unfit
from bot.talk.support import Answers, SupportChannel
from bot.talk.words import plain

LANGUAGES = 40
"""Of one channel."""
ROLES = 10
COLLECTIONS, COLLECTION = 20, 100
"""How many, and characters of one's name."""
MOST_ANSWERS = 1000
LONGEST_ESCALATION = 7 * 24 * 60
"""Minutes."""
NONE = "none"
"""Takes away what was set."""

_PARTED = re.compile(r"[,;、،\n]")
_ROLE = re.compile(r"<@&([0-9]+)>")
_NUMBERS = re.compile(r"\s*([0-9]{1,6})\s*(?:[,/ ]\s*([0-9]{1,6})\s*)?")


class SettingUp:
    """`rights` and `threads` by platform."""

    def __init__(
        self, store: SupportChannels, *, rights: Mapping[str, Rights], threads: Mapping[str, Threads], clock: Clock
    ) -> None:
        self._store = store
        self._rights = rights
        self._threads = threads
        self._clock = clock

    async def channel(self, event: Commanded) -> Place:
        """The channel or forum that is meant: where they are, if none is named. Raises Unfit."""
        here = event.place
        if here.kind is PlaceKind.DIRECT:
            raise Unfit("support-not-direct")
        if await self._of(here).standing(here) is Standing.UNKNOWN:  # what is there would look gone
            raise Unfit("digest-plan-cannot-tell")
        words = event.arguments.get("channel", "").strip()
        if words:
            place = await self._named(words, event.person, here)
        else:
            place = here if here.channel is None else await self._whole(here.channel)
        await self._require_moderator(event.person, place)
        return place

    async def read(self, event: Commanded, phrases: Phrases) -> tuple[SupportChannel, SupportChannel | None]:
        """As it shall be, and as it is. `phrases`: in whose language they name languages. Raises Unfit,
        DatabaseUnusable."""
        place, said = await self.channel(event), event.arguments
        seen = await self._store.support_channel(place)
        made = replace(seen, place=place) if seen is not None else SupportChannel(place=place)
        if seen is None:
            made = replace(made, since=self._clock.now())
        if "staff" in said:
            made = replace(made, staff=self._roles(said["staff"], place))
        if "notes" in said:
            made = replace(made, notes=await self._notes(said["notes"], event.person, place))
        if "languages" in said:
            made = replace(made, languages=_languages(said["languages"], phrases.locale))
        if "staff-language" in said:
            made = replace(made, staff_language=_languages(said["staff-language"], phrases.locale)[0])
        if "tone" in said:
            tone = " ".join(said["tone"].split())
            if len(tone) > TONE:
                raise Unfit("support-long-tone", most=TONE)
            made = replace(made, tone="" if tone.casefold() == NONE else tone)
        if "knowledge" in said:
            made = replace(made, knowledge=_collections(said["knowledge"]))
        if "when" in said:
            made = replace(made, answers=_answers(said["when"]))
        if "answers" in said:
            made = replace(made, in_threads=self._in_threads(said["answers"], place))
        if "grounded" in said:
            made = replace(made, grounded=said["grounded"].strip().casefold() != NO)
        return self._numbers(self._tagged(made, said), said), seen

    def _tagged(self, made: SupportChannel, said: Mapping[str, str]) -> SupportChannel:
        if "solved-tags" in said:
            made = replace(made, solved_tags=self._tags(said["solved-tags"], made.place))
        if "person-tags" in said:
            made = replace(made, person_tags=self._tags(said["person-tags"], made.place))
        return made

    def _numbers(self, made: SupportChannel, said: Mapping[str, str]) -> SupportChannel:
        if "limits" in said:
            found = _NUMBERS.fullmatch(said["limits"])
            thread, person = (0, 0) if found is None else (int(found[1]), int(found[2] or found[1]))
            if not (0 < thread <= MOST_ANSWERS and 0 < person <= MOST_ANSWERS):
                raise Unfit("support-bad-limits", most=MOST_ANSWERS)
            made = replace(made, per_thread=thread, per_person=person)
        if "escalate" in said:
            words = said["escalate"].strip()
            minutes = int(words) if words.isdecimal() and len(words) <= len(str(LONGEST_ESCALATION)) else 0
            if not 0 < minutes <= LONGEST_ESCALATION:
                raise Unfit("support-bad-minutes", most=LONGEST_ESCALATION)
            made = replace(made, escalate_minutes=minutes)
        return made

    def _in_threads(self, words: str, place: Place) -> bool:
        """Where there are no threads, nothing can be answered in them."""
        wanted = words.strip().casefold()
        if wanted not in (IN_CHANNEL, IN_THREAD) or (wanted == IN_THREAD and place.platform not in self._threads):
            raise Unfit("support-bad-when")
        return wanted == IN_THREAD

    async def _named(self, words: str, person: Person, here: Place, *, forums: bool = True) -> Place:
        rights = self._of(here)
        found = {each.place.key: each for each in await rights.grounds(words, here)}
        usable = [each for each in found.values() if each.kind in (GroundKind.CHANNEL, GroundKind.FORUM)]
        # What somebody cannot see is not there.
        seen = [each for each in usable if await self._sees(person, each.place)]
        if not seen:
            raise Unfit("support-no-place", name=plain(words))
        fit = [each.place for each in seen if forums or each.kind is GroundKind.CHANNEL]
        if not fit:
            raise Unfit("support-notes-forum")
        if len(fit) > 1:
            raise Unfit("support-which-place", name=plain(words))
        return fit[0]

    async def _whole(self, channel: Place) -> Place:
        """With its name."""
        return next(iter(self._of(channel).within(Ground(place=channel))), channel)

    async def _sees(self, person: Person, place: Place) -> bool:
        return await self._of(place).may_read(person.key, place)

    async def _notes(self, words: str, person: Person, here: Place) -> Place | None:
        if words.strip().casefold() == NONE:
            return None
        place = await self._named(words, person, here, forums=False)
        await self._require_moderator(person, place)
        return place

    async def _require_moderator(self, person: Person, place: Place) -> None:
        if not await self._of(place).moderates(person.key, place):
            raise Unfit("not-allowed")

    def _of(self, place: Place) -> Rights:
        rights = self._rights.get(place.platform)
        if rights is None:
            raise Unfit("support-nowhere")
        return rights

    def _roles(self, words: str, place: Place) -> frozenset[str]:
        if words.strip().casefold() == NONE:
            return frozenset()
        threads = self._threads.get(place.platform)
        known = {} if threads is None else threads.roles(place)
        if not known:
            raise Unfit("support-no-roles")
        names = [each.strip().lstrip("@") for each in re.split(r"[,;\n]", _ROLE.sub(",", words))]
        found = {ident for ident in _ROLE.findall(words) if ident in known}
        for name in filter(None, names):
            same = [ident for ident, other in known.items() if name.casefold() == other.lstrip("@").casefold()]
            if len(same) != 1:
                raise Unfit("support-no-role", name=plain(name))
            found.update(same)
        if not found or len(found) > ROLES:
            raise Unfit("support-bad-roles", most=ROLES)
        return frozenset(found)

    def _tags(self, words: str, place: Place) -> frozenset[str]:
        """By name, kept as ids."""
        if words.strip().casefold() == NONE:
            return frozenset()
        threads = self._threads.get(place.platform)
        known = {} if threads is None else threads.tags(place)
        if not known:
            raise Unfit("support-no-tags")
        found: set[str] = set()
        for name in filter(None, (each.strip() for each in words.split(","))):
            same = [ident for ident, other in known.items() if name.casefold() == other.casefold()]
            if not same:
                raise Unfit("support-no-tag", name=plain(name))
            found.update(same)
        return frozenset(found)


def _languages(words: str, locale: str) -> tuple[str, ...]:
    """Tags or names, with commas between them; tags also without."""
    codes = tuple(dict.fromkeys(tag for each in _PARTED.split(words) if each.strip() for tag in _codes(each, locale)))
    if not 0 < len(codes) <= LANGUAGES:
        raise Unfit("support-bad-languages", most=LANGUAGES)
    return codes


def _codes(words: str, locale: str) -> Sequence[str]:
    try:
        return (tag_meant(words, locale),)
    except ValueError:
        pass
    try:
        return [tag_meant(each, locale) for each in words.split()]
    except ValueError:
        raise Unfit("support-bad-languages", most=LANGUAGES) from None


def _collections(words: str) -> frozenset[str]:
    names = frozenset(" ".join(each.split()) for each in words.split(",") if each.strip())
    if len(names) > COLLECTIONS or any(len(each) > COLLECTION for each in names):
        raise Unfit("support-bad-knowledge", most=COLLECTIONS)
    return frozenset() if {each.casefold() for each in names} == {NONE} else names


def _answers(words: str) -> Answers:
    try:
        return Answers(words.strip().casefold())
    except ValueError:
        raise Unfit("support-bad-when") from None
