"""What a part costs behind a server that writes its own template: by the served model's own tokenizer, or estimated.

By the tokenizer: texts are counted as they are, and what the template writes around them was measured once, on small
chats. A turn is measured as question and reply together, because where the one ends and the other begins differs from
template to template; so a prompt is taken for one message's frame more than it has. Calls are counted in the template's
own spelling. Never less than the server counts, and a few tokens a message more.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import BackendError
from bot.inference.estimate import MESSAGE_TOKENS, PROMPT_TOKENS, estimate, estimate_image
from bot.inference.openai_messages import Message, contents, images_of, messages, text_of, tools_of
from bot.inference.own_tokenizer import Tokenizer, lacks
from bot.talk.turn import Call, Instructions, Part, Question, Reply, Result, Results, Summary

EDGE_TOKENS = 2
"""What a text may cost more where it meets what the template writes before and behind it."""

REMEMBERED = 256
"""Counts that are kept; a question is rendered more than once while it is made to fit."""

_SYSTEM, _ASKED, _SAID, _TOLD = "Be brief.", "How deep is the water?", "Four metres.", "4 m"
_QUOTED = '"\n' * 24
_CALL = Call(id="depth0000", name="depth", arguments='{"at": 7}')
_TOOL = {
    "type": "function",
    "function": {
        "name": _CALL.name,
        "description": "How deep the water is.",
        "parameters": {"type": "object", "properties": {"at": {"type": "integer"}}},
    },
}
_SAMPLE = f"{_SYSTEM} {_ASKED} Où est le port ? 東京の天気は？ नमस्ते ⛵ for (i = 0; i < 10; i++) {{}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """What was measured of a template, in tokens. `turn`: what it writes around a question and its reply; `base`: the
    small chat that calls are put into; `asked` and `told`: texts of ours in such chats. `quotes`: results stand in it
    as JSON. `tools`: what was offered meanwhile, nothing where the server refuses tools."""

    asked: int
    told: int
    turn: int
    base: int
    quotes: bool
    tools: tuple[object, ...]


class OwnCounting:
    """Counts with the served model's tokenizer. `name` tells tokenizer and template from others; `frames` None: the
    server does not show its template, and what it writes is bounded as it is for estimates."""

    def __init__(self, tokenizer: Tokenizer, name: str, frames: Frames | None) -> None:
        self.name = name
        self.frames = frames
        self._tokenizer = tokenizer
        self._known: OrderedDict[bytes, int] = OrderedDict()

    async def count(self, part: Part) -> int:
        """At most two requests. Raises BackendErrors."""
        key = hashlib.sha256(f"{type(part).__name__} {text_of(part)}".encode(errors="replace")).digest()
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        count = await (self._bounded(part) if self.frames is None else self._framed(part, self.frames))
        count += sum(map(estimate_image, images_of(part)))
        self._known[key] = count
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return count

    async def _framed(self, part: Part, frames: Frames) -> int:
        texts = contents(messages(part))
        match part:
            case Instructions():
                chat = [*messages(part), _user(_ASKED)]
                return await self._tokenizer.chat(chat, tools_of(part)) - frames.asked
            case Reply(calls=calls) if calls:
                told = Results(results=tuple(Result(call_id=call.id, name=call.name, content=_TOLD) for call in calls))
                chat = _small_chat([*messages(part), *messages(told)])
                framed = await self._tokenizer.chat(chat, frames.tools) - frames.base
                return framed - frames.told * len(calls) + EDGE_TOKENS
            case Results():
                quoted = [json.dumps(text, ensure_ascii=False) for text in texts] if frames.quotes else texts
                return await self._texts(quoted)
            case Reply():
                return await self._texts(texts)
            case Question() | Summary():
                return await self._texts(texts) + frames.turn

    async def _bounded(self, part: Part) -> int:
        written = messages(part)
        texts = contents(written)
        if isinstance(part, Instructions):
            texts += [json.dumps(part_of, ensure_ascii=False) for part_of in tools_of(part)]
        texts += [json.dumps(message["tool_calls"]) for message in written if "tool_calls" in message]
        opening = PROMPT_TOKENS if isinstance(part, Instructions) else 0
        return await self._texts(texts) + MESSAGE_TOKENS * len(written) + opening

    async def _texts(self, texts: Sequence[str]) -> int:
        return len(await self._tokenizer.tokens(texts)) + EDGE_TOKENS * len(texts)


async def own_counting(tokenizer: Tokenizer) -> OwnCounting:
    """Try the tokenizer out. Raises BackendErrors, also where the server lends none."""
    sample = list(await tokenizer.tokens([_SAMPLE]))
    frames: Frames | None = None
    for tools in ((_TOOL,), ()):
        try:
            frames = await _measured(tokenizer, tools)
        except BackendError as error:
            if not lacks(error):
                raise
        else:
            break
    seen = hashlib.sha256(repr((sample, frames)).encode()).hexdigest()[:12]
    return OwnCounting(tokenizer, seen, frames)


def estimated(part: Part) -> int:
    """Without a tokenizer: at most this."""
    tokens = estimate(text_of(part)) + sum(map(estimate_image, images_of(part)))
    tokens += MESSAGE_TOKENS * len(messages(part))
    return tokens + (PROMPT_TOKENS if isinstance(part, Instructions) else 0)


async def _measured(tokenizer: Tokenizer, tools: tuple[object, ...]) -> Frames:
    asked, said, told = [len(await tokenizer.tokens([text])) for text in (_ASKED, _SAID, _TOLD)]
    one, two = await tokenizer.chat(_small_chat(())[:2], tools), await tokenizer.chat(_small_chat(()), tools)
    plain, quoted = [await tokenizer.chat(_round(content), tools) for content in (_TOLD, _QUOTED)]
    as_text, as_json = [len(await tokenizer.tokens([text])) for text in (_QUOTED, json.dumps(_QUOTED))]
    return Frames(
        asked=asked,
        told=told,
        turn=two - one - asked - said,
        base=two,
        quotes=2 * (quoted - plain + told) > as_text + as_json,
        tools=tools,
    )


def _round(told: str) -> list[Message]:
    result = Result(call_id=_CALL.id, name=_CALL.name, content=told)
    return _small_chat([*messages(Reply(text="", calls=(_CALL,))), *messages(Results(results=(result,)))])


def _small_chat(middle: Sequence[Message]) -> list[Message]:
    """As `Frames.base`, with something between the question and the reply."""
    opening: list[Message] = [{"role": "system", "content": _SYSTEM}, _user(_ASKED)]
    return [*opening, *middle, {"role": "assistant", "content": _SAID}, _user(_ASKED)]


def _user(text: str) -> Message:
    return {"role": "user", "content": text}
