"""Builds what finds the community's knowledge by meaning. What it needs is imported where there is knowledge."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from bot.lanes.embedding import IdleEmbeds
from bot.lanes.lanes import Lanes
from bot.languages.phrases import Phrases
from bot.ports import Clock
from bot.ports.embedding import Embeds
from bot.settings import EmbeddingKind, Settings
from bot.talk.command import Command


def has_knowledge(settings: Settings) -> bool:
    own = settings.knowledge
    return own.dir is not None or own.pages is not None or own.by_staff


def new_embeds(settings: Settings, *, clock: Clock) -> AbstractAsyncContextManager[Embeds] | None:
    """None where knowledge is found by its words alone, and where there is none. Nothing is started."""
    own = settings.embedding
    if own.kind is EmbeddingKind.OFF or not has_knowledge(settings):
        return None
    if own.kind is EmbeddingKind.OLLAMA:
        from bot.inference.ollama_embedding import OllamaEmbeds  # noqa: PLC0415 - see the module's docstring

        return OllamaEmbeds(settings.engine, own)
    from bot.inference.nano_embedding import NanoEmbeds, installed  # noqa: PLC0415 - likewise

    if own.kind is EmbeddingKind.AUTO and not installed():
        return None
    return NanoEmbeds(threads=own.threads, clock=clock)


def beside_answers(embeds: Embeds, settings: Settings, lanes: Lanes) -> Embeds:
    """What shares the engine's card waits its turn there; the model that comes with the program has its own process."""
    return IdleEmbeds(embeds, lanes) if settings.embedding.kind is EmbeddingKind.OLLAMA else embeds


def staff_commands(settings: Settings, phrases: Phrases) -> tuple[Command, ...]:
    """As platforms show them; none where people add nothing to the knowledge."""
    if not settings.knowledge.by_staff:
        return ()
    from bot.knowledge.staff import commands  # noqa: PLC0415 - likewise

    return commands(phrases)
