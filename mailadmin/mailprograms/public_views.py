"""What mail programs ask without a session, under whatever host name leads here.

All of it is public: the servers of a domain, the same for each of its addresses, existing or not. Nothing looks for a
mailbox. A domain without mailboxes here gets one fixed refusal.
"""

import json

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from mailadmin.core.mail import panel_url
from mailadmin.mailprograms.access import ProgramSettings, public_settings
from mailadmin.mailprograms.autoconfig import autoconfig_xml
from mailadmin.mailprograms.autodiscover import (
    MOST_ASKED,
    NOT_FOUND,
    NotAnswered,
    asked_address,
    autodiscover_xml,
    refusal_xml,
)

KEPT_SECONDS = 3600
REFUSAL_KEPT_SECONDS = 300
AUTODISCOVER = "/autodiscover/autodiscover.xml"

_XML = "text/xml; charset=utf-8"
_HOST_PREFIXES = ("autoconfig.", "autodiscover.")


def autoconfig(request: HttpRequest) -> HttpResponse:
    """Answer Thunderbird, by the address that it sends or else by the name that it asked."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    asked = request.GET.get("emailaddress", "")
    found = public_settings(asked.rpartition("@")[2] if "@" in asked else _domain_of_host(request))
    if found is None:
        return _cacheable(HttpResponse("No such domain.\n", status=404, content_type="text/plain"))
    return _cacheable(HttpResponse(autoconfig_xml(found), content_type=_XML))


def autodiscover(request: HttpRequest) -> HttpResponse:
    """Answer Outlook's POST. A GET comes without TLS from one that looks for the address: it is told that."""
    if request.method == "GET":
        return _cacheable(_to_panel())
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "POST"])
    try:
        address = asked_address(request.read(MOST_ASKED + 1))
        found = public_settings(address.rpartition("@")[2])
        if found is None:
            raise NotAnswered(NOT_FOUND)
    except NotAnswered as refused:
        status = 404 if refused.code == NOT_FOUND else 400
        return _uncached(HttpResponse(refusal_xml(refused.code), status=status, content_type=_XML))
    return _uncached(HttpResponse(autodiscover_xml(found, address), content_type=_XML))


def _to_panel() -> HttpResponse:
    url = panel_url(AUTODISCOVER)
    if not url.startswith("https://"):
        return HttpResponseNotAllowed(["POST"])
    return HttpResponse(status=302, headers={"Location": url})


def autodiscover_json(request: HttpRequest) -> HttpResponse:
    """Answer the newer question where the older one is answered."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    address = request.GET.get("Email") or request.GET.get("email") or ""
    protocol = request.GET.get("Protocol") or request.GET.get("protocol") or ""
    found = public_settings(address.rpartition("@")[2]) if "@" in address else None
    if found is None:
        return _cacheable(_json({"ErrorCode": "UserNotFound", "ErrorMessage": "No such domain."}, 404))
    if protocol.lower() != "autodiscoverv1":
        return _cacheable(_json({"ErrorCode": "InvalidProtocol", "ErrorMessage": "Only AutodiscoverV1."}, 400))
    return _cacheable(_json({"Protocol": "AutodiscoverV1", "Url": _autodiscover_url(found)}))


def _autodiscover_url(found: ProgramSettings) -> str:
    return panel_url(AUTODISCOVER) or f"https://autodiscover.{found.domain}{AUTODISCOVER}"


def _json(values: dict[str, str], status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(values), status=status, content_type="application/json")


def _domain_of_host(request: HttpRequest) -> str:
    """Return the domain that the Host header names: not checked against ALLOWED_HOSTS, only looked for."""
    host = str(request.META.get("HTTP_HOST", "")).lower()
    name = host.partition(":")[0].rstrip(".")
    for prefix in _HOST_PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def _cacheable(response: HttpResponse) -> HttpResponse:
    seconds = KEPT_SECONDS if response.status_code == 200 else REFUSAL_KEPT_SECONDS
    return _plain(response, f"public, max-age={seconds}")


def _uncached(response: HttpResponse) -> HttpResponse:
    return _plain(response, "no-store")


def _plain(response: HttpResponse, kept: str) -> HttpResponse:
    response["Cache-Control"] = kept
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Length"] = str(len(response.content))
    return response


ANSWERS = {
    "/.well-known/autoconfig/mail/config-v1.1.xml": autoconfig,
    "/mail/config-v1.1.xml": autoconfig,
    AUTODISCOVER: autodiscover,
    "/autodiscover/autodiscover.json": autodiscover_json,
}
"""By path in lower case: Outlook's programs write it in three ways."""
