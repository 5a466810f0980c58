"""Which addresses of the internet may be connected to: those that belong to no network of somebody's own.

The ranges are written out. Python's `is_global` says something else in each version, and holds addresses that lead
back here (NAT64, 6to4, old site-local ones) for public.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IP = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(*written: str) -> tuple[Network, ...]:
    return tuple(ip_network(each) for each in written)


LOCAL = _networks(
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # shared by a provider's customers; metadata of some clouds, too
    "127.0.0.0/8",  # this machine
    "172.16.0.0/12",  # private
    "192.168.0.0/16",  # private
    "::1/128",  # this machine
    "fc00::/7",  # unique local
)
"""Where a host of the operator's own may be. Only for hosts that the operator named."""

DENIED = (
    *LOCAL,
    *_networks(
        "0.0.0.0/8",  # unspecified, "this network"
        "168.63.129.16/32",  # Azure's platform
        "169.254.0.0/16",  # link-local; metadata of most clouds
        "192.0.0.0/24",  # protocol assignments; metadata of Oracle's cloud
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "::/16",  # unspecified, IPv4-compatible, -mapped and -translated
        "64:ff9b:1::/48",  # NAT64 for local use
        "100::/8",  # discard
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fe80::/10",  # link-local
        "fec0::/10",  # site-local, as it once was
        "ff00::/8",  # multicast
    ),
)

PUBLIC = _networks("0.0.0.0/0", "2000::/3", "64:ff9b::/96")
"""What there is beside these is not given to anybody yet."""

_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def canonical(text: str) -> IP | None:
    """The address that is meant; an IPv4 address that is mapped into IPv6 is that IPv4 address. None: no address.

    Only the usual ways to write one: four decimal numbers, or IPv6 without a zone.
    """
    if "%" in text:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def public(address: IP) -> bool:
    """Whether anybody may connect to it."""
    return (
        _within(address, PUBLIC) and not _within(address, DENIED) and all(public(inner) for inner in embedded(address))
    )


def local(address: IP) -> bool:
    """Whether it is in a network of somebody's own, where an operator's hosts are."""
    return _within(address, LOCAL)


def embedded(address: IP) -> Sequence[IPv4Address]:
    """IPv4 addresses that something on the way may take out of an IPv6 address that is not denied as a whole."""
    if isinstance(address, IPv4Address):
        return ()
    number = int(address)
    last = IPv4Address(number & 0xFFFF_FFFF)
    if address in _NAT64 or (number >> 32) & 0xFFFF_FFFF in _ISATAP:
        return (last,)
    return ()


def _within(address: IP, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
