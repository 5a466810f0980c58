"""The process that runs the demo model: llama.cpp's own server on loopback, for the parent only.

A process of its own, because loading holds Python's global lock for most of a second, and because a fault in native
code must not take the bot with it. Started by `embedded.py` as `python -m bot.inference.embedded_process`; the first
line on stdin is a `Start`, the answer on stdout is one line with the address. It ends when stdin closes, so it never
outlives the bot, not even a killed one.
"""

from __future__ import annotations

import sys

from pydantic import BaseModel

CHAT_TEMPLATE = (
    "{%- for m in messages %}{{- '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
"""ChatML, as the model was trained on, without the system prompt that the model's own template would put in."""


class Start(BaseModel):
    """How to run. `key` keeps other programs on this machine out."""

    path: str
    window: int
    threads: int
    key: str


def serve(start: Start) -> None:
    """Load, say the address, wait for the end of stdin."""
    from xllamacpp.xllamacpp import CommonParams, Server  # noqa: PLC0415 - without a wheel only the demo is missing

    params = CommonParams()
    params.model.path = start.path
    params.n_ctx = start.window
    params.n_parallel = 1
    params.n_gpu_layers = 0
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = start.threads
        cpu.poll = 0  # threads that spin while they wait crawl where they share the cores with the bot
    params.n_threads_http = 4
    params.cache_ram_mib = 0
    params.warmup = False
    params.verbosity = -1
    params.offline = True
    params.ui = False
    params.endpoint_slots = True
    params.api_keys = [start.key]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.chat_template = CHAT_TEMPLATE
    server = Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    del server


if __name__ == "__main__":
    serve(Start.model_validate_json(sys.stdin.readline()))
