"""Whose address a request comes from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_ip(request: HttpRequest) -> str:
    """Return the client's address; X-Forwarded-For counts only from MAILADMIN_TRUSTED_PROXIES, read from its end."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    ip = request.META.get("REMOTE_ADDR", "")
    while hops and _is_trusted(ip):
        ip = hops.pop()
    return str(parsed) if (parsed := _parse(ip)) else ""


def network_of(ip: str) -> str:
    """Return what one customer of a provider holds: the IPv4 address, or the /64 of an IPv6 one."""
    parsed = _parse(ip)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed) if parsed else "unknown"


def _parse(ip: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(ip)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return parsed.ipv4_mapped
    return parsed


def _is_trusted(ip: str) -> bool:
    parsed = _parse(ip)
    return parsed is not None and any(parsed in network for network in _trusted())


def _trusted() -> list[Network]:
    return [ipaddress.ip_network(text, strict=False) for text in settings.MAILADMIN_TRUSTED_PROXIES]
