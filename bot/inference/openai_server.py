"""What is asked of an OpenAI-compatible server besides answers: which model it serves, how wide, in how many slots."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.errors import EngineBroke, EngineRefused, ModelMissing
from bot.inference.engine_http import EngineHttp
from bot.inference.kv_room import BYTES, numbers_of_known
from bot.inference.openai_wire import ModelList, Props, Served, complaint
from bot.inference.own_tokenizer import LlamaTokenizer, VllmTokenizer
from bot.settings import EngineSettings, KvType
from bot.talk.prompt import Engine

LLAMA = "llamacpp"
"""How llama-server signs the models that it lists."""

_Answer = TypeVar("_Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A server as it was found; what only llama-server tells is empty elsewhere."""

    served: Served
    props: Props

    @property
    def llama(self) -> bool:
        return self.served.owned_by == LLAMA

    @property
    def longest(self) -> int | None:
        """The widest window that the model can have, in tokens, where the server says."""
        return self.served.meta.n_ctx_train if self.served.meta else None

    @property
    def numbers(self) -> int | None:
        """How many numbers are kept of a token, where the model is one that is known by its shape."""
        meta = self.served.meta
        return meta and numbers_of_known(vocabulary=meta.n_vocab, width=meta.n_embd, parameters=meta.n_params)

    @property
    def identity(self) -> str:
        """Changes when another model, or the same in another form, is served under the name; not with a restart."""
        served, meta = self.served, self.served.meta
        parts = (served.id, served.root, meta and meta.model_dump(exclude={"n_ctx"}), self.props.chat_template)
        return hashlib.sha256(repr(parts).encode(errors="replace")).hexdigest()


def server_of(settings: EngineSettings) -> EngineHttp:
    """Its stream may open with an event without a token, so the second line may take as long as the first."""
    return EngineHttp(
        settings,
        name="the server",
        complaint=lambda status, said: complaint(status, said, settings),
        slow_lines=2,
    )


async def look(http: EngineHttp, settings: EngineSettings) -> Found:
    """Raises BackendErrors; ModelMissing where the server lists other models."""
    served = _find(parsed(ModelList, await http.ask("/v1/models")).data, settings)
    return Found(served=served, props=await _props(http) if served.owned_by == LLAMA else Props())


def engine_of(found: Found, settings: EngineSettings) -> Engine:
    """What such a server can do for us. Where it does not say whether the model reads pictures, it is taken to: a
    refusal is loud."""
    served, props = found.served, found.props
    slot = props.default_generation_settings.n_ctx
    known = served.architecture.input_modalities if served.architecture else None
    return Engine(
        name="openai",
        model=settings.model,
        window=slot or served.max_model_len or (served.meta and served.meta.n_ctx) or settings.window,
        vision=known is None or "image" in known,
        tools=True,
        version=props.build_info,
        exact=False,
        slots=props.total_slots or settings.slots,
        kv_bytes=None if found.numbers is None else found.numbers * BYTES[kept_as(settings)],
        host_cache_bytes=settings.host_cache_mib * 2**20 if found.llama else 0,
        digest=found.identity,
    )


def kept_as(settings: EngineSettings) -> KvType:
    """Servers do not say it; f16 is their default."""
    return KvType.F16 if settings.kv_type is KvType.AUTO else settings.kv_type


def tokenizer_of(found: Found, http: EngineHttp, settings: EngineSettings) -> LlamaTokenizer | VllmTokenizer:
    """In the server's dialect; whether it lends its tokenizer is found out by asking."""
    return LlamaTokenizer(http) if found.llama else VllmTokenizer(http, settings.model)


def parsed(shape: type[_Answer], content: bytes) -> _Answer:
    """Raises EngineBroke, without quoting what people and the model said."""
    try:
        return shape.model_validate_json(content)
    except ValidationError:
        raise EngineBroke(f"the server sent {len(content)} bytes that cannot be read as {shape.__name__}") from None


def _find(served: Sequence[Served], settings: EngineSettings) -> Served:
    for one in served:
        if one.id == settings.model:
            return one
    if len(served) == 1 and served[0].owned_by == LLAMA:  # serves one model, by any name
        return served[0]
    listed = ", ".join(one.id for one in served[:10]) or "nothing"
    raise ModelMissing(f"{settings.url} does not serve {settings.model}; it lists {listed}")


async def _props(http: EngineHttp) -> Props:
    try:
        return parsed(Props, await http.ask("/props"))
    except EngineRefused:  # may be switched off
        return Props()
