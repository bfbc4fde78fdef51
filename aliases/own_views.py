"""Pages of the aliases that people make for themselves."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aliases.forms import DeleteForm, OwnAliasCreateForm, OwnAliasForm, without_domain
from aliases.models import Alias, OwnAlias
from aliases.overview import own_alias_rows
from aliases.own import (
    create_own_alias,
    delete_own_alias,
    free_own_address,
    own_aliases_full,
    update_own_alias,
)
from aliases.owned import own_aliases_of
from domains.models import Domain
from domains.rules import rules_of
from mailadmin.core.errors import NotFound
from mailadmin.core.http import ActorRequest, actor_required, form_methods, next_url, posted, wanted_state
from mailadmin.core.live import availability, typed_text
from mailboxes.models import Mailbox


@actor_required
@require_safe
def own_alias_list(request: ActorRequest) -> HttpResponse:
    """List the own aliases: as many as the domain lets people have, so all on one page."""
    mailbox = _own_mailbox(request)
    return render(request, "aliases/own_list.html", _head(mailbox))


@actor_required
@form_methods
def own_alias_create(request: ActorRequest) -> HttpResponse:
    """Create an own alias."""
    mailbox = _own_mailbox(request)
    form = OwnAliasCreateForm(posted(request), domain=_domain(mailbox))
    if form.is_valid():
        with form.operation_errors():
            values = form.cleaned_data
            alias = create_own_alias(
                request.actor,
                username=mailbox.username,
                local_part=values["address"],
                description=values["description"],
                ends=values["ends"],
            )
            messages.success(request, _("%s is yours: mail to it comes to you.") % alias)
            return redirect("own_alias_list")
    context = {"form": form, "domain": _domain(mailbox), "zone": timezone.get_current_timezone_name()}
    return render(request, "aliases/own_create.html", _head(mailbox) | context)


@actor_required
@require_safe
def own_alias_check(request: ActorRequest) -> HttpResponse:
    """Say whether an own alias can be made, while its address is typed."""
    mailbox = _own_mailbox(request)
    typed = without_domain(typed_text(request, "address"), _domain(mailbox))
    return availability(
        request, typed, lambda: free_own_address(request.actor, mailbox, typed), form_url=reverse("own_alias_create")
    )


@actor_required
@form_methods
def own_alias_edit(request: ActorRequest, address: str) -> HttpResponse:
    """Change what an own alias is for and when it ends."""
    alias, own = _own_alias(request, address)
    form = OwnAliasForm(posted(request), initial={"description": alias.description, "ends": own.ends})
    if form.is_valid():
        with form.operation_errors():
            update_own_alias(request.actor, address=alias.address, **form.changed_values())
            messages.success(request, _("%s is saved.") % alias)
            return redirect("own_alias_list")
    context = {"alias": alias, "form": form, "zone": timezone.get_current_timezone_name()}
    return render(request, "aliases/own_form.html", context)


@actor_required
@require_POST
def own_alias_toggle(request: ActorRequest, address: str) -> HttpResponse:
    """Switch an own alias on or off."""
    alias, _own = _own_alias(request, address)
    row = update_own_alias(request.actor, address=alias.address, active=wanted_state(request))
    text = _("%s is on: mail to it comes to you.") if row.active else _("%s is off: mail to it is refused.")
    messages.success(request, text % row)
    return redirect(next_url(request, reverse("own_alias_list")))


@actor_required
@form_methods
def own_alias_delete(request: ActorRequest, address: str) -> HttpResponse:
    """Say what deleting an own alias means, then delete it."""
    alias, _own = _own_alias(request, address)
    form = DeleteForm(posted(request), address=alias.address, has_references=False)
    if form.is_valid():
        with form.operation_errors():
            delete_own_alias(request.actor, address=alias.address)
            messages.success(request, _("%s is deleted.") % alias)
            return redirect("own_alias_list")
    context = {
        "alias": alias,
        "form": form,
        "title": _("Delete %s") % alias,
        "goes": [_("The alias. Mail to %s is refused from then on, or goes to whoever gets the name next.") % alias],
        "stays": [_("Your mailbox and all mail in it, also what came by this alias.")],
        "submit": _("Delete alias"),
        "cancel_url": reverse("own_alias_list"),
        "switch_off_url": reverse("own_alias_toggle", args=[alias.address]) if alias.active else "",
    }
    return render(request, "aliases/own_delete.html", context)


def _own_mailbox(request: ActorRequest) -> Mailbox:
    """Return the person's mailbox; admins have none, the mailbox of the same name is another account."""
    if not request.actor.is_user:
        raise NotFound()
    return Mailbox.objects.visible_to(request.actor).get(username=request.actor.username)


def _own_alias(request: ActorRequest, address: str) -> tuple[Alias, OwnAlias]:
    for alias, own in own_aliases_of(_own_mailbox(request)):
        if alias.address == address:
            return alias, own
    raise NotFound(address)


def _domain(mailbox: Mailbox) -> Domain:
    return Domain.objects.filter(domain=mailbox.domain).first() or Domain(domain=mailbox.domain)


def _head(mailbox: Mailbox) -> dict[str, Any]:
    rows = own_alias_rows(own_aliases_of(mailbox))
    allowed = rules_of(mailbox.domain).own_aliases
    return {"mailbox": mailbox, "rows": rows, "allowed": allowed, "full": own_aliases_full(mailbox)}
