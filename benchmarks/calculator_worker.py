"""A process that calculates what it is sent, one JSON line for another, and watches what that costs and touches.

`python -m benchmarks.calculator_worker CONTENDER [memory]`. It may be killed at any moment.
"""

from __future__ import annotations

import ast
import asyncio
import itertools
import json
import math
import resource
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import wraps
from typing import Any

MEMORY = 1 << 30  # bytes that the process may take: a contender must not take the machine with it
_FREE = ("compile", "sys._getframe", "code.__new__", "builtins.id")  # events of reading an expression
Calculate = Callable[[str], object]
_PLAIN = (int, float, complex, str, bytes, Decimal, Fraction)


class Watch:
    """Everything that Python is asked to do outside of itself while an expression is calculated (`armed`)."""

    def __init__(self, *, executions: int) -> None:
        self.armed = False
        self.events: list[str] = []
        self._executions = executions
        sys.addaudithook(self._seen)

    def _seen(self, event: str, arguments: tuple[object, ...]) -> None:
        # Python looks for the source of what it could not compile in a file of the name `<unknown>`.
        sought = event == "open" and str(arguments[0]).startswith("<")
        if self.armed and event not in _FREE and not sought:
            self.events.append(event)

    def touched(self) -> list[str]:
        """What was seen since the last time, less what a contender does of itself."""
        seen, self.events = self.events, []
        return [
            event for at, event in enumerate(seen) if event != "exec" or seen[:at].count("exec") >= self._executions
        ]


def ours(watch: Watch) -> Calculate:
    """The tool as the model calls it. The watch is on its function alone: the loop around it has much to do."""
    from bot.agent.toolbox import Toolbox  # noqa: PLC0415 # of one contender alone
    from bot.ports.tool import CallContext  # noqa: PLC0415
    from bot.talk.message import Conversation  # noqa: PLC0415
    from bot.talk.turn import Call  # noqa: PLC0415
    from tests.fakes import ANA, GENERAL, START  # noqa: PLC0415
    from tools.calculator import calculator  # noqa: PLC0415

    @wraps(calculator.run)
    async def calculator_watched(*given: Any, **named: Any) -> str:
        watch.armed = True
        try:
            return await calculator.run(*given, **named)
        finally:
            watch.armed = False

    toolbox = Toolbox((replace(calculator, run=calculator_watched),), seconds=20, chars=16_000, calls=8)
    context = CallContext(asker=ANA, conversation=Conversation(place=GENERAL), now=START, timezone="UTC")
    runner = asyncio.Runner()
    runner.run(asyncio.sleep(0))

    def calculate(expression: str) -> object:
        call = Call(id="1", name="calculator", arguments=json.dumps({"expression": expression}))
        (result,) = runner.run(toolbox.run((call,), context))
        if "failed (" in result.content or "took longer" in result.content or not result.content:
            raise AssertionError(result.content)  # no reason that would help
        if result.failed:
            raise ValueError(result.content)
        return result.content

    return calculate


def simpleeval(watch: Watch) -> Calculate:
    """What is mostly taken for it, with the functions of its documentation."""
    from simpleeval import DEFAULT_FUNCTIONS, SimpleEval  # noqa: PLC0415

    functions = {**DEFAULT_FUNCTIONS, **_mathematics()}

    def calculate(expression: str) -> object:
        watch.armed = True
        return SimpleEval(functions=functions).eval(expression)

    return calculate


def python_eval(watch: Watch) -> Calculate:
    """Python's own, without builtins: what people write themselves."""
    names: dict[str, Any] = {
        "__builtins__": {},
        "abs": abs,
        "max": max,
        "min": min,
        "round": round,
        "sum": sum,
        **_mathematics(),
    }

    def calculate(expression: str) -> object:
        watch.armed = True
        return eval(expression, dict(names))

    return calculate


def _mathematics() -> dict[str, Any]:
    names = "sqrt sin cos tan exp log log10 log2 factorial floor ceil comb gcd lcm pi e"
    return {name: getattr(math, name) for name in names.split()}


CONTENDERS = {"ours": ours, "simpleeval": simpleeval, "eval": python_eval}


def main() -> None:
    contender, memory = sys.argv[1], "memory" in sys.argv[2:]
    watch = Watch(executions=1 if contender == "eval" else 0)
    calculate = CONTENDERS[contender](watch)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if memory:
        tracemalloc.start()
    # Answers must not mix with what an expression prints.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        expression = json.loads(line)
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0] if memory else 0
        begun = time.process_time()
        outcome = _outcome(calculate, expression)
        watch.armed = False
        seconds = time.process_time() - begun
        peak = tracemalloc.get_traced_memory()[1] - before if memory else 0
        answer = {"ms": 1000 * seconds, "mib": peak / 2**20, "touched": watch.touched(), "outcome": outcome}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _outcome(calculate: Callable[[str], object], expression: str) -> str:
    """`value`, `refused` with a reason, `thing` for what is neither number nor text, `broke` for anything else."""
    try:
        value = calculate(expression)
    except (ValueError, ArithmeticError, SyntaxError, TypeError, NameError, LookupError, AttributeError) as error:
        return "refused" if str(error) else "broke"
    except SystemExit:
        return "thing"
    except Exception as error:
        return "refused" if type(error).__module__ == "simpleeval" else "broke"
    return "value" if _is_plain(value) else "thing"


def _is_plain(value: object) -> bool:
    """Whether this is no more than a value: not a function, a class, a frame, or anything to go on from."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return all(_is_plain(each) for each in itertools.islice(value, 100))
    return value is None or value is ... or isinstance(value, _PLAIN)


if __name__ == "__main__":
    # What Python imports at its first use, and warnings that show their source, are not an expression's doing.
    ast.parse("'\\N{DIGIT ONE}'")
    warnings.simplefilter("ignore")
    main()
