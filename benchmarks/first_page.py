"""How soon the local page answers after `make run` on a machine where everything is installed."""

from __future__ import annotations

import asyncio
import socket
import statistics
import tempfile
from pathlib import Path
from time import monotonic

from benchmarks.program import ROOT, BenchmarkFailed, Program, measure
from benchmarks.reporting import Report, arguments

LONGEST = 300.0  # seconds of the whole benchmark
WITHIN = 60.0  # seconds for one start
AGAIN = 0.01  # seconds between two attempts to connect
LARGEST = 64 * 1024  # bytes of the answer that are looked at

FIRST_PAGE_S = 10.0


async def first_page(runs: int, folder: Path) -> Report:
    if not (ROOT / ".venv" / ".installed").is_file():
        raise BenchmarkFailed("not installed: `make install` first, its time is not what is measured")
    times: list[float] = []
    for number in range(runs + 1):
        times.append(await _start(folder / f"run-{number}"))
    report = Report()
    report.add("first_page_s", statistics.median(times[1:]), "s", at_most=FIRST_PAGE_S)
    report.add("first_page_s_max", max(times[1:]), "s")
    report.add("first_page_cold_s", times[0], "s")
    return report


async def _start(data: Path) -> float:
    """Seconds from `make run`, with an empty data folder and no engine, to the page's first whole answer."""
    page, nobody = _free_ports(2)
    env = {
        "DISCORD_TOKEN": "",  # wins over a .env in the checkout, and means unset
        "PAGE_ENABLED": "on",
        "PAGE_HOST": "127.0.0.1",
        "PAGE_PORT": str(page),
        "PAGE_PASSWORD": "",
        "DATABASE_URL": "",
        "DATA_DIR": str(data),
        "ENGINE_KIND": "auto",
        "ENGINE_URL": f"http://127.0.0.1:{nobody}",
    }
    async with Program(["make", "--no-print-directory", "run"], env, ROOT, log=data.with_suffix(".log")) as program:
        await program.during(_answers(page))
        return monotonic() - program.started


async def _answers(port: int) -> None:
    """Return as soon as a request for the page is answered with 200. Raises TimeoutError."""
    async with asyncio.timeout(WITHIN):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(AGAIN)
                continue
            try:
                host = f"127.0.0.1:{port}"
                writer.write(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                answer = await reader.read(LARGEST)
            finally:
                writer.close()
            if not answer.startswith(b"HTTP/1.1 200"):
                raise BenchmarkFailed(f"the page answered {answer[:100]!r}")
            return


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--runs", type=int, default=3, help="starts that are measured, after one to warm up")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("runs must be at least 1")
    with tempfile.TemporaryDirectory(prefix="calanque-first-page-") as name:
        measure(first_page(options.runs, Path(name)), seconds=LONGEST).show(as_json=options.json)


if __name__ == "__main__":
    main()
