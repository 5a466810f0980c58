"""The verdict: what stands in the channels at the end, against what people said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.mirroring.course import Outcome
from benchmarks.mirroring.harbour import CHANNELS, LANGUAGES, Spoken, copy_id, translation
from bot.talk.delivery import Delivery
from bot.talk.message import Place
from bot.talk.shape import Shape

HEADS = "mirror-local-thread-"


@dataclass(slots=True)
class Verdict:
    """lost: no copy, or not as the message reads now, or one that stands though it was deleted. doubled: more than one,
    or more than one counterpart of a thread.
    loops: a copy of what no person said, or in the channel where it was said. disorder: before what was said before in
    the same channel. astray: a reply to something else than its counterpart. unlike: threads that are not like their
    counterparts; a title of somebody that comes back translated counts as a loop."""

    lost: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    loops: list[str] = field(default_factory=list[str])
    disorder: list[str] = field(default_factory=list[str])
    astray: list[str] = field(default_factory=list[str])
    unlike: list[str] = field(default_factory=list[str])


def judge(outcome: Outcome) -> Verdict:
    verdict, talk = Verdict(), outcome.talk
    shown: dict[str, list[tuple[str, Delivery]]] = defaultdict(list)
    for id_, each in outcome.discord.standing.items():
        shown[each.id].append((id_, each))
    owed: set[str] = set()
    threads: dict[tuple[str, str], set[str]] = defaultdict(set)
    for spoken in talk.said:
        for place, language in zip(CHANNELS, LANGUAGES, strict=True):
            if place.key == (spoken.message.place.channel or spoken.message.place).key:
                continue
            name = copy_id(spoken.message, place)
            copies = shown[name]
            owed.add(name)
            if len(copies) > 1:
                verdict.doubled.append(name)
            expected = talk.expected(spoken, language)
            if lost := _lost(spoken, [each.text for _, each in copies], expected):
                verdict.lost.append(f"{name} {lost}; {_story(spoken)}")
            elif copies and (astray := _astray(spoken, copies[0][1], place, shown)):
                verdict.astray.append(f"{name} {astray}; {_story(spoken)}")
            if copies and spoken.begins is not None and not spoken.begins.deleted:
                threads[spoken.begins.message.id, place.id].add(copies[0][1].conversation.place.id)
    verdict.doubled += [f"thread of {message} in {place}" for (message, place), ids in threads.items() if len(ids) > 1]
    verdict.doubled += [name for name, copies in shown.items() if name.startswith(HEADS) and len(copies) > 1]
    verdict.loops += [
        name for name, copies in shown.items() if copies and name not in owed and not name.startswith(HEADS)
    ]
    verdict.disorder += _disorder(outcome)
    for root in {spoken.begins.message.id: spoken.begins for spoken in talk.said if spoken.begins is not None}.values():
        verdict.unlike += _unlike(outcome, root)
    for thread, title in outcome.discord.shores.titled.items():
        now = outcome.discord.shores.now[thread][1].title
        verdict.loops += [now] if now != title and now.endswith(f": {title}") else []
    return verdict


def _unlike(outcome: Outcome, root: Spoken) -> list[str]:
    """Of the threads that begin with this message or what stands for it, those that we have begun have to be alike, and
    the only one that people have begun, too: between several of these not everything is carried over."""
    shores, found = outcome.discord.shores, dict[str, tuple[Shape, str]]()
    names = {copy_id(root.message, place): language for place, language in zip(CHANNELS, LANGUAGES, strict=True)}
    heads = {
        f"{HEADS}{root.message.id}-{place.id}": language for place, language in zip(CHANNELS, LANGUAGES, strict=True)
    }
    ids = {id_: {**names, **heads}.get(each.id, "") for id_, each in outcome.discord.ever.items()}
    ids[root.message.id] = LANGUAGES[CHANNELS.index(root.message.place)]
    for id_, language in ids.items():
        if language and id_ in shores.now:
            found[id_] = shores.now[id_][1], language
    theirs = [each for each in found.values() if not each[0].ours]
    shapes = [each for each in found.values() if each not in theirs or len(theirs) == 1]
    if not shapes or any(_like(one, shapes) for one, _ in found.values()):
        return []
    return [", ".join(f"{id_}: {shape.title!r} {shape.archived} {shape.locked}" for id_, (shape, _) in found.items())]


def _like(one: Shape, shapes: Sequence[tuple[Shape, str]]) -> bool:
    """Whether all others are as this one, under its title as it reads in their languages; one that was begun later may
    have that of another."""
    alike, left = [one], [(each, to) for each, to in shapes if each is not one]
    while found := [each for each in left if any(_reads(each, other) for other in alike)]:
        alike += [shape for shape, _ in found]
        left = [each for each in left if each not in found]
    return not left


def _reads(each: tuple[Shape, str], other: Shape) -> bool:
    shape, to = each
    same = (shape.archived, shape.locked) == (other.archived, other.locked)
    return same and shape.title == translation(other.title, to)


def _lost(spoken: Spoken, copies: Sequence[str], expected: str) -> str:
    """What is wrong with what stands there, "" where it is as it should be."""
    if spoken.deleted:
        return "undeleted" if copies else ""
    if not copies:
        return "missing"
    return "" if copies[0] == expected else f"stale: {copies[0]!r} instead of {expected!r}"


def _story(spoken: Spoken) -> str:
    place = spoken.message.place
    where = place.id if place.parent is None else f"thread {place.id} of {place.parent}"
    begins = "" if spoken.begins is None else f", which begins with {spoken.begins.message.id} of "
    if spoken.begins is not None:
        begins += f"{spoken.begins.message.place.id} ({', '.join(spoken.begins.history)})"
    return f"said in {where}{begins}: {', '.join(spoken.history)}"


def _astray(spoken: Spoken, copy: Delivery, place: Place, shown: dict[str, list[tuple[str, Delivery]]]) -> str:
    """What is wrong with where it stands, "" where it is right."""
    if not _is_within(spoken, copy, place):
        return "stands in the channel"
    if _answers(spoken, copy, shown):
        return ""
    answered = "nothing" if spoken.answers is None else f"{spoken.answers.message.id} ({_story(spoken.answers)})"
    return f"answers {copy.reply_to} instead of {answered}"


def _is_within(spoken: Spoken, copy: Delivery, place: Place) -> bool:
    """Whether it stands in a thread where it was said in one."""
    return spoken.begins is None or copy.conversation.place.parent == place.id


def _answers(spoken: Spoken, copy: Delivery, shown: dict[str, list[tuple[str, Delivery]]]) -> bool:
    """Where what it answers has gone meanwhile, nothing can be said of it."""
    answered = spoken.answers
    if answered is None or answered.deleted:
        return answered is not None or copy.reply_to is None
    place = copy.conversation.place
    if answered.message.place.key == place.key:
        return copy.reply_to == answered.message.id
    return copy.reply_to in [id_ for id_, _ in shown[copy_id(answered.message, place)]]


def _disorder(outcome: Outcome) -> list[str]:
    last: dict[tuple[str, str], int] = {}
    order = {spoken.message.id: (number, spoken) for number, spoken in enumerate(outcome.talk.said)}
    found: list[str] = []
    for each in outcome.discord.standing.values():
        message = each.id.removeprefix("mirror-local-").partition("-")[0]
        if message not in order:
            continue
        number, spoken = order[message]
        lane = (spoken.message.place.id, each.conversation.place.id)
        if number < last.get(lane, -1):
            found.append(each.id)
        last[lane] = max(number, last.get(lane, -1))
    return found
