"""The words of an expression. Numbers are read as people of many places write them, where that has one meaning."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction

MOST_TOKENS = 200
MOST_EXPONENT = 1232

_SIGNS = str.maketrans("×·⋅∙∗÷−–—（）％＋－＊／＾．，；＝", "*****/---()%+-*/^.,;=")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SPACES = "\u00a0\u202f\u2009"

_SPACE = re.compile(r"\s+")
_DATE = re.compile(r"(?<![\d.,])\d{4}-\d{1,2}-\d{1,2}(?![\d.,])")
_DATE_OTHERWISE = re.compile(r"\d{1,2}([/.])\d{1,2}\1\d{4}(?![\d.,/])")
_TIME_OF_DAY = re.compile(r"\d{1,2}:\d{2}")
_BASED = re.compile(r"0(?:x[0-9a-f]+|b[01]+|o[0-7]+)(?!\w)", re.IGNORECASE)
_GROUPED = re.compile(rf"\d{{1,3}}(?:([_'’ {_SPACES}])\d{{3}})(?:\1\d{{3}})*(?!\d)(?:[.,]\d+)?")
_NUMBER = re.compile(r"\d[\d.,]*(?<![.,])|[.,]\d+")
_NUMBER_AMONG_OTHERS = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_EXPONENT = re.compile(r"[eE]([+-]?\d+)(?![\w.])")
_NAME = re.compile(r"[°]?[^\W\d_]+[0-9]*|[°′″$€£¥₹₽₩]")
_POWER = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_OPERATOR = re.compile(r"\*\*|//|->|→|[-+*/%(),;!^√]")
_SAID = {"percent": "%", "x": "*", "times": "*", "plus": "+", "minus": "-"}
_BEFORE_COMMA = re.compile(r"[^,]+")
_QUOTE = re.compile(r"['\"]")


class Kind(Enum):
    NUMBER = auto()
    DATE = auto()
    NAME = auto()
    OPERATOR = auto()
    END = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """`at` counts characters from 1. `apart`: there is space before it."""

    kind: Kind
    text: str
    at: int
    apart: bool = False
    number: Fraction = Fraction(0)


def tokens(text: str) -> list[Token]:
    """Raises ValueError that tells where, and what would be right."""
    text = _plain(text)
    found: list[Token] = []
    calls: list[bool] = []  # of every open parenthesis, whether commas separate arguments in it
    at = 0
    while at < len(text):
        if space := _SPACE.match(text, at):
            at = space.end()
            continue
        token, at = _next(text, at, found, among_others=bool(calls) and calls[-1])
        if token.text == "(":
            calls.append(bool(found) and found[-1].kind is Kind.NAME and not _semicolons(text, at))
        elif token.text == ")" and calls:
            calls.pop()
        found.append(token)
        if len(found) > MOST_TOKENS:
            raise ValueError(f"too long: at most {MOST_TOKENS} numbers, names and signs")
    return [*found, Token(kind=Kind.END, text="", at=len(text) + 1)]


def _next(text: str, at: int, found: list[Token], *, among_others: bool) -> tuple[Token, int]:
    place, apart = at + 1, at > 0 and text[at - 1].isspace()
    if (match := _DATE_OTHERWISE.match(text, at)) and (at == 0 or text[at - 1] in " ("):
        raise ValueError(f"{_where(place)}: write the date {match[0]} as YYYY-MM-DD (or a division with spaces)")
    if _TIME_OF_DAY.match(text, at):
        raise ValueError(f"{_where(place)}: times of day are for the clock; write a duration like 9 h 30 min")
    decimal_signs = "." if among_others else ".,"
    kind, shown, number = Kind.OPERATOR, "", Fraction(0)
    if match := _DATE.match(text, at):
        kind = Kind.DATE
    elif match := _BASED.match(text, at):
        kind, number = Kind.NUMBER, Fraction(int(match[0], 0))
    elif text[at].isdigit() or (text[at] in decimal_signs and text[at + 1 : at + 2].isdigit()):
        return _number(text, at, apart=apart, among_others=among_others)
    elif match := _NAME.match(text, at):
        shown = _SAID.get(match[0].lower(), "") if _ends_value(found) else ""
        kind, apart = (Kind.OPERATOR, False) if shown else (Kind.NAME, apart)
    elif match := _OPERATOR.match(text, at):
        shown = match[0].replace("^", "**")
    elif (match := _QUOTE.match(text, at)) and found and found[-1].kind is Kind.NUMBER:
        kind, shown = Kind.NAME, {"'": "ft", '"': "in"}[match[0]]
    else:
        raise ValueError(f"{_where(place)}: {_described(text[at])} cannot be part of an expression")
    return Token(kind=kind, text=shown or match[0], at=place, apart=apart, number=number), match.end()


def _ends_value(found: list[Token]) -> bool:
    """Whether a sign between two values could follow."""
    return bool(found) and (found[-1].kind is not Kind.OPERATOR or found[-1].text in {")", "%", "!"})


def _number(text: str, at: int, *, apart: bool, among_others: bool) -> tuple[Token, int]:
    match = _GROUPED.match(text, at) or (_NUMBER_AMONG_OTHERS if among_others else _NUMBER).match(text, at)
    if match is None:
        raise ValueError(f"{_where(at + 1)}: {_described(text[at])} cannot stand there")
    if among_others and "," in match[0]:  # a group and then the next argument
        match = _BEFORE_COMMA.match(text, at) or match
    written, end = match[0], match.end()
    number = Fraction(_unambiguous(written, at + 1))
    if exponent := _EXPONENT.match(text, end):
        power = int(exponent[1]) if len(exponent[1]) <= 6 else MOST_EXPONENT + 1
        if abs(power) > MOST_EXPONENT:
            raise ValueError(f"{_where(at + 1)}: too large or too small: powers of ten go up to {MOST_EXPONENT}")
        number, end = number * Fraction(10) ** power, exponent.end()
    return Token(kind=Kind.NUMBER, text=text[at:end], at=at + 1, apart=apart, number=number), end


def _unambiguous(written: str, place: int) -> str:
    """The number with a point at most. Raises ValueError where it could mean two numbers, or none."""
    bare = re.sub(rf"[_'’ {_SPACES}]", "", written)
    points, commas = bare.count("."), bare.count(",")
    if commas == 0 and points <= 1:
        return bare
    if points and commas:  # the last kind is the decimal sign, and the other one groups
        sign, group = (",", ".") if bare.rindex(",") > bare.rindex(".") else (".", ",")
        whole, _, part = bare.rpartition(sign)
        if sign not in whole and _groups(whole, group):
            return whole.replace(group, "") + "." + part
    elif commas == 1:
        whole, _, part = bare.partition(",")
        if len(part) != 3 or len(whole) > 3 or whole in {"", "0"}:
            return f"{whole or '0'}.{part}"
        raise ValueError(f"{_where(place)}: {bare} can mean {whole}{part} or {whole}.{part}; write one of these")
    elif _groups(bare, "," if commas else "."):
        return bare.replace("," if commas else ".", "")
    raise ValueError(f"{_where(place)}: {bare[:40]} is no number; write digits with a decimal point, like 1234.5")


def _groups(whole: str, sign: str) -> bool:
    """Thousands, or lakhs and crores."""
    first, *others = whole.split(sign)
    if not others or not 1 <= len(first) <= 3 or len(others[-1]) != 3:
        return not others
    between = {len(each) for each in others[:-1]}
    return between <= {3} or (between <= {2} and len(first) <= 2)


def _plain(text: str) -> str:
    """With digits of any script as 0 to 9, and signs as they are typed."""
    shown: list[str] = []
    for each in text.translate(_SIGNS):
        digit = unicodedata.decimal(each, None)
        shown.append(each if digit is None else str(digit))
    plain = "".join(shown)
    plain = _POWER.sub(lambda match: "**" + match[0].translate(_RAISED) + " ", plain)
    return re.sub(r"\s*=?\s*\??\s*$", "", plain)


def _semicolons(text: str, at: int) -> bool:
    """Whether the arguments from here on are separated by semicolons, so that commas can be decimal signs."""
    depth = 0
    for each in text[at:]:
        depth += (each == "(") - (each == ")")
        if depth < 0:
            return False
        if each == ";" and depth == 0:
            return True
    return False


def _where(place: int) -> str:
    return f"at character {place}"


def _described(character: str) -> str:
    return repr(character) if character.isprintable() else f"the character U+{ord(character):04X}"
