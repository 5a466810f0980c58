"""The double counts as real llama.cpp does."""

from __future__ import annotations

from tests.inference.llama import LlamaCpp
from tests.ollama_server.counting import tokenize

TEXTS = (
    "[SYSTEM_PROMPT]You are a bot.[/SYSTEM_PROMPT][INST]Où est le port ?[/INST]Là-bas.</s>[INST]merci[/INST]",
    '[INST]a[/INST][TOOL_CALLS][{"name": "clock", "arguments": {}}]</s>[TOOL_RESULTS]{"content": "12"}[/TOOL_RESULTS]',
    "[INST]नमस्ते दुनिया สวัสดี 東京 مرحبا 😀 e\u0301\u0323 camelCase HTTPServer 12 \U00010d41 a/b\n\n\n  - x\r\n\ty[/INST]",
)


def test_its_tokens_are_those_of_llama_cpp(llama: LlamaCpp) -> None:
    for text in TEXTS:
        theirs = llama.tokens(text, opened=True)
        kinds = [token for token in theirs if token >= 1000]
        ours = tokenize(text)
        assert [token for token in ours if token >= 1000] == kinds
        assert len(ours) == len(theirs)
