"""Reviews and figures as people read them. Pure."""

from __future__ import annotations

import re
import unicodedata

from bot.languages.phrases import Phrases
from bot.ports.oversight import Listed
from bot.talk.oversight import Counted, Figures, Reviewed

QUESTION_CHARS = 500
ANSWER_CHARS = 900
REASONS = 5
"""Reasons that one review shows; the others are counted by their votes."""
SHOWN_REASON_CHARS = 200
NAME_CHARS = 40

_SOURCE = re.compile(r"-# \[\d+\] ")
_MARKUP = re.compile(r"[*_~`|<>\[\]()@#\\]")


def name_of(name: str) -> str:
    """One line of it that is no markup and no mention."""
    plain = "".join(each for each in name if unicodedata.category(each) not in ("Cc", "Cf", "Cs"))
    return " ".join(_MARKUP.sub("", plain).split())[:NAME_CHARS].strip() or "…"


def correction(answer: str, by: str, phrases: Phrases) -> str:
    """What is posted under a wrong answer."""
    return f"{phrases.say('correction-lead', name=name_of(by))}\n{answer}"


def review(listed: Listed, phrases: Phrases) -> str:
    one = listed.review
    said, sources = parted(one.answer)
    lines = [f"**{phrases.say('review-title')}**", _quoted(one.question.text, QUESTION_CHARS), ""]
    lines += [f"**{phrases.say('review-answer')}**", _quoted(said, ANSWER_CHARS), *sources, "", _votes(one, phrases)]
    lines += [f"- {phrases.say(f'review-flag-{flag.value}')}" for flag in sorted(one.flags)]
    if listed.case is not None:
        lines.append(f"- {phrases.say(f'review-case-{listed.case.state.value}')}")
    lines += [f"- {phrases.say('review-reason')} {_line(each)}" for each in _reasons(one)]
    if listed.link:
        lines.append(phrases.say("review-link", link=listed.link))
    return "\n".join(lines)


def parted(answer: str) -> tuple[str, list[str]]:
    """What an answer says, and the lines of its sources under it."""
    lines = answer.rstrip().splitlines()
    last = len(lines)
    while last and _SOURCE.match(lines[last - 1]):
        last -= 1
    return "\n".join(lines[:last]).strip(), lines[last:]


def _votes(one: Reviewed, phrases: Phrases) -> str:
    text = phrases.say("review-votes", up=one.up, down=one.down)
    own = next((vote for vote in one.votes if vote.asker), None)
    if own is None:
        return text
    return f"{text} {phrases.say('review-asker-up' if own.up else 'review-asker-down')}"


def _reasons(one: Reviewed) -> list[str]:
    """The latest."""
    return [vote.reason for vote in one.votes if vote.reason][-REASONS:]


def _line(text: str) -> str:
    return cut(" ".join(text.split()), SHOWN_REASON_CHARS)


def _quoted(text: str, most: int) -> str:
    return "\n".join(f"> {line}" for line in cut(text.strip(), most).splitlines()) or "> …"


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def figures(told: Figures, phrases: Phrases) -> str:
    """A line for all, and one for each language."""
    heading = phrases.say("figures-title", first=told.first.isoformat(), last=told.last.isoformat())
    if not told.by_language:
        return f"**{heading}**\n{phrases.say('figures-none')}"
    lines = [f"**{heading}**", _numbers(told.total, phrases)]
    for language, numbers in told.by_language:
        name = phrases.language(language) if language else "?"
        lines.append(f"- {name}: {_numbers(dict(numbers), phrases)}")
    return "\n".join(lines)


def _numbers(of: dict[Counted, int], phrases: Phrases) -> str:
    return phrases.say(
        "figures-line",
        answered=of.get(Counted.ANSWERED, 0),
        handed=of.get(Counted.HANDED_OVER, 0),
        solved=of.get(Counted.SOLVED, 0),
        up=of.get(Counted.UP, 0),
        down=of.get(Counted.DOWN, 0),
    )
