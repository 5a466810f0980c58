"""A small conversation and a way to hear an engine out."""

from __future__ import annotations

from contextlib import aclosing

from bot.inference.ollama import OllamaInference
from bot.talk.prompt import CallChunk, Finished, Prompt, TextChunk
from bot.talk.turn import Call, Instructions, Line, Part, Question, ToolSpec

CLOCK = ToolSpec(name="clock", description="The time", parameters={"type": "object", "properties": {}})
HEAD = Instructions(persona="You are a helpful bot in a chat channel.", tools=(CLOCK,))
QUESTION = Question(lines=(Line(text="What time is it?"),))


async def prompt_of(engine: OllamaInference, *parts: Part) -> Prompt:
    return Prompt(pieces=tuple([await engine.render(part) for part in parts]))


async def hear(engine: OllamaInference, prompt: Prompt, *, reply_tokens: int = 60) -> tuple[str, list[Call], Finished]:
    """The whole reply: its text, its calls, its end."""
    text, calls = "", list[Call]()
    async with aclosing(engine.stream(prompt, reply_tokens=reply_tokens)) as chunks:
        async for chunk in chunks:
            match chunk:
                case TextChunk():
                    text += chunk.text
                case CallChunk():
                    calls.append(chunk.call)
                case Finished():
                    return text, calls, chunk
    raise AssertionError("the stream ended without Finished")
