"""What the doctor says about an OpenAI-compatible server, each gap with what it costs and what mends it."""

from __future__ import annotations

from bot.errors import BackendError, EngineUnreachable, ModelMissing
from bot.inference import engine_findings as engine_says
from bot.inference.measure import Measured
from bot.inference.openai_counting import OwnCounting
from bot.inference.openai_server import Found, kept_as
from bot.inference.template_lint import Flaw
from bot.settings import EngineSettings, KvType
from bot.talk.finding import Finding, Level
from bot.talk.prompt import Engine

BOUND = "counted by the server's own tokenizer, with a few tokens a message to spare"
HALF_BOUND = "counted by the server's own tokenizer, what its template writes is estimated"
ESTIMATE = "estimated, half as much again and more"


_RESIDENCE = "the server does not say how much of the model is on the GPU; its log does"
_QUANTIZED = "--cache-type-k q8_0 --cache-type-v q8_0"


def missing(error: BackendError, settings: EngineSettings) -> tuple[Finding, ...]:
    """When the server could not even be looked at."""
    match error:
        case ModelMissing():
            mend = "set ENGINE_MODEL to a model that the server lists under /v1/models"
            return (
                Finding(level=Level.OK, topic="engine", found=f"a server answers at {settings.url}"),
                Finding(level=Level.PROBLEM, topic="model", found=str(error), mend=mend),
            )
        case EngineUnreachable():
            mend = f"start the server, or set ENGINE_URL (now {settings.url})"
        case _:
            mend = "check ENGINE_URL, ENGINE_API_KEY and the server's log"
    return (Finding(level=Level.PROBLEM, topic="engine", found=str(error), mend=mend),)


def findings(found: Found, engine: Engine, settings: EngineSettings, own: OwnCounting | None) -> tuple[Finding, ...]:
    """What is known without trying anything out."""
    mend = "or start the server with a larger window"
    seen = "reads pictures" if found.served.architecture else "reads pictures, unless the server refuses them"
    no_eye = "serve the model with its vision part (mmproj), if it has one"
    version = f" ({engine.version})" if engine.version else ""
    return (
        Finding(level=Level.OK, topic="engine", found=f"an OpenAI-compatible server{version} at {settings.url}"),
        _model(found, engine),
        engine_says.window(engine, settings, longest=found.longest, mend=mend),
        engine_says.vision(engine, found=seen, mend=no_eye),
        Finding(level=Level.OK, topic="tools", found="offered; the server must be started with tool calls enabled"),
        engine_says.temperature(settings, others=found.props.default_generation_settings.params.temperature),
        Finding(level=Level.OK, topic="residence", found=_RESIDENCE),
        *_kept(found, settings),
        engine_says.room(engine, rate=engine.prefill_rate, mend=_more_room(engine, settings)),
        _counting(own),
    )


def tried(
    found: Found, engine: Engine, settings: EngineSettings, measured: Measured, lint: tuple[Flaw, ...] | None
) -> tuple[Finding, ...]:
    """What trying out adds."""
    parallel = "--parallel" if found.llama else "the number of requests at a time"
    slow = "see that the model is wholly on the GPU, or take a smaller one"
    return (
        engine_says.rates(measured, engine, settings, mend=slow),
        engine_says.slots(measured, engine, parallel=parallel),
        *engine_says.counts(
            measured, engine, way="bounded", mend=f"set ENGINE_WINDOW={engine.window * 9 // 10}, and please report it"
        ),
        *_template(lint),
    )


def _model(found: Found, engine: Engine) -> Finding:
    """llama-server serves its one model under any name."""
    name = engine.model if found.served.id == engine.model else f"{found.served.id}, asked for as {engine.model}"
    return Finding(level=Level.OK, topic="model", found=f"{name} ({engine.digest[:12]})")


def _kept(found: Found, settings: EngineSettings) -> tuple[Finding, ...]:
    """How, where it is known how much."""
    if found.numbers is None:
        return ()
    how = f"kept as {kept_as(settings).value}, by ENGINE_KV_TYPE"
    if settings.kv_type is KvType.AUTO:
        how = f"taken for {kept_as(settings).value}, as llama-server keeps it by default; ENGINE_KV_TYPE can say it"
    return (Finding(level=Level.OK, topic="kv", found=how),)


def _more_room(engine: Engine, settings: EngineSettings) -> str:
    wanted = max(8192, 2 * engine.host_cache_bytes // 2**20)
    more = (
        f"if there is main memory to spare, start llama-server with --cache-ram {wanted} (MiB), and set "
        f"ENGINE_HOST_CACHE_MIB={wanted}"
    )
    if kept_as(settings) is not KvType.F16:
        return more
    return f"{more}; {_QUANTIZED} and ENGINE_KV_TYPE=q8_0 halve what a token takes"


def _counting(own: OwnCounting | None) -> Finding:
    if own is not None:
        return Finding(level=Level.OK, topic="counting", found=BOUND if own.frames is not None else HALF_BOUND)
    return Finding(
        level=Level.WARNING,
        topic="counting",
        found=f"{ESTIMATE}: a third of the window and more is never used",
        mend="serve the model by llama-server or vLLM, which lend their tokenizer (POST /tokenize)",
    )


def _template(lint: tuple[Flaw, ...] | None) -> tuple[Finding, ...]:
    """Here the server's template writes the prompts, so its flaws are ours."""
    if lint is None:
        return ()
    if not lint:
        return (Finding(level=Level.OK, topic="template", found="the model's own is sound"),)
    told = "; ".join(flaw.value for flaw in lint)
    return (
        Finding(
            level=Level.WARNING,
            topic="template",
            found=f"the model's own {told}",
            mend="start llama-server with --jinja --chat-template-file and a template that keeps tools where they are",
        ),
    )
