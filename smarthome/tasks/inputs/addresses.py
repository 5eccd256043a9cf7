"""IP address in, whether a stranger's URL may reach it out. Pure.

The ranges are IANA's special-purpose registries (RFC 6890) as ``ipaddress`` knows them, with what it leaves out or what
an older Python does not know yet.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

NEVER: tuple[Network, ...] = tuple(
    ip_network(each)
    for each in (
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "168.63.129.16/32",  # a cloud's host, which tells its machines' secrets
        "192.0.0.0/24",  # IETF protocol assignments
        "192.88.99.0/24",  # 6to4 relays, deprecated
        "198.18.0.0/15",  # benchmarks
        "::/96",  # IPv4-compatible, deprecated
        "64:ff9b:1::/48",  # local NAT64
        "100::/64",  # discarded
        "2001::/23",  # IETF protocol assignments, Teredo among them
        "2002::/16",  # 6to4, which holds an IPv4 address
        "3fff::/20",  # documentation, RFC 9637
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local, deprecated
    )
)
NAT64 = IPv6Network("64:ff9b::/96")
"""The last four bytes are the IPv4 address that is reached (RFC 6052)."""


def is_public(address: Address) -> bool:
    """Whether it is on the internet: not this machine, house, provider or link, not many machines at once."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in NAT64:
            return is_public(IPv4Address(address.packed[-4:]))
    if any(address in network for network in NEVER):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def is_in(address: Address, networks: tuple[Network, ...]) -> bool:
    """Whether an owner has named it; an IPv4 address is the same one in IPv6's clothes."""
    plain = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
    return any(plain in network for network in networks)
