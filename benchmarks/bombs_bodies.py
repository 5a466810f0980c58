"""Bodies that a hostile host may send, and the host."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.web.bombs import brotlied, deflated, gzipped, hollow, nested, zstded
from tests.web.hosts import Request, host, response

Answer = Callable[[asyncio.StreamWriter], object]

HTML = "text/html"
BLOCK = 2**16
DRIP_SECONDS = 0.1

_PAGES: Mapping[str, Callable[[], bytes]] = {
    "deep_page": lambda: b"<div>" * 800_000,
    "linked_page": lambda: b"<a href=x>y" * 360_000,
    "bracket_page": lambda: b"<" * 4_000_000,
    "unclosed_page": lambda: b"<a " + b"b=" * 2_000_000,
    "comment_page": lambda: b"<!--" * 1_000_000,
    "word_page": lambda: b"<p>word " * 500_000,
}
_BOMBS: Mapping[str, tuple[str, Callable[[int], bytes]]] = {
    "gzip": ("gzip", gzipped),
    "deflate": ("deflate", deflated),
    "br": ("br", brotlied),
    "zstd": ("zstd", zstded),
    "nested": ("gzip, gzip", nested),
    "hollow": ("gzip, gzip", lambda mebibytes: hollow(min(mebibytes, 256))),
    "gzip_of_tags": ("gzip", lambda mebibytes: gzipped(mebibytes, piece=b"<div>" * 209_715)),
}
_STREAMS = (
    "endless",
    "endless_gzip",
    "endless_empty_gzip",
    "dripping",
    "dripping_gzip",
    "dripping_head",
    "endless_head",
)
_MORE = ("interim", "silent", "round")

BODIES = (*_BOMBS, *_PAGES, *_STREAMS, *_MORE)


@asynccontextmanager
async def served(folder: Path, bodies: Sequence[str], *, mebibytes: int) -> AsyncGenerator[int]:
    """A host that gives each body at the path of its name. Bombs are made first and kept as files."""
    for body in bodies:
        if body in _BOMBS:
            (folder / body).write_bytes(await asyncio.to_thread(_BOMBS[body][1], mebibytes))

    async def serve(request: Request, writer: asyncio.StreamWriter) -> None:
        body = request.target.strip("/")
        if body in _BOMBS:
            data = await asyncio.to_thread((folder / body).read_bytes)
            writer.write(response(data, media=HTML, Content_Encoding=_BOMBS[body][0]))
        elif body in _PAGES:
            writer.write(response(_PAGES[body](), media=HTML))
        elif body == "round":
            writer.write(response("", status="302 Found", Location="/round"))
        elif body in BODIES:
            await _stream(body, writer)
        else:
            writer.write(response("<title>small</title><p>page"))

    async with host(serve) as there:
        yield there.port


async def _stream(body: str, writer: asyncio.StreamWriter) -> None:
    """Until the other side has had enough."""
    encoded = "Content-Encoding: gzip\r\n" if "gzip" in body else ""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{encoded}Connection: close\r\n"
    packing = zlib.compressobj(9, wbits=31)
    if body == "silent":
        block, head = b"", ""
    elif body == "interim":
        block, head = b"HTTP/1.1 100 Continue\r\n\r\n", ""
    elif body.endswith("head"):
        block = b"X-More: words\r\n" if body.startswith("dripping") else b"y" * BLOCK
    else:
        head += "\r\n"
        block = b"<p>words " * (1 if body.startswith("dripping") else BLOCK // 9)
    writer.write(head.encode())
    while not writer.is_closing():
        if body == "endless_empty_gzip":
            writer.write(gzipped(0) * 1000)
        elif encoded:
            writer.write(packing.compress(block) + packing.flush(zlib.Z_SYNC_FLUSH))
        else:
            writer.write(block)
        await writer.drain()
        await asyncio.sleep(DRIP_SECONDS if body.startswith(("dripping", "silent", "interim")) else 0)
