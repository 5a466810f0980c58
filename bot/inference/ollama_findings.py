"""What the doctor says about Ollama, each gap with what it costs and the command that mends it."""

from __future__ import annotations

from bot.errors import BackendError, EngineUnreachable, ModelMissing
from bot.inference import engine_findings as engine_says
from bot.inference.kv_room import BYTES
from bot.inference.measure import Measured
from bot.inference.ollama_daemon import Look
from bot.inference.ollama_version import KEEPS_PROMPTS, NEVER_CUTS, at_least, counts_whole_prompts
from bot.inference.template_lint import Flaw
from bot.settings import EngineSettings, KvType
from bot.talk.finding import Finding, Level
from bot.talk.prompt import Engine

OLLAMAS_TEMPERATURE = 0.8
"""What Ollama takes where neither request nor model says."""

SMALLEST_WINDOW = 4096
"""Advice to make the window smaller ends here: below it there is hardly room for a conversation."""

_GIB = 2**30
_QUANTIZED = "set OLLAMA_FLASH_ATTENTION=1 and OLLAMA_KV_CACHE_TYPE=q8_0 for the daemon"
_FASTER = "see that the model is wholly on the GPU, or take a smaller quantization of it"
_UPDATE = "update Ollama: https://ollama.com/download"


def missing(error: BackendError, settings: EngineSettings) -> tuple[Finding, ...]:
    """When the engine could not even be looked at."""
    match error:
        case EngineUnreachable():
            mend = f"start it (`ollama serve`), or set ENGINE_URL (now {settings.url}); https://ollama.com/download"
            return (Finding(level=Level.PROBLEM, topic="engine", found=str(error), mend=mend),)
        case ModelMissing():
            mend = f"`calanque pull` (or `ollama pull {settings.model}`)"
            return (
                Finding(level=Level.OK, topic="engine", found=f"Ollama answers at {settings.url}"),
                Finding(level=Level.PROBLEM, topic="model", found=f"{settings.model} is not there", mend=mend),
            )
        case _:
            mend = "read the message; `ollama ps` and Ollama's log tell more"
            return (Finding(level=Level.PROBLEM, topic="engine", found=str(error), mend=mend),)


def findings(look: Look, engine: Engine, settings: EngineSettings) -> tuple[Finding, ...]:
    """What is known without trying anything out."""
    return (
        _version(engine, settings),
        _model(engine),
        engine_says.window(engine, settings, longest=look.shown.trained_window, mend="or take a model that holds more"),
        engine_says.vision(
            engine,
            found="reads pictures",
            mend="set ENGINE_MODEL=mistral-small3.1, whose download has the vision part, and `calanque pull`",
        ),
        Finding(level=Level.OK, topic="tools", found="offered in the bot's own format"),
        engine_says.temperature(settings, others=_sent_by_others(look)),
        _residence(look, engine),
        _kept(look, settings),
        engine_says.room(engine, rate=engine.prefill_rate, mend=_more_room(look, engine)),
        *_neighbours(look, engine),
    )


def tried(
    look: Look, engine: Engine, settings: EngineSettings, measured: Measured, lint: tuple[Flaw, ...] | None
) -> tuple[Finding, ...]:
    """What trying out adds."""
    way = "counted here, exactly" if engine.exact else "counted as Tekken, which is not quite this model's"
    mend = f"{_UPDATE}; if it stays so, please report it with the version {engine.version}"
    return (
        engine_says.rates(measured, engine, settings, mend=_FASTER),
        engine_says.slots(measured, engine, parallel="OLLAMA_NUM_PARALLEL"),
        *engine_says.counts(measured, engine, way=way, mend=mend),
        *_template(lint),
        *_taken_over(look, settings),
    )


def _version(engine: Engine, settings: EngineSettings) -> Finding:
    found = f"Ollama {engine.version} at {settings.url}"
    if not at_least(engine.version, NEVER_CUTS):
        cost = "cuts what does not fit without a word, so that turns fail"
    elif not at_least(engine.version, KEEPS_PROMPTS):
        cost = "keeps no prompts in main memory: whenever another channel asks, a whole channel is read anew"
    elif not counts_whole_prompts(engine.version):
        cost = "does not report how long prompts are, so that a cut one is not noticed"
    else:
        return Finding(level=Level.OK, topic="engine", found=found)
    return Finding(level=Level.WARNING, topic="engine", found=f"{found}: too old, it {cost}", mend=_UPDATE)


def _model(engine: Engine) -> Finding:
    name = f"{engine.model} ({engine.digest[:12]})" if engine.digest else engine.model
    if engine.exact:
        return Finding(level=Level.OK, topic="model", found=name)
    return Finding(
        level=Level.WARNING,
        topic="model",
        found=f"{name} splits text in another way than Tekken; prompts may be longer than counted",
        mend="fetch another conversion of the model, e.g. ENGINE_MODEL=mistral-small3.1 and `calanque pull`",
    )


def _sent_by_others(look: Look) -> float:
    try:
        return float(look.shown.parameter("temperature") or OLLAMAS_TEMPERATURE)
    except ValueError:
        return OLLAMAS_TEMPERATURE


def _residence(look: Look, engine: Engine) -> Finding:
    if engine.resident is None or look.running is None:
        return Finding(level=Level.OK, topic="residence", found="the engine does not say where the model lies")
    sizes = f"{look.running.size_vram / _GIB:.1f} of {look.running.size / _GIB:.1f} GiB"
    if engine.resident >= 1:
        return Finding(
            level=Level.OK, topic="residence", found=f"wholly on the GPU ({look.running.size / _GIB:.1f} GiB)"
        )
    share = "not at all" if engine.resident == 0 else f"only {engine.resident:.0%}"
    return Finding(
        level=Level.WARNING,
        topic="residence",
        found=f"{share} on the GPU ({sizes}): answers are slow",
        mend=_onto_the_card(look, engine, look.running.size - look.running.size_vram),
    )


def _onto_the_card(look: Look, engine: Engine, outside: int) -> str:
    """What makes room for so many bytes, about: a cheaper cache, a smaller window, or neither is enough."""
    ways: list[str] = []
    if engine.resident and engine.kv_bytes and look.kept is not None:
        if look.kept.type is KvType.F16:
            halved = engine.kv_bytes * (1 - BYTES[KvType.Q8_0] / BYTES[KvType.F16]) * engine.window * engine.slots
            ways += [_QUANTIZED] if halved >= outside else []
        fitting = int(engine.window - outside / (engine.kv_bytes * engine.slots)) // 1024 * 1024
        ways += [f"set ENGINE_WINDOW={fitting}"] if fitting >= SMALLEST_WINDOW else []
    smaller = "take a smaller quantization of the model, or a card with more memory"
    return f"{', or '.join(ways) or smaller} (see the card table in the README)"


def _kept(look: Look, settings: EngineSettings) -> Finding:
    if look.kept is None:
        return Finding(level=Level.OK, topic="kv", found="the model does not say what it keeps of a token")
    kind = look.kept.type.value
    if settings.kv_type is not KvType.AUTO:
        found = f"kept as {kind}, by ENGINE_KV_TYPE"
    elif look.kept.sure:
        found = f"kept as {kind}, by the size of the loaded model"
        found += f" and if it has {settings.slots} slots" if settings.slots > 1 else ""
    else:
        found = f"taken for {kind}, the most that the loaded model's size allows; ENGINE_KV_TYPE can say it for sure"
    return Finding(level=Level.OK, topic="kv", found=found)


def _more_room(look: Look, engine: Engine) -> str:
    if not engine.host_cache_bytes and not at_least(engine.version, KEEPS_PROMPTS):
        return _UPDATE
    wanted = max(8192, 2 * engine.host_cache_bytes // 2**20)
    more = (
        f"if there is main memory to spare, set LLAMA_ARG_CACHE_RAM={wanted} (MiB) for the daemon, and "
        f"ENGINE_HOST_CACHE_MIB={wanted} here"
    )
    dear = look.kept is not None and look.kept.type is KvType.F16
    return f"{more}; {_QUANTIZED}, which halves what a token takes" if dear else more


def _neighbours(look: Look, engine: Engine) -> tuple[Finding, ...]:
    if not look.others:
        return ()
    names = ", ".join(f"{one.name or one.model} ({one.size / _GIB:.1f} GiB)" for one in look.others)
    crowded = engine.resident is not None and engine.resident < 1
    return (
        Finding(
            level=Level.WARNING if crowded else Level.OK,
            topic="neighbours",
            found=f"also in memory: {names}; a model that has to make way loses every warm channel",
            mend=f"`ollama stop {look.others[0].name or look.others[0].model}`, or run it elsewhere" if crowded else "",
        ),
    )


def _taken_over(look: Look, settings: EngineSettings) -> tuple[Finding, ...]:
    if look.before is None or look.before == settings.window:
        return ()
    return (
        Finding(
            level=Level.WARNING,
            topic="sharing",
            found=f"the model was loaded with a window of {look.before:,} tokens; whoever asks with another one "
            "loads it anew, and every channel is cold",
            mend=f"let other programs ask with num_ctx {settings.window}, or use another model; "
            "nothing to do if ENGINE_WINDOW has just been changed",
        ),
    )


def _template(lint: tuple[Flaw, ...] | None) -> tuple[Finding, ...]:
    """It costs us nothing: prompts are sent raw. But operators build other things on the same daemon."""
    if lint is None:
        return ()
    if not lint:
        return (Finding(level=Level.OK, topic="template", found="the model's own is sound (the bot writes its own)"),)
    told = "; ".join(flaw.value for flaw in lint)
    found = f"the model's own {told}. The bot writes its prompts itself, so this is a matter of other programs only"
    return (Finding(level=Level.OK, topic="template", found=found),)
