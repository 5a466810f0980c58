"""Whether anything gets through the network guard, beside what many programs do instead.

More than 3,000 hostile addresses (encodings, Unicode, embedded and mapped addresses, schemes, ports, names that change
after they were asked for, redirects through a host that may be read) are read through the real guard, client and DNS.
A connection that arrives where none may is counted by whoever listens there. 500 harmless addresses must be read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from benchmarks.reporting import Report, arguments
from benchmarks.ssrf_urls import Written, benign, hostile
from benchmarks.ssrf_world import WELCOME, free_port, naive, ours, own_addresses, try_all, world

LEAST_URLS, BENIGN = 3000, 500


async def measure(written: Written, harmless: Written, *, port: int, beside: bool = True) -> Report:
    told = Report()
    told.add("urls", len(written.urls), at_least=LEAST_URLS)
    async with world(written, port=port) as there, ours(there, ports=[port]) as read:
        print(f"{len(written.urls)} hostile addresses …", flush=True)
        given = await try_all(read, written.urls)
        told.add("reached", there.trap.connections, at_most=0)
        told.add("read", sum(bool(each) for each in given.values()))
    async with world(harmless, port=port) as there, ours(there, ports=[]) as read:
        print(f"{len(harmless.urls)} harmless addresses …", flush=True)
        given = await try_all(read, harmless.urls)
        told.add("benign", len(harmless.urls), at_least=BENIGN)
        told.add("benign_refused", sum(each != WELCOME for each in given.values()), at_most=0)
        told.add("benign_reached", there.trap.connections, at_most=0)
    if beside:
        reached = await reached_by_naive(written, port=port)
        told.add("naive_reached_urls", len(reached))
        told.add("naive_reached_share", len(reached) / len(written.urls))
    return told


async def reached_by_naive(written: Written, *, port: int) -> Sequence[str]:
    """The addresses whose trap was sprung, one after the other, so that it is known by which."""
    reached: list[str] = []
    print("the same for what many programs do …", flush=True)
    async with world(written, port=port) as there, naive(there) as read:
        for url in written.urls:
            before = there.trap.connections
            await read(url)
            if there.trap.connections > before:
                reached.append(url)
    return reached


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--alone", action="store_true", help="leave out what others would use")
    options = parser.parse_args()
    port = free_port()
    written = hostile(port, own=own_addresses(), at_least=LEAST_URLS)
    report = asyncio.run(measure(written, benign(BENIGN), port=port, beside=not options.alone))
    report.show(as_json=options.json)


if __name__ == "__main__":
    main()
