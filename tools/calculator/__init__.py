"""Exact arithmetic with units and dates, because a language model guesses digits.

Numbers are fractions, so 0.1 + 0.2 is 0.3; what cannot be exact says so. The language is our own, because what others
offer evaluates Python: simpleeval takes seconds over 10**4000000 and does not end over some of what
`benchmarks.calculator` tries, knows no units and no dates, and calculates with binary fractions. Here nothing is looked
up but in tables of ours, and every operation is bounded by the size of its result before it is carried out: no
expression can burn a core.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from bot.ports.tool import CallContext, Effect, tool
from tools.calculator.parse import evaluate
from tools.calculator.show import tell

MAX_CHARS = 500

Expression = Annotated[
    str,
    Field(
        max_length=MAX_CHARS,
        description="For example: (3 + 4) * 2 ** 10 / 7; 15% of 80; sqrt(2); 5 ft 3 in in cm; 100 km / 2 h in mph; "
        "2026-11-28 + 45 days; days between 2024-02-29 and 2026-03-01.",
    ),
]


@tool(Effect.READS, seconds=2, beside=True, doing="doing-calculator")
async def calculator(context: CallContext, expression: Expression) -> str:
    """Calculate exactly, with percentages, functions, units and dates. ≈ marks a rounded result."""
    return calculate(expression, today=context.now.astimezone(ZoneInfo(context.timezone)).date())


def calculate(expression: str, *, today: date) -> str:
    """The expression and what it comes to. Raises ValueError, in words for the model, for all that has no answer."""
    return f"{' '.join(expression.split()).rstrip('=? ')} {tell(evaluate(expression, today=today))}"
