"""Nothing is connected to but what was looked up and checked for this very connection."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import AsyncExitStack
from ipaddress import ip_address

import httpx
import pytest
import trustme

from bot.errors import BackendError
from bot.web.address import Named, Refused
from bot.web.client import Clients, NotAdmitted, guarded_client
from bot.web.fetching import Broken
from bot.web.guard import Bounds, Guard, own
from bot.web.resolving import SystemResolver
from tests.web.hosts import HERE, Mapped, Names, host, paths, response, says, web
from tests.web.names import AskingResolver, always, name_server, silent

BENIGN = ("A", HERE)


async def test_a_name_is_connected_to_at_the_address_that_was_checked() -> None:
    async with (
        host(says(response("welcome"))) as there,
        web({(HERE, 80): there.port}, records=always(BENIGN)) as here,
    ):
        fetched = await here.fetcher.fetch("http://example.org/")
    assert fetched.data == b"welcome"
    assert here.mapped.dialled == [(HERE, 80)]
    assert there.seen[0].headers["host"] == "example.org"


async def test_a_name_that_changes_its_mind_after_it_was_checked_is_not_asked_again() -> None:
    def rebinding(_name: str, before: int) -> Sequence[tuple[str, str]]:
        return [("A", HERE if before == 0 else "127.0.0.1")]

    async with host(says(response("welcome"))) as there, web({(HERE, 80): there.port}, records=rebinding) as here:
        assert (await here.fetcher.fetch("http://example.org/")).data == b"welcome"
        with pytest.raises(Refused):
            await here.fetcher.fetch("http://example.org/")
    assert here.mapped.dialled == [(HERE, 80)]


@pytest.mark.parametrize(
    "records",
    [
        [("A", "127.0.0.1")],
        [BENIGN, ("A", "10.0.0.1")],
        [BENIGN, ("AAAA", "::1")],
        [BENIGN, ("AAAA", "64:ff9b::7f00:1")],
        [("AAAA", "::ffff:127.0.0.1")],
        [("AAAA", "fd00:ec2::254")],
        [("A", f"93.184.{each}.1") for each in range(33)],
        [("A", "169.254.169.254")],
        [],
    ],
)
async def test_one_address_that_may_not_be_connected_to_refuses_all(records: list[tuple[str, str]]) -> None:
    async with web({}, records=always(*records)) as here:
        with pytest.raises(Refused, match="cannot be read from here"):
            await here.fetcher.fetch("http://example.org/")
    assert here.mapped.dialled == []


async def test_a_name_that_stands_for_another_is_judged_by_where_it_ends() -> None:
    def records(name: str, _before: int) -> Sequence[tuple[str, str]]:
        chain = {"a.example.org": "b.example.org", "b.example.org": "c.example.org"}
        return [("CNAME", chain[name])] if name in chain else [("A", "192.168.1.1")]

    async with web({}, records=records) as here:
        with pytest.raises(Refused):
            await here.fetcher.fetch("http://a.example.org/")
    assert here.mapped.dialled == []


async def test_a_name_server_that_says_nothing_is_waited_for_a_while() -> None:
    bounds = Bounds(resolve_seconds=0.2)
    async with web({}, records=silent, bounds=bounds) as here:
        async with asyncio.timeout(30):
            with pytest.raises(Refused):
                await here.fetcher.fetch("http://example.org/")


async def test_an_ipv6_address_alone_is_enough() -> None:
    six = "2606:4700::1111"
    async with (
        host(says(response("six"))) as there,
        web({(six, 80): there.port}, records=always(("AAAA", six))) as here,
    ):
        assert (await here.fetcher.fetch("http://example.org/")).data == b"six"


async def test_when_one_address_does_not_answer_the_next_is_tried() -> None:
    names = Names({"example.org": ("93.184.216.1", HERE)})  # a DNS server may give them in any order
    async with host(says(response("second"))) as there, web({(HERE, 80): there.port}, resolver=names) as here:
        assert (await here.fetcher.fetch("http://example.org/")).data == b"second"
    assert here.mapped.dialled == [("93.184.216.1", 80), (HERE, 80)]


async def test_every_redirect_is_checked_anew() -> None:
    answers = {
        "/good": response("", status="302 Found", Location="/end"),
        "/end": response("arrived"),
        "/bad": response("", status="302 Found", Location="http://127.0.0.1/"),
        "/name": response("", status="307 Temporary Redirect", Location="//inside.example/"),
        "/file": response("", status="302 Found", Location="file:///etc/passwd"),
        "/port": response("", status="302 Found", Location="http://example.org:22/"),
        "/round": response("", status="302 Found", Location="/round"),
    }
    names = Names({"example.org": (HERE,), "inside.example": ("10.0.0.1",)})
    async with host(paths(answers)) as there, web({(HERE, 80): there.port}, resolver=names) as here:
        assert (await here.fetcher.fetch("http://example.org/good")).url == "http://example.org/end"
        for path in ("/bad", "/name", "/file", "/port", "/round"):
            with pytest.raises(Refused):
                await here.fetcher.fetch(f"http://example.org{path}")
    assert set(here.mapped.dialled) == {(HERE, 80)}
    assert sum(request.target == "/round" for request in there.seen) == 6


async def test_a_named_host_may_be_local_and_still_not_be_metadata() -> None:
    names = Names({"wiki.lan": ("192.168.1.5",), "evil.lan": ("169.254.169.254",)})
    named = (Named(host="wiki.lan"), Named(host="evil.lan"), Named(host="10.0.0.5", port=8080))
    async with host(says(response("ours"))) as there:
        ways = {("192.168.1.5", 80): there.port, ("10.0.0.5", 8080): there.port}
        async with web(ways, resolver=names, named=named) as here:
            assert (await here.fetcher.fetch("http://wiki.lan/")).data == b"ours"
            assert (await here.fetcher.fetch("http://10.0.0.5:8080/")).data == b"ours"
            for other in ("http://evil.lan/", "http://10.0.0.5/", "http://192.168.1.5/", "http://wiki.lan:8080/"):
                with pytest.raises(Refused):
                    await here.fetcher.fetch(other)


async def test_a_certificate_for_another_name_is_not_believed() -> None:
    authority = trustme.CA()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("example.org").configure_cert(serving)
    async with (
        host(says(response("secure")), tls=serving) as there,
        web({(HERE, 443): there.port}, tls=trusting) as here,
    ):
        assert (await here.fetcher.fetch("https://example.org/")).data == b"secure"
        with pytest.raises(Broken, match="connection failed"):
            await here.fetcher.fetch("https://example.com/")


async def test_a_client_asks_for_nothing_that_the_guard_does_not_admit(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    answer = response("hello", Set_Cookie="a=b; Path=/")
    async with AsyncExitStack() as stack:
        there = await stack.enter_async_context(host(says(answer)))
        mapped = Mapped({(HERE, 80): there.port})
        guard = Guard(Names({"example.org": (HERE,)}), dial=mapped, own=lambda _: False)
        client = await stack.enter_async_context(guarded_client(guard, ssl.create_default_context(), keep=2))
        for _ in range(2):
            assert (await client.get("http://example.org/")).text == "hello"
        assert not client.cookies
        assert all("cookie" not in each.headers and "referer" not in each.headers for each in there.seen)
        for url in ("http://127.0.0.1/", f"http://127.0.0.1:{there.port}/", "http://localhost/", "ftp://example.org/"):
            with pytest.raises(NotAdmitted):
                await client.get(url)
    assert set(mapped.dialled) == {(HERE, 80)}


async def test_no_socket_file_is_opened() -> None:
    guard = Guard(Names({}))
    with pytest.raises(Refused):
        await guard.connect_unix_socket("/var/run/docker.sock")


async def test_an_address_of_this_machine_is_its_own_even_if_it_is_public() -> None:
    assert own(ip_address("127.0.0.1"))
    assert not own(ip_address("93.184.216.34"))
    guard = Guard(Names({"example.org": (HERE,)}), own=lambda address: str(address) == HERE)
    with pytest.raises(Refused):
        await guard.addresses("example.org", 80)


async def test_a_host_that_the_operator_named_may_stand_for_this_machine() -> None:
    named = (Named(host="search.example.org", port=8888),)
    names = Names({"search.example.org": (HERE,), "example.org": (HERE,)})
    guard = Guard(names, named=named, own=lambda address: str(address) == HERE)
    assert [str(each) for each in await guard.addresses("search.example.org", 8888)] == [HERE]
    for elsewhere, port in (("search.example.org", 80), ("example.org", 80)):
        with pytest.raises(Refused):
            await guard.addresses(elsewhere, port)


async def test_the_systems_resolver_knows_names_of_this_machine_and_the_guard_refuses_them() -> None:
    async with SystemResolver() as resolver:
        assert "127.0.0.1" in await resolver.resolve("localhost", absolute=False)
        guard = Guard(resolver)
        for url in ("http://localhost/", "http://127.0.0.1/"):
            with pytest.raises((NotAdmitted, Refused)):
                async with guarded_client(guard, ssl.create_default_context()) as client:
                    await client.get(url)


async def test_the_name_server_of_these_tests_forgets_nothing_and_keeps_nothing() -> None:
    async with name_server(
        lambda name, before: [("A", f"93.184.216.{before}")] if name == "a.example" else []
    ) as server:
        resolver = AskingResolver(server.port)
        assert [await resolver.resolve("a.example", absolute=True) for _ in range(2)] == [
            ["93.184.216.0"],
            ["93.184.216.1"],
        ]
        with pytest.raises(OSError, match="NXDOMAIN"):
            await resolver.resolve("b.example", absolute=True)


async def test_a_connection_that_cannot_be_made_is_told_as_httpx_tells_it() -> None:
    guard = Guard(Names({"example.org": (HERE,)}), dial=Mapped({}), own=lambda _: False)
    async with guarded_client(guard, ssl.create_default_context()) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://example.org/")


async def test_a_client_to_a_server_of_the_operators_reaches_that_port_of_that_host_and_no_other() -> None:
    async with host(says(response("there"))) as there, host(says(response("beside"))) as beside:
        client = await Clients(Guard(Names({}))).to(f"http://127.0.0.1:{there.port}/mcp")
        async with client:
            assert (await client.get(f"http://127.0.0.1:{there.port}/mcp")).text == "there"
            for url in (f"http://127.0.0.1:{beside.port}/", f"http://127.0.0.2:{there.port}/"):
                with pytest.raises(NotAdmitted):
                    await client.get(url)
        assert beside.seen == []


async def test_a_server_of_the_operators_may_stand_on_this_machine_by_its_public_name() -> None:
    named = [Named(host="example.org", port=8443)]
    guard = Guard(Names({"example.org": (HERE,)}), own=lambda address: str(address) == HERE).with_named(named)
    assert await guard.addresses("example.org", 8443) == [ip_address(HERE)]


async def test_an_address_that_is_none_is_told_as_that() -> None:
    with pytest.raises(BackendError, match="user name"):
        await Clients(Guard(Names({}))).to("http://me:secret@example.org/")
