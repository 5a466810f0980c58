"""What the model is told of a support channel. It stands in the head of the prompt: a change of it is a change of
persona, and counted as that."""

from __future__ import annotations

from bot.talk.support import SupportChannel

TONE = 300
"""Characters of the tone that moderators wish for."""

SUPPORT = """\
This is a support channel: people come here with questions, and you are the first to help them. Answer what was asked, \
step by step where there is something to do, and as shortly as it can be done. Where a question is not clear, ask for \
the one thing that you need to know. Say plainly what you do not know. Promise nothing in the name of the people who \
work here: not what they will do, and not when. Speak of nobody but of whom you help: what other members said, asked \
or did is not yours to tell. Whoever is rude or afraid is helped as calmly and kindly as anybody."""


def instructed(persona: str, channel: SupportChannel | None) -> str:
    """The persona as it is in this support channel; None: elsewhere."""
    if channel is None:
        return persona
    tone = " ".join(channel.tone.split())[:TONE]
    wish = f"\n\nWho runs this channel wishes for this tone: {tone}" if tone else ""
    return f"{persona}\n\n{SUPPORT}{wish}"
