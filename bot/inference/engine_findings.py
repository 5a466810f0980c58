"""What the doctor says about any engine: its window, its room, its speed, its counts. All numbers are the engine's."""

from __future__ import annotations

from math import ceil

from bot.inference.measure import Counted, Measured
from bot.settings import EngineSettings
from bot.talk.finding import Finding, Level
from bot.talk.prompt import Engine

SLOW_WRITING = 5.0
"""Tokens a second below which reading along is no pleasure."""

HIGHEST_TEMPERATURE = 0.5
"""Above it Mistral Small 3.1 begins to break the JSON of its calls; Mistral advises 0.15."""

MOST_PATIENCE = 3600
"""What ENGINE_FIRST_TOKEN_SECONDS may be at most."""

_GIB = 2**30


def window(engine: Engine, settings: EngineSettings, *, longest: int | None, mend: str) -> Finding:
    """As loaded, against what was asked for and what the model was made for (`longest`, where it says)."""
    held = f"{engine.window:,} tokens" + (f" of the {longest:,} that the model can have" if longest else "")
    if engine.window >= settings.window:
        return Finding(level=Level.OK, topic="window", found=held)
    found = f"{held}; {settings.window:,} were asked for"
    return Finding(level=Level.WARNING, topic="window", found=found, mend=f"set ENGINE_WINDOW={engine.window}, {mend}")


def vision(engine: Engine, *, found: str, mend: str) -> Finding:
    if engine.vision:
        return Finding(level=Level.OK, topic="vision", found=found)
    return Finding(level=Level.WARNING, topic="vision", found=f"{engine.model} does not read pictures", mend=mend)


def temperature(settings: EngineSettings, *, others: float | None) -> Finding:
    """`others`: what requests get that do not say."""
    found = f"{settings.temperature:g} is sent with every request"
    found += "" if others is None else f" (others get {others:.3g} from this model)"
    if settings.temperature <= HIGHEST_TEMPERATURE:
        return Finding(level=Level.OK, topic="temperature", found=found)
    return Finding(
        level=Level.WARNING,
        topic="temperature",
        found=f"{found}: calls of tools will often be malformed",
        mend="set ENGINE_TEMPERATURE=0.15, as Mistral advises",
    )


def room(engine: Engine, *, rate: float | None, mend: str) -> Finding:
    """The sum: how many channels stay warm, and what one that does not costs."""
    usual = engine.window // 2
    slots = f"{engine.slots} slot{'' if engine.slots == 1 else 's'}"
    if not engine.kv_bytes:
        found = f"{slots} of {engine.window:,} tokens; the engine does not say what they take up"
        return Finding(level=Level.OK, topic="room", found=found)
    on_card = engine.kv_bytes * engine.window * engine.slots
    found = f"{engine.kv_bytes / 1024:.3g} KiB a token × {engine.window:,} × {slots} = {on_card / _GIB:.1f} GiB; "
    if engine.host_cache_bytes:
        found += f"{engine.host_cache_bytes / _GIB:.3g} GiB of main memory hold {engine.host_tokens:,} tokens: "
    channels = engine.warm_tokens // usual
    found += f"about {channels} channel{'' if channels == 1 else 's'} of {usual:,} tokens stay warm"
    if rate:
        found += f"; one that does not is read anew in {lasting(usual / rate)}"
    if engine.host_cache_bytes and channels > engine.slots:
        return Finding(level=Level.OK, topic="room", found=found)
    return Finding(level=Level.WARNING, topic="room", found=found, mend=mend)


def rates(measured: Measured, engine: Engine, settings: EngineSettings, *, mend: str) -> Finding:
    """How fast it is, and what that means for a whole window."""
    if measured.busy:
        again = "run the doctor again when nobody is asking anything"
        return Finding(level=Level.WARNING, topic="speed", found="not measured: the engine is busy", mend=again)
    if not measured.prefill_rate or not measured.generation_rate:
        reason = measured.error or "the engine does not say how many tokens it read"
        again = "see the engine's log, then run the doctor again"
        return Finding(level=Level.WARNING, topic="speed", found=f"not measured: {reason}", mend=again)
    cold, reply = engine.window / measured.prefill_rate, settings.reply_tokens / measured.generation_rate
    found = (
        f"reads {measured.prefill_rate:,.0f} tokens a second and writes {measured.generation_rate:,.3g}: "
        f"{lasting(cold)} for a whole window that is not warm, {lasting(reply)} for the longest reply"
    )
    if cold > settings.first_token_seconds:
        patience = min(ceil(cold * 1.5), MOST_PATIENCE)
        longer = f"set ENGINE_FIRST_TOKEN_SECONDS={patience} (now {settings.first_token_seconds:g}: it is given up), "
        return Finding(level=Level.WARNING, topic="speed", found=found, mend=f"{longer}or a smaller ENGINE_WINDOW")
    if measured.generation_rate < SLOW_WRITING:
        return Finding(level=Level.WARNING, topic="speed", found=found, mend=mend)
    return Finding(level=Level.OK, topic="speed", found=found)


def counts(measured: Measured, engine: Engine, *, way: str, mend: str) -> tuple[Finding, ...]:
    """Whether the engine counts a text of many scripts, and a picture, as we do. `way`: how we count."""
    findings = [_count("counts", "a text of many scripts", measured.text, engine, way=way, mend=mend)]
    if measured.picture is not None:
        findings.append(_count("pictures", "a picture", measured.picture, engine, way=way, mend=mend))
    return tuple(findings)


def _count(topic: str, what: str, counted: Counted | None, engine: Engine, *, way: str, mend: str) -> Finding:
    if counted is None:
        return Finding(level=Level.OK, topic=topic, found=f"{way}; not tried out")
    told = f"{way}: {what} is {counted.predicted:,} tokens here and {counted.reported:,} there"
    wrong = counted.predicted != counted.reported if engine.exact else counted.predicted < counted.reported
    if not wrong:
        return Finding(level=Level.OK, topic=topic, found=told)
    cost = "full windows are refused" if counted.predicted < counted.reported else "prompts are taken for cut"
    return Finding(level=Level.WARNING, topic=topic, found=f"{told}: {cost}", mend=mend)


def slots(measured: Measured, engine: Engine, *, parallel: str) -> Finding:
    """`parallel`: the engine's own name for how many requests it answers at a time."""
    seen, asked = measured.at_once, engine.slots
    if seen is None or seen == asked:
        tried = "" if seen is None else f" (tried with {measured.tried})"
        return Finding(level=Level.OK, topic="slots", found=f"{asked} at a time{tried}")
    if seen < asked:
        found = f"{asked} requests are sent at a time, {seen} answered: people wait in the engine, unseen and unordered"
        mend = f"set {parallel}={asked} for the engine (each takes a window's memory), or ENGINE_SLOTS={seen}"
    else:
        found = f"{asked} sent at a time, {seen} could be answered: memory for {seen - asked} whole windows lies idle"
        mend = f"set ENGINE_SLOTS={seen}, or {parallel}={asked} for the engine"
    return Finding(level=Level.WARNING, topic="slots", found=found, mend=mend)


def lasting(seconds: float) -> str:
    """For people: `0.4 s`, `50 s`, `2 min 5 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
