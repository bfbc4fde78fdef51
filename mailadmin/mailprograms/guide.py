"""What a page about mail programs shows for one address."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from mailadmin.core.http import whole_url
from mailadmin.mailprograms.access import ProgramSettings, program_settings, public_settings
from mailadmin.mailprograms.qr import qr_svg


@dataclass(frozen=True, slots=True)
class Guide:
    """`phone_path` leads to the public page, "" where there is none: for a domain that is off, say."""

    found: ProgramSettings
    address: str
    phone_path: str = ""
    phone_url: str = ""
    profile_url: str = ""

    @property
    def username(self) -> str:
        return self.found.username(self.address)

    @property
    def qr(self) -> SafeString:
        """Return the code that leads a phone to the public page."""
        return qr_svg(self.phone_url)


def guide(request: HttpRequest, address: str) -> Guide:
    """Return what the owner of a mailbox needs, as the mailbox's row has its address."""
    domain = address.rpartition("@")[2]
    public = public_settings(domain)
    if public is None or public.domain != public.mailbox_domain:
        return Guide(program_settings(domain), address)
    page = reverse("phone_set_up", args=[address])
    return Guide(public, address, page, whole_url(request, page), reverse("phone_profile", args=[address]))


def public_guide(address: str) -> Guide | None:
    """Return what anybody may ask of an address; None where it is of no domain with mailboxes here."""
    local_part, _at, domain = address.rpartition("@")
    found = public_settings(domain) if local_part else None
    return Guide(found, address, profile_url=reverse("phone_profile", args=[address])) if found else None
