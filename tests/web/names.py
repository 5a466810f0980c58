"""A real DNS server on loopback whose answers a test decides, and a resolver that asks it and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Records = Callable[[str, int], Sequence[tuple[str, str]] | None]
"""For a name and how often it was asked for before: (type, value) of its records; None: it does not answer."""


def always(*records: tuple[str, str]) -> Records:
    """The same for every name."""

    def answer(_name: str, _before: int) -> Sequence[tuple[str, str]]:
        return records

    return answer


def silent(_name: str, _before: int) -> None:
    """Never answers."""


@dataclass(slots=True)
class NameServer(asyncio.DatagramProtocol):
    """`ttl`: seconds for which its answers are good. A name without records does not exist."""

    records: Records
    ttl: int = 0
    asked: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    port: int = 0
    _transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._answer(data)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)

    def _answer(self, data: bytes) -> bytes | None:
        question = dns.message.from_wire(data)
        response = dns.message.make_response(question)
        response.flags |= dns.flags.RA
        asked = question.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(asked.rdtype)
        before = self.asked.get((name, kind), 0)
        self.asked[name, kind] = before + 1
        records = self.records(name, before)
        if records is None:
            return None
        if not records:
            response.set_rcode(dns.rcode.NXDOMAIN)
        at = name
        while alias := next((value for type_, value in records if type_ == "CNAME"), None):
            response.answer.append(dns.rrset.from_text(f"{at}.", self.ttl, "IN", "CNAME", f"{alias}."))
            at, records = alias, self.records(alias, before) or ()
        values = [value for type_, value in records if type_ == kind]
        if values:
            response.answer.append(dns.rrset.from_text(f"{at}.", self.ttl, "IN", kind, *values))
        return response.to_wire(want_shuffle=False)


class AskingResolver:
    """Asks one DNS server, each time anew, for both kinds of addresses."""

    def __init__(self, port: int, *, seconds: float = 5.0) -> None:
        self._resolver = dns.asyncresolver.Resolver(configure=False)
        self._resolver.nameservers = ["127.0.0.1"]
        self._resolver.port = port
        self._resolver.lifetime = seconds

    async def resolve(self, host: str, *, absolute: bool) -> Sequence[str]:
        found: list[str] = []
        for kind in ("A", "AAAA"):
            try:
                answer = await self._resolver.resolve(f"{host}.", kind, raise_on_no_answer=False)
            except dns.exception.DNSException as error:
                raise OSError(type(error).__name__) from error
            found += [str(each) for each in answer.rrset or ()]
        return found


@asynccontextmanager
async def name_server(records: Records, *, ttl: int = 0) -> AsyncGenerator[NameServer]:
    server = NameServer(records=records, ttl=ttl)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", 0))
    try:
        yield server
    finally:
        transport.close()
