"""Makes text from people, pages and tools harmless before it stands in a prompt.

Three dangers, each seen on a real engine: text that spells a control token becomes that token; text that spells the
engine's picture mark breaks the request; and a run of some 25,000 characters without a break overflows the stack of
llama.cpp's word splitter and kills the engine.
"""

from __future__ import annotations

import re

from bot.inference.tekken import CONTROL_TOKENS

LONGEST_RUN = 4000
"""Characters without a space or a line break, or of nothing but space, that a prompt may hold. As long as the longest
message, and a fifth of what llama.cpp survived with the usual stack of 8 MiB."""

LATER_TOKENS = ("[ARGS]", "[CALL_ID]", "[THINK]", "[/THINK]", "[AUDIO]", "[BEGIN_AUDIO]", "[MODEL_SETTINGS]")
"""Control tokens of later Mistral vocabularies, which a model of the same family may have."""

MARKS = ("<__media__>", "<__image__>")
"""What llama.cpp replaces by a picture (the older mark still works)."""

_BODIES = "|".join(
    re.escape(token[1:])
    for token in sorted((*CONTROL_TOKENS, *LATER_TOKENS, *MARKS), key=len, reverse=True)
    if not token.startswith("<SPECIAL_")
)
_BODY = rf"(?:{_BODIES}|SPECIAL_[0-9]+>|img-[0-9]+\])"
_LIVE = re.compile(rf"([\[<])(\\*)(?={_BODY})")
_ESCAPED = re.compile(rf"([\[<])\\(\\*)(?={_BODY})")
_UNFINISHED = re.compile(r"[\[<](?:\\+[^\[\]<>\\]{0,24})?\Z")
_PLANES = "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
_UNWRITABLE = re.compile(f"[\0\ud800-\udfff\ufdd0-\ufdef{_PLANES}]")
_INDENT = "  "
_SPACE_RUN = re.compile(rf"([\s/]{{{LONGEST_RUN - len(_INDENT)}}})[\s/]{{{len(_INDENT) + 1},}}")
_WORD_RUN = re.compile(rf"([^ \t\r\n]{{{LONGEST_RUN}}})(?=[^ \t\r\n])")


def strip_unwritable(text: str) -> str:
    """The text less NUL, lone surrogates and Unicode's noncharacters (two of which mark our own places in a piece)."""
    return _UNWRITABLE.sub("", text)


def neutralise(text: str) -> str:
    """Nothing in the text is a control token or a picture mark any more; a reader still sees what was written.

    A backslash goes behind the opening bracket: `[INST]` becomes `[\\INST]`, and a text that already says `[\\INST]`
    gets one more, so that `restore` gives back exactly what was there, less what `strip_unwritable` takes.
    """
    return _LIVE.sub(r"\1\\\2", strip_unwritable(text))


def restore(text: str) -> str:
    """Undo `neutralise`."""
    return _ESCAPED.sub(r"\1\2", text)


def unfinished(text: str) -> int:
    """How many characters at the end of a growing text may be the beginning of something that `restore` changes."""
    found = _UNFINISHED.search(text)
    return 0 if found is None else len(text) - found.start()


def break_runs(text: str) -> str:
    """No run in the text is longer than `LONGEST_RUN`: words are broken by a line break, space is cut.

    Neither makes a line that begins at the left edge, where another person's words begin in a question.
    """
    return _WORD_RUN.sub(rf"\1\n{_INDENT}", _SPACE_RUN.sub(rf"\1{_INDENT}", text))


def harmless(text: str) -> str:
    """What may stand in a prompt of a text that is not our own. Idempotent only for text without control tokens."""
    return neutralise(break_runs(strip_unwritable(text)))
