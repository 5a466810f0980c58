"""The tokenizer of the model that a server serves, asked over HTTP, where the server lends it.

llama-server: `/tokenize` counts texts, `/apply-template` renders chats. vLLM: `/tokenize` counts a text, or a chat
under the model's template. Sources: their documentation of these endpoints, and answers of llama-server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import to_json

from bot.errors import BackendError, EngineBroke, EngineStalled, EngineUnreachable
from bot.inference.engine_http import EngineHttp

SECONDS = 5.0
"""Longest wait for a count; whoever asked has a question to send."""

Message = Mapping[str, object]
_Answer = TypeVar("_Answer", bound=BaseModel)


class Tokenizer(Protocol):
    """Raises BackendErrors, also where the server does not lend what is asked of it."""

    async def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        """Of the texts one after the other, none of them joined with the next, without a token that opens a prompt."""
        ...

    async def chat(self, messages: Sequence[Message], tools: Sequence[object]) -> int:
        """How many tokens a whole chat has as the server would send it to the model, up to where the reply begins."""
        ...


class _Tokens(BaseModel):
    tokens: list[int] = Field(default_factory=list[int])


class _Prompt(BaseModel):
    prompt: str


class LlamaTokenizer:
    """llama-server's."""

    def __init__(self, http: EngineHttp) -> None:
        self._http = http

    async def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        return await self._tokens(list(texts), opening=False)

    async def chat(self, messages: Sequence[Message], tools: Sequence[object]) -> int:
        return len(await self._tokens(await self.render(messages, tools), opening=True))

    async def render(self, messages: Sequence[Message], tools: Sequence[object]) -> str:
        body: dict[str, object] = {"messages": messages}
        answer = await self._http.ask(
            "/apply-template", to_json(body | ({"tools": tools} if tools else {})), seconds=SECONDS
        )
        return _parsed(_Prompt, answer).prompt

    async def _tokens(self, content: object, *, opening: bool) -> Sequence[int]:
        body = {"content": content, "add_special": opening, "parse_special": True}
        return _parsed(_Tokens, await self._http.ask("/tokenize", to_json(body), seconds=SECONDS)).tokens


class VllmTokenizer:
    """vLLM's. It takes one text at a time."""

    def __init__(self, http: EngineHttp, model: str) -> None:
        self._http = http
        self._model = model

    async def tokens(self, texts: Sequence[str]) -> Sequence[int]:
        found: list[int] = []
        for text in texts:
            found += await self._ask({"prompt": text, "add_special_tokens": False})
        return found

    async def chat(self, messages: Sequence[Message], tools: Sequence[object]) -> int:
        return len(await self._ask({"messages": messages} | ({"tools": tools} if tools else {})))

    async def _ask(self, body: Mapping[str, object]) -> Sequence[int]:
        answer = await self._http.ask("/tokenize", to_json({"model": self._model, **body}), seconds=SECONDS)
        return _parsed(_Tokens, answer).tokens


def lacks(error: BackendError) -> bool:
    """Whether the server is there and does not do this, rather than away."""
    return not isinstance(error, EngineUnreachable | EngineStalled)


def _parsed(shape: type[_Answer], content: bytes) -> _Answer:
    try:
        return shape.model_validate_json(content)
    except ValidationError:  # its own message would quote what people said
        raise EngineBroke(f"the server sent {len(content)} bytes that cannot be read as {shape.__name__}") from None
