"""Exact arithmetic, because a language model guesses digits.

Numbers are fractions, so 0.1 + 0.2 is 0.3. Every operation is bounded by the size of its result before it is carried
out: no expression can burn a core.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from bot.talk.tool import CallContext, Effect, tool

MAX_CHARS = 500
MAX_BITS = 4096  # of a numerator or denominator: some 1,200 digits
MAX_NODES = 200
DIGITS = 30  # shown of a number that has no short decimal form

Expression = Annotated[
    str,
    Field(max_length=MAX_CHARS, description="For example (3 + 4) * 2 ** 10 / 7, sqrt(2), 15% of 80, factorial(20)."),
]


@tool(Effect.READS, seconds=2, beside=True)
async def calculator(_context: CallContext, expression: Expression) -> str:
    """Calculate exactly: + - * / // % **, parentheses, percent, and common functions."""
    value = evaluate(expression)
    return f"{expression.strip()} = {show(value)}"


def evaluate(expression: str) -> Fraction:
    """The value of an expression. Raises ValueError, with what is allowed, for anything else."""
    text = expression.strip().replace("×", "*").replace("·", "*").replace("÷", "/").replace("−", "-")
    text = text.replace("^", "**").replace("% of ", " / 100 * ").replace("π", "pi")
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError("not an arithmetic expression; write it like (3 + 4) * 2") from None
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise ValueError(f"too long: at most {MAX_NODES} operations and numbers")
    try:
        return _value(tree.body)
    except ZeroDivisionError:
        raise ValueError("division by zero") from None
    except OverflowError:
        raise ValueError("too large for this function") from None


def show(value: Fraction) -> str:
    """An integer or terminating decimal in full, anything else to 30 digits, marked as rounded."""
    if value.denominator == 1:
        return str(value.numerator)
    exact = Context(prec=1500).divide(Decimal(value.numerator), Decimal(value.denominator))
    digits = exact.as_tuple().digits
    if len(digits) <= DIGITS and Fraction(exact) == value:
        return format(exact, "f") if -DIGITS < exact.adjusted() < DIGITS else str(exact)
    rounded = Context(prec=DIGITS).plus(exact)
    return f"{rounded} (rounded)"


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise ValueError(f"too large: at most {MAX_BITS} bits")
    return value


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        if base < 0:
            raise ValueError("a root of a negative number is not real")
        return _from_float(math.pow(base, exponent))
    size = max(base.numerator.bit_length(), base.denominator.bit_length(), 1)
    if abs(exponent.numerator) * size > MAX_BITS:
        raise ValueError(f"too large: at most {MAX_BITS} bits")
    return Fraction(base**exponent.numerator)


def _from_float(value: float) -> Fraction:
    if not math.isfinite(value):
        raise ValueError("no finite result")
    return Fraction(repr(value))


def _factorial(value: Fraction) -> Fraction:
    if value.denominator != 1 or not 0 <= value <= 400:
        raise ValueError("factorial takes whole numbers from 0 to 400")
    return Fraction(math.factorial(value.numerator))


def _square_root(value: Fraction) -> Fraction:
    if value < 0:
        raise ValueError("a root of a negative number is not real")
    top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    return _from_float(math.sqrt(value))


def _float_function(function: Callable[[float], float]) -> Callable[[Fraction], Fraction]:
    return lambda value: _from_float(function(float(value)))


def _ceiling(value: Fraction) -> Fraction:
    return Fraction(math.ceil(value))


def _floor(value: Fraction) -> Fraction:
    return Fraction(math.floor(value))


def _rounded(value: Fraction, digits: Fraction = Fraction(0)) -> Fraction:
    if digits.denominator != 1 or abs(digits) > 300:
        raise ValueError("round to a whole number of digits, at most 300")
    return Fraction(round(value, digits.numerator))


_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: Fraction(a // b),
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
_FUNCTIONS: dict[str, Callable[..., Fraction]] = {
    "abs": abs,
    "ceil": _ceiling,
    "cos": _float_function(math.cos),
    "exp": _float_function(math.exp),
    "factorial": _factorial,
    "floor": _floor,
    "ln": _float_function(math.log),
    "log10": _float_function(math.log10),
    "log2": _float_function(math.log2),
    "max": max,
    "min": min,
    "round": _rounded,
    "sin": _float_function(math.sin),
    "sqrt": _square_root,
    "tan": _float_function(math.tan),
}
_CONSTANTS = {"pi": _from_float(math.pi), "e": _from_float(math.e), "tau": _from_float(math.tau)}


def _value(node: ast.expr) -> Fraction:  # noqa: PLR0911 - one return a kind of node reads best
    match node:
        case ast.Constant(value=bool()):
            raise ValueError("only numbers can be calculated with")
        case ast.Constant(value=int() as number):
            return _bounded(Fraction(number))
        case ast.Constant(value=float() as number):
            return _from_float(number)
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _bounded(_OPERATORS[type(op)](_value(left), _value(right)))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            try:
                return _bounded(_FUNCTIONS[name](*(_value(argument) for argument in arguments)))
            except TypeError:
                raise ValueError(f"{name} takes another number of arguments") from None
        case _:
            allowed = ", ".join(sorted(_FUNCTIONS))
            raise ValueError(f"only numbers, + - * / // % ** and these functions: {allowed}")
