"""A turn as an operator reads it: what was done and how it went. What people wrote is left out unless it is asked for:
whoever runs the bot needs to see that it works, and not what is said in every channel.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.talk.approval import RequestState
from bot.talk.record import CallCost
from bot.talk.trace import AskedFor, Trace
from bot.talk.turn import Call, Part, Question, Reply, Results

ARGUMENT_CHARS = 200
WORDS_CHARS = 2000
HIDDEN = "[hidden]"

Redact = Callable[[str], str]


def as_text(trace: Trace, *, words: bool, redact: Redact, secret: Mapping[str, Collection[str]]) -> str:
    """Lines for people. `secret`: by tool, its arguments that are shown to nobody; `redact` takes known secrets out."""
    return redact("\n".join(_lines(trace, words=words, redact=redact, secret=secret)))


def as_value(trace: Trace, *, words: bool, redact: Redact, secret: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """The same for programs."""
    told: dict[str, Any] = {
        "turn": trace.turn,
        "state": trace.state,
        "asker": trace.asker,
        "place": trace.place,
        "only": trace.only,
        "message": trace.message,
        "opened_at": trace.opened_at.isoformat(),
        "closed_at": None if trace.closed_at is None else trace.closed_at.isoformat(),
        "attempts": trace.attempts,
        "shown": trace.shown,
        "usage": None,
    }
    if (usage := trace.usage) is not None:
        told["usage"] = {
            name: getattr(usage, name)
            for name in ("steps", "predicted", "reported", "reply_tokens", "prompt_seconds", "reply_seconds")
        }
    told["parts"] = [redact(line.strip()) for line in _parts(trace, words=words, redact=redact, secret=secret)]
    return told


def _lines(trace: Trace, *, words: bool, redact: Redact, secret: Mapping[str, Collection[str]]) -> Iterator[str]:
    where = f"{trace.place}, to {trace.only} alone" if trace.only else trace.place
    yield f"turn {trace.turn}: {trace.state}{f', answer {trace.shown}' if trace.shown else ''}"
    yield f"  asked by {trace.asker or 'somebody who is forgotten'} in {where}, message {trace.message}"
    yield f"  {_when(trace)}, brought before the engine {trace.attempts} times"
    if (usage := trace.usage) is not None:
        reported = "" if usage.reported is None else f" (the engine counts {usage.reported})"
        yield (
            f"  {usage.steps} steps, prompt {usage.predicted} tokens{reported}, reply {usage.reply_tokens} tokens; "
            f"read for {usage.prompt_seconds:.1f} s, wrote for {usage.reply_seconds:.1f} s"
        )
    yield from _parts(trace, words=words, redact=redact, secret=secret)


def _when(trace: Trace) -> str:
    opened = _moment(trace.opened_at)
    if trace.closed_at is None:
        return f"{opened}, not ended"
    return f"{opened}, {(trace.closed_at - trace.opened_at).total_seconds():.1f} s"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parts(trace: Trace, *, words: bool, redact: Redact, secret: Mapping[str, Collection[str]]) -> Iterator[str]:
    costs = {cost.id: cost for cost in (trace.usage.calls if trace.usage else ())}
    for part, tokens in trace.parts:
        yield from _part(part, tokens, costs, words=words, redact=redact, secret=secret)
    if not trace.parts:
        yield "  nothing of it is kept"
    for asked in trace.asked:
        server = f" of {_one_line(asked.server)}" if asked.server else ""
        yield f"  asked people to allow {_one_line(asked.tool)}{server}: {_decided(asked)}"


def _decided(asked: AskedFor) -> str:
    """How it stands, since when, and who said so. Of what an earlier version decided on, the latter two are unknown."""
    told = asked.state.value
    if asked.decided_at is not None:
        if asked.state in (RequestState.ALLOWED, RequestState.REFUSED):
            told += f" by {asked.decided_by or 'somebody of whom nothing is kept'}"
        told += f" at {_moment(asked.decided_at)}"
    return told + (", begun to be carried out" if asked.begun else "")


def _part(
    part: Part,
    tokens: int,
    costs: Mapping[str, CallCost],
    *,
    words: bool,
    redact: Redact,
    secret: Mapping[str, Collection[str]],
) -> Iterator[str]:
    match part:
        case Question(lines=lines):
            pictures = sum(len(line.images) for line in lines)
            yield f"  question: {tokens} tokens, {len(lines)} lines, {pictures} pictures"
            yield from _said("\n".join(line.text for line in lines), words, redact)
        case Reply(text=text, calls=calls):
            if text.strip() or not calls:
                yield f"  answer: {tokens} tokens, {len(text)} characters"
                yield from _said(text, words, redact)
            for call in calls:
                hidden = {*secret.get(call.name, ()), *(costs[call.id].secret if call.id in costs else ())}
                yield f"  call {_one_line(call.name)} {_arguments(call, hidden, redact)}"
        case Results(results=results):
            for result in results:
                cost = costs.get(result.call_id)
                outcome = "failed" if result.failed else "ok" if cost is None else cost.outcome
                took = "" if cost is None else f", {cost.seconds:.2f} s"
                yield f"  result of {_one_line(result.name)}: {outcome}, {len(result.content)} characters{took}"
                yield from _said(result.content, words, redact)
        case _:
            yield f"  {type(part).__name__.lower()}: {tokens} tokens"


def _arguments(call: Call, hidden: Collection[str], redact: Redact) -> str:
    """Where they cannot be read, no more than their size: what is to be hidden in them is not known."""
    try:
        given = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        return f"(no JSON, {len(call.arguments)} characters)"
    if not isinstance(given, dict):
        return f"(no object, {len(call.arguments)} characters)"
    shown = {name: HIDDEN if name in hidden else value for name, value in given.items()}
    text = redact(_one_line(json.dumps(shown, ensure_ascii=False)))
    return text if len(text) <= ARGUMENT_CHARS else f"{text[:ARGUMENT_CHARS]}… ({len(text)} characters)"


def _said(text: str, words: bool, redact: Redact) -> Iterator[str]:
    """Secrets are taken out before it is cut: a part of one would not be known any more."""
    if words:
        text = redact(text)
        cut = text if len(text) <= WORDS_CHARS else f"{text[:WORDS_CHARS]}… ({len(text)} characters)"
        yield from (f"    | {_one_line(line)}" for line in cut.splitlines())


def _one_line(text: str) -> str:
    """A terminal is not to be told to do anything."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)
