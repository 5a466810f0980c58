"""Which addresses anybody may connect to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.ranges import DENIED, canonical, public


def _listed(text: str) -> list[str]:
    return text.split()


PRIVATE = _listed(
    "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254 "
    "169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 "
    "198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 "
    ":: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 "
    "64:ff9b:1::5db8:d822 100::1 2001::1 2001:2::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:5db8:d822:: 3fff::1 "
    "4000::1 fc00::1 fd00:ec2::254 fd12::1 fe80::1 fec0::1 ff02::1 "
    "2606:4700::5efe:10.0.0.1 2606:4700::200:5efe:127.0.0.1 2001:0:4136:e378:8000:63bf:3fff:fdd2"
)
PUBLIC = _listed(
    "1.1.1.1 8.8.8.8 93.184.216.34 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 192.167.1.1 198.17.0.1 "
    "198.20.0.1 223.255.255.255 168.63.129.17 ::ffff:8.8.8.8 64:ff9b::808:808 2606:4700::1111 2a00:1450:4001::200e "
    "2001:4860:4860::8888 2606:4700::5efe:8.8.8.8"
)

NAT64 = IPv6Network("64:ff9b::/96")


@pytest.mark.parametrize("text", PRIVATE)
def test_an_address_that_leads_to_somebodys_own_network_is_not_public(text: str) -> None:
    address = canonical(text)
    assert address is not None
    assert not public(address)


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_of_the_internet_is_public(text: str) -> None:
    address = canonical(text)
    assert address is not None
    assert public(address)


@pytest.mark.parametrize(
    "text", ["127.1", "0x7f.0.0.1", "017.0.0.1", "fe80::1%eth0", "1.2.3.4.5", "", "name", "٣.1.1.1"]
)
def test_an_unusual_way_to_write_an_address_is_none(text: str) -> None:
    assert canonical(text) is None


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_not_public_unless_it_is_itself(inner: IPv4Address) -> None:
    assert canonical(f"::ffff:{inner}") == inner
    assert public(ip_address(f"64:ff9b::{inner}")) == public(inner)
    assert public(IPv6Address(f"2606:4700::5efe:{inner}")) == public(inner)
    for prefix in ("::", "::ffff:0:", "64:ff9b:1::"):
        assert not public(IPv6Address(f"{prefix}{inner}"))
    assert not public(IPv6Address((0x2002 << 112) | (int(inner) << 80)))


@given(st.ip_addresses())
def test_a_public_address_is_public_for_python_too(address: IPv4Address | IPv6Address) -> None:
    if public(address) and address not in NAT64:
        assert address.is_global


@given(st.sampled_from(DENIED), st.integers(min_value=0))
def test_no_address_of_a_denied_range_is_public(network: IPv4Network | IPv6Network, place: int) -> None:
    assert not public(network[place % network.num_addresses])
