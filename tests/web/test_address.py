"""Addresses are read strictly: one meaning, or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.address import Named, Refused, named_hosts, own_name, parse, usual
from bot.web.ranges import canonical

PORTS = frozenset({80, 443})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://example.org", "https://example.org/"),
        ("HTTPS://Example.ORG:443/A?b=c#d", "https://example.org/A?b=c"),
        ("http://example.org:80/", "http://example.org/"),
        ("http://example.org:8080/x", "http://example.org:8080/x"),
        ("https://example.org.", "https://example.org/"),
        ("https://example.org?q=1", "https://example.org/?q=1"),
        ("https://bücher.example/straße", "https://xn--bcher-kva.example/stra%C3%9Fe"),
        ("https://ｅｘａｍｐｌｅ．org/", "https://example.org/"),
        ("https://日本語。jp/", "https://xn--wgv71a119e.jp/"),
        ("https://de.wikipedia.org/wiki/Calanque_(Bucht)", "https://de.wikipedia.org/wiki/Calanque_(Bucht)"),
        ("https://example.org/%2e%2e/a", "https://example.org/%2e%2e/a"),
        ("http://93.184.216.34/", "http://93.184.216.34/"),
        ("http://[2606:2800:220:1:248:1893:25C8:1946]:443/", "http://[2606:2800:220:1:248:1893:25c8:1946]:443/"),
        ("http://[::ffff:93.184.216.34]/", "http://93.184.216.34/"),
        ("http://１２７.0.0.1/", "http://127.0.0.1/"),
    ],
)
def test_an_address_has_one_form(written: str, meant: str) -> None:
    assert parse(written).url == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "example.org",
        "//example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "gopher://127.0.0.1:70/",
        "http:/example.org",
        "http:\\\\example.org",
        "https://example.org\\@127.0.0.1/",
        "https://user@example.org/",
        "https://user:secret@example.org/",
        "https://example.org@127.0.0.1/",
        "https://exam\tple.org/",
        "https://example.org/\r\nHost: other",
        "https://exam\nple.org/",
        "https://example.org\x00.other.org/",
        "https://%31%32%37.0.0.1/",
        "https://example.org%00/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.0.1.1/",
        "http://256.0.0.1/",
        "http://1.2.3.08/",
        "http://0/",
        "http://[::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[::1/",
        "http://::1/",
        "http://[127.0.0.1]/",
        "http://example.org:80:80/",
        "http://example.org:８０/",
        "http://example.org:-1/",
        "http://example.org:999999/",
        "http://example..org/",
        "http://.example.org/",
        "http://-example.org/",
        "http://exa mple.org/",
        "http://exa*mple.org/",
        "http:///path",
        "http://\udcff.org/",
        "https://example.org/\ud800",
        "https://example.org/\u202egro",
        "http://" + "a" * 64 + ".org/",
        "http://" + ".".join(["abc"] * 70) + "/",
        "http://example.org/" + "a" * 2048,
        "http://xn--\u0661.org/",
    ],
)
def test_what_readers_could_understand_differently_is_refused(written: str) -> None:
    with pytest.raises(Refused):
        parse(written)


@given(st.text(max_size=60) | st.text(max_size=30).map(lambda text: f"http://{text}"))
def test_whatever_is_written_is_refused_or_has_a_form_that_stays(written: str) -> None:
    try:
        address = parse(written)
    except Refused:
        return
    assert parse(address.url) == address
    assert address.url.isascii()
    assert canonical(address.host) is not None or all(each.isalnum() or each in "-_." for each in address.host)


@pytest.mark.parametrize("url", ["http://example.org:22/", "http://example.org:8080/", "https://example.org:0/"])
def test_other_ports_are_refused(url: str) -> None:
    with pytest.raises(Refused, match="port"):
        usual(parse(url), ports=PORTS, named=())


@pytest.mark.parametrize(
    "name", ["localhost", "wiki", "printer.local", "metadata.google.internal", "a.localhost", "x.home.arpa"]
)
def test_names_of_ones_own_network_are_refused_without_being_looked_up(name: str) -> None:
    assert own_name(name)
    with pytest.raises(Refused):
        usual(parse(f"http://{name}/"), ports=PORTS, named=())


def test_a_named_host_is_that_name_and_that_port_alone() -> None:
    named = named_hosts("wiki.lan, 10.0.0.5:8080,[fd00::1]:8080, Search")
    assert named == (
        Named(host="wiki.lan"),
        Named(host="10.0.0.5", port=8080),
        Named(host="fd00::1", port=8080),
        Named(host="search"),
    )
    assert usual(parse("http://wiki.lan/"), ports=PORTS, named=named) == named[0]
    assert usual(parse("http://10.0.0.5:8080/"), ports=PORTS, named=named) == named[1]
    assert usual(parse("http://[fd00::1]:8080/"), ports=PORTS, named=named) == named[2]
    assert usual(parse("http://10.0.0.5/"), ports=PORTS, named=named) is None
    for other in ("http://other.wiki.lan/", "http://wiki.lan:8080/", "http://10.0.0.5:8081/"):
        with pytest.raises(Refused):
            usual(parse(other), ports=PORTS, named=named)


@pytest.mark.parametrize("listed", ["http://wiki.lan", "wiki.lan/page", "10.0.0.0/8", "*.lan", "wiki.lan:0", ":80"])
def test_what_names_no_host_is_told(listed: str) -> None:
    with pytest.raises(Refused):
        named_hosts(listed)
