"""What counts as one client, from its network address."""

from __future__ import annotations

import ipaddress


def network(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 of an IPv6 address, which one customer gets.

    '' for what is no address, and for this machine's own: that is a proxy we were not told of, not a visitor.
    """
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(found), 64), strict=False))
    return str(found)
