"""What the doctor says about Ollama, each gap with the command that mends it."""

from __future__ import annotations

from bot.errors import BackendError, EngineUnreachable, ModelMissing
from bot.settings import EngineSettings
from bot.talk.finding import Finding, Level
from bot.talk.prompt import Engine


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


def findings(engine: Engine, settings: EngineSettings) -> tuple[Finding, ...]:
    """When the engine is there with its model loaded."""
    return (
        Finding(level=Level.OK, topic="engine", found=f"Ollama {engine.version} at {settings.url}"),
        _model(engine),
        _window(engine, settings),
        _vision(engine),
        Finding(level=Level.OK, topic="tools", found="offered in the bot's own format"),
        _residence(engine),
    )


def _model(engine: Engine) -> Finding:
    if engine.exact:
        return Finding(level=Level.OK, topic="model", found=engine.model)
    return Finding(
        level=Level.WARNING,
        topic="model",
        found=f"{engine.model} splits text in another way than Tekken; prompts may be longer than counted",
        mend="fetch another conversion of the model, e.g. ENGINE_MODEL=mistral-small3.1 and `calanque pull`",
    )


def _window(engine: Engine, settings: EngineSettings) -> Finding:
    if engine.window >= settings.window:
        return Finding(level=Level.OK, topic="window", found=f"{engine.window} tokens")
    return Finding(
        level=Level.WARNING,
        topic="window",
        found=f"{engine.window} tokens, {settings.window} were asked for",
        mend=f"set ENGINE_WINDOW={engine.window}, or take a model that holds more",
    )


def _vision(engine: Engine) -> Finding:
    if engine.vision:
        return Finding(level=Level.OK, topic="vision", found="reads pictures")
    return Finding(
        level=Level.WARNING,
        topic="vision",
        found=f"{engine.model} does not read pictures",
        mend="set ENGINE_MODEL=mistral-small3.1, whose download has the vision part, and `calanque pull`",
    )


def _residence(engine: Engine) -> Finding:
    if engine.resident is None:
        return Finding(level=Level.OK, topic="residence", found="the engine does not say where the model lies")
    if engine.resident >= 1:
        return Finding(level=Level.OK, topic="residence", found="wholly on the GPU")
    mend = (
        "a smaller ENGINE_WINDOW, or OLLAMA_FLASH_ATTENTION=1 and OLLAMA_KV_CACHE_TYPE=q8_0 for the daemon "
        "(see the card table in the README)"
    )
    share = "not at all" if engine.resident == 0 else f"only {engine.resident:.0%}"
    return Finding(level=Level.WARNING, topic="residence", found=f"{share} on the GPU: answers are slow", mend=mend)
