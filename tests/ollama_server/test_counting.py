"""The double counts as real llama.cpp does."""

from __future__ import annotations

import httpx

from tests.models.fixtures import TinyModels
from tests.models.llama import llama_server
from tests.ollama_server.counting import tokenize

TEXTS = (
    "[SYSTEM_PROMPT]You are a bot.[/SYSTEM_PROMPT][INST]Où est le port ?[/INST]Là-bas.</s>[INST]merci[/INST]",
    '[INST]a[/INST][TOOL_CALLS][{"name": "clock", "arguments": {}}]</s>[TOOL_RESULTS]{"content": "12"}[/TOOL_RESULTS]',
    "[INST]नमस्ते दुनिया สวัสดี 東京 مرحبا 😀 e\u0301\u0323 camelCase HTTPServer 12 \U00010d41 a/b\n\n\n  - x\r\n\ty[/INST]",
)


def test_its_tokens_are_those_of_llama_cpp(tiny_models: TinyModels) -> None:
    with llama_server(tiny_models.noise(), window=512) as url, httpx.Client(base_url=url) as client:
        for text in TEXTS:
            body = {"content": text, "add_special": True, "parse_special": True}
            theirs = client.post("/tokenize", json=body).json()["tokens"]
            kinds = [token for token in theirs if token >= 1000]
            ours = tokenize(text)
            assert [token for token in ours if token >= 1000] == kinds
            assert len(ours) == len(theirs)
