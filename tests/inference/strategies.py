"""Parts of any kind, with texts that are hard to count or spell control tokens in every place that others fill."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from bot.inference.neutral import LATER_TOKENS, MARKS
from bot.inference.tekken import CONTROL_TOKENS
from bot.talk.turn import Call, Instructions, Line, Part, Question, Reply, Result, Results, Summary, ToolSpec
from tests.inference.test_images import image
from tests.inference.texts import TEXTS

SPELLED = (*CONTROL_TOKENS[:22], "<SPECIAL_999>", "[img-0]", "[img-12]", *MARKS, *LATER_TOKENS)
"""What no text may spell any more when the model reads it."""

spelled = st.lists(
    st.sampled_from([*SPELLED, "[", "<", "\\", "]", ">", "/", "INST]", "s>", "img-", "\0", "\ufdd0", "\ufdd1", '"'])
    | st.text(max_size=3),
    max_size=6,
).map("".join)
words = st.one_of(st.text(max_size=40), st.sampled_from([*TEXTS.values(), "[TOOL_CALLS][{"]), spelled)
values = st.recursive(words, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2))
tools = st.builds(ToolSpec, name=words, description=words, parameters=st.dictionaries(words, values, max_size=2))
calls = st.builds(Call, id=words, name=words, arguments=words | values.map(json.dumps))
lines = st.builds(Line, text=words, images=st.lists(st.builds(image, st.just(28), st.just(56)), max_size=1).map(tuple))
results = st.builds(Result, call_id=words, name=words, content=words)

heads = st.builds(Instructions, persona=words, tools=st.lists(tools, max_size=2).map(tuple))
parts: st.SearchStrategy[Part] = st.one_of(
    st.builds(Summary, text=words),
    st.builds(Question, lines=st.lists(lines, max_size=3).map(tuple)),
    st.builds(Reply, text=words, calls=st.lists(calls, max_size=2).map(tuple)),
    st.builds(Results, results=st.lists(results, max_size=2).map(tuple)),
)
