"""What can be wrong with a translation, found without knowing the language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from string import Formatter

from bot.languages.sentence import Sentence

DESCRIPTION, MENU, BUTTON = 100, 32, 80
"""Characters at most that Discord takes: what describes a command or an argument, or names a choice; an entry in a
menu; a button's label."""

BUTTON_MARK = 8
"""Characters that may be added to a label: which of several things it is for."""

_CODE = re.compile(r"`[^`]+`")
_LINK = re.compile(r"https?://[^\s)>\]]+")
_MENTION = re.compile(r"<[#@:/t][^<>\s]*>")
_SLASH = re.compile(r"(?<![A-Za-z0-9_/<`])/[a-z][a-z-]+(?![A-Za-z0-9_/-])")
_HEADING = re.compile(r"^(#{1,3}|-#|>|-) ", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_MARKS = ("**", "*", "__", "~~", "||")

# What ends a label or an announcement ends it in every script; the Chinese, Japanese and Arabic signs count as ours.
_COLONS, _ELLIPSES = ":：", "…⋯"
_OPENS, _CLOSES = "\u202a\u202b\u202d\u202e", "\u202c"
_ISOLATES, _POPS = "\u2066\u2067\u2068", "\u2069"


def placeholders(text: str) -> frozenset[str]:
    """The names in braces. Raises ValueError for braces that are not a plain name."""
    names: set[str] = set()
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError(f"{{{name}}} is not a plain name")
        names.add(name)
    return frozenset(names)


def limit(key: str, buttons: Collection[str]) -> int | None:
    """Characters that a sentence may have, by what it is used for; None: no limit of its own."""
    if key.startswith("menu-"):
        return MENU
    if key.startswith(("command-", "argument-", "choice-")):
        return DESCRIPTION
    return BUTTON - BUTTON_MARK if key in buttons else None


def flaws(
    sentence: Sentence, forms: Sequence[str], *, single: Sequence[int | None], buttons: Collection[str]
) -> list[str]:
    """What is wrong with the forms of a translation (one, where the sentence has no plural), in words for whoever
    mends it. `single`: of each form, the one number that it is for, if it is for one only. Forms that are empty are not
    looked at."""
    most = limit(sentence.key, buttons)
    if sentence.many is None:
        named = placeholders(sentence.text)
        return _flaws(sentence.text, forms[0], most, wanted=named, allowed=named)
    found: list[str] = []
    for index, (form, number) in enumerate(zip(forms, single, strict=True)):
        original = sentence.text if number == 1 else sentence.many
        # "One answer", "two answers" need not say the number; a form for 1, 21 and 31 must.
        allowed = placeholders(sentence.many)
        wanted = allowed if number is None else allowed - {sentence.by}
        found += [f"{flaw} (form {index})" for flaw in _flaws(original, form, most, wanted=wanted, allowed=allowed)]
    return found


def _flaws(original: str, form: str, most: int | None, *, wanted: frozenset[str], allowed: frozenset[str]) -> list[str]:
    if not form:
        return []
    found = [*_names(form, wanted, allowed), *_markup(original, form), *_ends(original, form)]
    if form != form.strip():
        found.append("has spaces at its ends")
    if most is not None and len(form) > most:
        found.append(f"has {len(form)} characters, {most} at most")
    if original.count("\n") != form.count("\n"):
        found.append("has more or fewer lines than the original")
    if not _balanced(form, _OPENS, _CLOSES) or not _balanced(form, _ISOLATES, _POPS):
        found.append("opens a direction and does not close it, or the other way round")
    if _CONTROL.search(form):
        found.append("has control characters")
    return found


def _names(form: str, wanted: frozenset[str], allowed: frozenset[str]) -> list[str]:
    try:
        given = placeholders(form)
    except ValueError as error:
        return [str(error)]
    return [
        *(f"lacks {{{name}}}" for name in sorted(wanted - given)),
        *(f"names {{{name}}}, which the original does not" for name in sorted(given - allowed)),
    ]


def _markup(original: str, form: str) -> list[str]:
    found: list[str] = []
    for kind, pattern in (("code", _CODE), ("link", _LINK), ("mention", _MENTION), ("heading", _HEADING)):
        if Counter(pattern.findall(original)) != Counter(pattern.findall(form)):
            wanted = ", ".join(dict.fromkeys(pattern.findall(original))) or "none"
            found.append(f"has other {kind}s than the original ({wanted})")
    there = set(_SLASH.findall(form))
    found += [f"lacks {command}" for command in dict.fromkeys(_SLASH.findall(original)) if command not in there]
    bare, said = _CODE.sub("", original), _CODE.sub("", form)
    for mark in _MARKS:
        if bare.count(mark) != said.count(mark):
            found.append(f"has {mark} {said.count(mark)} times, not {bare.count(mark)}")
            break  # ** counts as *, too
    if form.count("`") % 2:
        found.append("has a ` that is not closed")
    return found


def _ends(original: str, form: str) -> list[str]:
    found: list[str] = []
    for what, signs in (("a colon", _COLONS), ("…", _ELLIPSES)):
        ends = original.rstrip("*_ ").endswith(tuple(signs)), form.rstrip("*_ \u200e\u200f").endswith(tuple(signs))
        if ends[0] and not ends[1]:
            found.append(f"does not end with {what}")
        elif ends[1] and not ends[0]:
            found.append(f"ends with {what}, which the original does not")
    return found


def _balanced(text: str, opening: str, closing: str) -> bool:
    depth = 0
    for sign in text:
        depth += (sign in opening) - (sign in closing)
        if depth < 0:
            return False
    return depth == 0
