"""Which network addresses may be reached, and which are refused.

Refused is everything that is not a public unicast address: loopback, private, shared,
link-local (with the metadata services of clouds), multicast, reserved, unspecified, and the
IPv6 forms that lead to such an IPv4 address (mapped, NAT64) or are obsolete tunnels
(compatible, 6to4, Teredo, site-local). `allow_networks` makes exceptions for tests and
intranets.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_NAT64: Final = IPv6Network("64:ff9b::/96")
# Not public, yet "global" in the tables of some Python releases, or an obsolete tunnel.
_REFUSED_V4: Final = tuple(
    IPv4Network(text)
    for text in (
        "100.64.0.0/10",
        "168.63.129.16/32",  # the platform's own service for machines on Azure
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
    )
)
_REFUSED_V6: Final = tuple(
    IPv6Network(text)
    for text in (
        "::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)


def parse_address(text: str) -> Address | None:
    """Return the address that `text` writes (brackets and an IPv6 zone are allowed), or None."""
    try:
        return ip_address(text.strip("[]").split("%", 1)[0])
    except ValueError:
        return None


def is_allowed(address: Address, allow_networks: Iterable[Network] = ()) -> bool:
    """True when `address` is public, or lies in one of `allow_networks`."""
    reached = _reached(address)
    if any(item in network for network in allow_networks for item in (address, reached)):
        return True
    refused = _REFUSED_V4 if isinstance(reached, IPv4Address) else _REFUSED_V6
    return (
        reached.is_global
        and not reached.is_multicast
        and not reached.is_reserved
        and not any(reached in network for network in refused)
    )


def _reached(address: Address) -> Address:
    """The address that packets end at: mapped and NAT64 forms lead to an IPv4 address."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
