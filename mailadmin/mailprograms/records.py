"""The DNS records by which mail programs find the servers of a domain."""

from collections.abc import Iterator

from mailadmin.mailprograms.access import IMAP, POP3, SIEVE, SMTP, ProgramSettings

TTL = 3600
"""Seconds."""

# The lowest priority is what the provider would rather have used (RFC 6186, 3.4): TLS from the start (RFC 8314, 3.3).
_SERVICES = {
    (IMAP, True): ("imaps", 0),
    (IMAP, False): ("imap", 10),
    (POP3, True): ("pop3s", 20),
    (SMTP, True): ("submissions", 0),
    (SMTP, False): ("submission", 10),
    (SIEVE, False): ("sieve", 0),
}


def dns_records(found: ProgramSettings, panel_host: str) -> Iterator[str]:
    """Yield the records of a domain as lines of a zone file (RFC 1035, 5); by the panel's name, where it is known.

    SRV: RFC 6186, RFC 8314, for Sieve RFC 5804, and Autodiscover's own.
    """
    ways = {(access.kind, access.is_tls): access for access in (*found.servers, *found.others)}
    for way, (service, priority) in _SERVICES.items():
        if access := ways.get(way):
            yield f"_{service}._tcp.{found.domain}. {TTL} IN SRV {priority} 1 {access.port} {access.host}."
    if panel_host:
        yield f"_autodiscover._tcp.{found.domain}. {TTL} IN SRV 0 1 443 {panel_host}."
        for name in ("autoconfig", "autodiscover"):
            yield f"{name}.{found.domain}. {TTL} IN CNAME {panel_host}."
