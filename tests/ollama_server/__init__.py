"""An Ollama on loopback that does what the test says: real sockets, exact counts, no model.

    async with OllamaServer(model="mistral-small3.1") as server:
        server.script("Bonjour.", '[TOOL_CALLS][{"name":"clock","arguments":{}}]', Reply(text="…", mishap=Mishap.ERROR))
        ... point the program at server.url ...
        assert server.generations[0].prompt.endswith("[/INST]")

What it says, in this order of precedence:

- `server.script(*steps)` queues one step for each generation to come. A step is a text, a `Reply` (a text with a
  mishap, or a `Gate` that lets tokens through one by one), a `Refusal` (an HTTP error; `BUSY` is Ollama's 503),
  `recorded("46")` (an answer of a real daemon, byte for byte) or a callable from the prompt to one of these.
- `OllamaServer(answer=…)`: a text or such a callable, for when the queue is empty.

A written-out `[TOOL_CALLS]` in a text is the control token: raw mode does not show it and counts it, /api/chat and /v1
turn what follows into calls. Write `Reply(text=…, literal=True)` where the model should say it as prose.

What it knows: `server.requests` (every request, with its body) and `server.generations` (those that reached the model,
with `prompt`, `images`, exact `tokens`, `reused` prefix, `said` so far; wait on `request.streaming`,
`request.disconnected`, `request.ended`), `await server.asked(n)`, `server.loads` (each time load options made it load).

What else goes wrong: `shut_door()` and `open_door()` (connection refused), `kill()` (in mid-answer, too; `open_door()`
starts it again), `go_silent()` (accepts and says nothing), `hold_loading()` (a slow load),
`remove(name)` and `add(Model(…))` (a model without vision or tools, half on the GPU, pulled anew …),
`fail_pulls(error)`, `api_key=`, `version=`. Prompts over the window get Ollama's 400, or are silently cut where the
request does not say `truncate: false`. The window of /api is the loaded `num_ctx`, that of /v1
`OllamaServer(window=…)`; with `tokenizes=True` that side lends its tokenizer as vLLM does.
One slot by default; requests queue.

It is stricter than Ollama: fields and options that Ollama would silently ignore are refused, being typing errors.

As a process, e.g. for benchmarks: `python -m tests.ollama_server --port 11500 --script steps.json`, see `script.load`.
"""

from __future__ import annotations

from tests.ollama_server.engine import Loaded, Request
from tests.ollama_server.model import Model
from tests.ollama_server.script import BUSY, Gate, Mishap, Recorded, Refusal, Reply, Step, load, recorded
from tests.ollama_server.server import DEFAULT_ANSWER, OllamaServer

__all__ = [
    "BUSY",
    "DEFAULT_ANSWER",
    "Gate",
    "Loaded",
    "Mishap",
    "Model",
    "OllamaServer",
    "Recorded",
    "Refusal",
    "Reply",
    "Request",
    "Step",
    "load",
    "recorded",
]
