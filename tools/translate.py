"""Translating with the community's own glossary: the model translates, this says which words are settled."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.ports.glossary import Prescribed
from bot.ports.tool import CallContext, Effect, tool

MOST_CHARS = 8_000

Text = Annotated[str, Field(min_length=1, max_length=MOST_CHARS, description="The text that is to be translated.")]
Language = Annotated[str, Field(max_length=35, description="Tag of the language to translate to, like de or pt-BR.")]


@tool(Effect.READS, seconds=5, beside=True, needs="glossary", doing="doing-translate")
async def translate(context: CallContext, text: Text, to: Language) -> str:
    """Look up how this community writes its own words in another language. Call it before you translate anything, then
    translate the text yourself with exactly the forms that it gives, and leave as it is what it says stays.
    """
    assert context.services.glossary is not None
    return _told(await context.services.glossary.prescribed(text, to=to), to=to.strip())


def _told(found: Prescribed, *, to: str) -> str:
    parts: list[str] = []
    if not found.known:
        have = ", ".join(found.languages) or "no language"
        parts.append(f"The glossary has no words in {to} (it has {have}); choose them yourself, the same each time.")
    fixed = [f"{term.word} → {' or '.join(term.written)}" for term in found.terms if term.written]
    kept = [term.word for term in found.terms if not term.written]
    if fixed:
        parts.append("Write these exactly so, inflected as the sentence needs:\n" + "\n".join(fixed))
    if kept:
        parts.append("Leave these words as they are:\n" + "\n".join(kept))
    if found.stays:
        parts.append("Leave these as they are, character by character:\n" + "\n".join(found.stays))
    if not fixed and not kept and not found.stays:
        parts.append("Nothing in this text is prescribed.")
    return "\n\n".join([*parts, f"Now translate the text into {to}."])
