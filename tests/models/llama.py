"""Real llama.cpp with a tiny model, as an OpenAI-compatible server on loopback."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from xllamacpp.xllamacpp import CommonParams, Server


@contextmanager
def llama_server(
    model: Path,
    projector: Path | None = None,
    *,
    window: int = 4096,
    slots: int = 1,
    chat_template: str = "",
    cache_mib: int | None = None,
) -> Generator[str]:
    """Its address while it runs; each slot has a whole window; `chat_template` in place of the model's own.

    `cache_mib`: the host's memory for prompts that have left their slot; None: as much as llama.cpp takes by itself.

    Loading takes about a second and holds Python's global lock meanwhile.
    """
    params = CommonParams()
    params.model.path = str(model)
    if projector is not None:
        params.mmproj.path = str(projector)
    params.n_ctx = window * slots
    params.n_parallel = slots
    if chat_template:
        params.chat_template = chat_template
    if cache_mib is not None:
        params.cache_ram_mib = cache_mib
    params.n_gpu_layers = 0
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = 1
    params.n_threads_http = 4
    params.warmup = False
    params.verbosity = -1
    params.offline = True
    params.hostnames = ["127.0.0.1"]
    server = Server(params)
    try:
        yield str(server.listening_address)
    finally:
        del server
