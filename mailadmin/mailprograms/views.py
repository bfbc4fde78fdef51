"""Pages about mail programs: for the owner of a mailbox, its admins, and the phone in somebody's hand."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from domains.workspace import domain_head, visible_domain
from mailadmin.core.errors import NotFound
from mailadmin.core.http import ActorRequest, actor_required
from mailadmin.mailprograms.access import program_settings, public_settings
from mailadmin.mailprograms.guide import Guide, guide, public_guide
from mailadmin.mailprograms.mobileconfig import CONTENT_TYPE, mobileconfig
from mailadmin.mailprograms.public_views import KEPT_SECONDS
from mailadmin.mailprograms.records import dns_records
from mailboxes.app_passwords import has_app_passwords_only
from mailboxes.models import Mailbox


@actor_required
@require_safe
def account_mail_programs(request: ActorRequest) -> HttpResponse:
    """How to set up mail programs for the own mailbox; admins have none."""
    if not request.actor.is_user:
        raise NotFound()
    return _page(request, request.actor.username)


@actor_required
@require_safe
def mailbox_mail_programs(request: ActorRequest, address: str) -> HttpResponse:
    """The same for a mailbox in the actor's domains."""
    if request.actor.is_user and request.actor.username == address:
        return redirect("account_mail_programs")
    return _page(request, address)


def _page(request: ActorRequest, username: str) -> HttpResponse:
    mailbox = Mailbox.objects.visible_to(request.actor).filter(username=username).first()
    if mailbox is None:
        raise NotFound(username)
    context = {
        "mailbox": mailbox,
        "programs": guide(request, mailbox.username),
        "app_passwords_only": has_app_passwords_only(mailbox),
    }
    return render(request, "mailprograms/page.html", context)


@never_cache
@require_safe
def phone_set_up(request: HttpRequest, address: str) -> HttpResponse:
    """Show the settings of an address to anybody: it tells nothing of the address but its domain's servers."""
    programs = public_guide(address)
    if programs is None:
        return render(request, "404.html", status=404)
    return render(request, "mailprograms/phone.html", {"programs": programs})


@require_safe
def phone_profile(request: HttpRequest, address: str) -> HttpResponse:
    """Hand out Apple's profile of an address to anybody."""
    programs = public_guide(address)
    if programs is None:
        return render(request, "404.html", status=404)
    headers = {"Content-Disposition": 'attachment; filename="mail.mobileconfig"'}
    answer = HttpResponse(mobileconfig(programs.found, address), content_type=CONTENT_TYPE, headers=headers)
    patch_cache_control(answer, public=True, max_age=KEPT_SECONDS)
    return answer


@actor_required
@require_safe
def domain_mail_programs(request: ActorRequest, domain: str) -> HttpResponse:
    """What programs are told of a domain, and the DNS records by which they find it."""
    row = visible_domain(request.actor, domain)
    public = public_settings(row.domain)
    found = public or program_settings(row.domain)
    panel_host = urlsplit(settings.MAILADMIN_URL).hostname or ""
    context = domain_head(request, row, "domain_mail_programs") | {
        "programs": Guide(found, f"anna@{row.domain}"),
        "records": "\n".join(dns_records(found, panel_host)) if found.servers else "",
        "panel_host": panel_host,
        "asked": f"anna@{row.domain}" if public else "",
    }
    return render(request, "mailprograms/domain.html", context)
