"""Real llama.cpp with a tiny model of Mistral Small 3.1's shape, to hold our counts against."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import httpx
import xllamacpp

WINDOW = 8192


class LlamaCpp:
    """llama.cpp's server in this process, on loopback. `window`: the longest prompt that it evaluates, in tokens."""

    def __init__(self, model: Path, projector: Path, *, window: int = WINDOW) -> None:
        parameters = xllamacpp.CommonParams()  # pyright: ignore[reportAttributeAccessIssue] compiled, without stubs
        parameters.model.path = str(model)
        parameters.mmproj.path = str(projector)
        parameters.n_ctx = window
        parameters.n_parallel = 1
        parameters.warmup = False
        parameters.verbosity = -1
        for cpu in (parameters.cpuparams, parameters.cpuparams_batch):
            cpu.n_threads = 1  # two wait for each other in a busy loop, which is slower as soon as anything else runs
        self._server = xllamacpp.Server(parameters)  # pyright: ignore[reportAttributeAccessIssue] as above
        self._client = httpx.Client(base_url=self._server.listening_address, timeout=50, trust_env=False)
        self._mark = str(self._client.get("/props").json()["media_marker"])

    def close(self) -> None:
        self._client.close()
        del self._server

    def tokens(self, text: str, *, control: bool = True, opened: bool = False) -> list[int]:
        """Of text as Ollama hands it over; control tokens count as such. `opened`: with the token before a prompt."""
        body = {"content": text, "parse_special": control, "add_special": opened}
        return cast("list[int]", self._client.post("/tokenize", json=body).raise_for_status().json()["tokens"])

    def prompt_tokens(self, prompt: str, pictures: Sequence[bytes] = ()) -> int:
        """What it counts when it evaluates a whole prompt in Ollama's notation, the cached part included."""
        for number in range(len(pictures)):
            prompt = prompt.replace(f"[img-{number}]", self._mark)
        data = [base64.b64encode(picture).decode() for picture in pictures]
        whole = {"prompt_string": prompt, "multimodal_data": data} if pictures else prompt
        answer = self._client.post("/completion", json={"prompt": whole, "n_predict": 1}).raise_for_status().json()
        timings = answer["timings"]
        assert answer["tokens_evaluated"] == timings["prompt_n"] + timings["cache_n"]
        return int(answer["tokens_evaluated"])
