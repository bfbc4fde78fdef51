"""Deleting a domain that holds so much that a request cannot wait for it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from aliases.models import Alias
from aliases.services import delete_aliases
from domains.models import Domain
from domains.services import delete_domain, set_domain_active
from domains.use import domain_uses
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import readable_domain
from mailadmin.core.errors import NotFound
from mailadmin.core.operation import operation
from mailadmin.core.permissions import Permission, require
from mailadmin.jobs.bulk import add_counts, counts
from mailadmin.jobs.work import PART, Result, Run, Work
from mailboxes.models import Mailbox
from mailboxes.services import delete_mailboxes

AT_ONCE = 2000
"""So many mailboxes and aliases go with a domain within the request; more become a job."""


def rows_of_domain(name: str) -> int:
    """Return how many mailboxes and aliases go with a domain, as its counters say, or counted now."""
    use = domain_uses([name])[name]
    return use.mailboxes + use.aliases


class DeleteDomain(Work):
    """The job's `values` are the domain, and clean_references as delete_domain has it."""

    name = "domains_delete"

    def title(self, count: int, values: Mapping[str, Any]) -> str:
        return _("Delete %s") % readable_domain(values["domain"])

    def do(self, actor: Actor, arguments: Mapping[str, Any], run: Run) -> None:
        run.begin(rows_of_domain(arguments["values"]["domain"]))
        _delete_and_end(actor, arguments["values"], run, counts())

    def do_in_parts(self, actor: Actor, arguments: Mapping[str, Any], run: Run) -> None:
        values = arguments["values"]
        result: Result | None = run.result
        if result is None:
            result = _begin(actor, values, run)
        while result is not None:
            run.rest()
            result = _delete_part(actor, values, run, result)


@operation
def _begin(actor: Actor, values: Mapping[str, Any], run: Run) -> Result:
    """Switch the domain off, so that no mail comes into what is being deleted."""
    require(actor, Permission.DOMAIN_DELETE)
    result = counts()
    set_domain_active(actor, domain=values["domain"], active=False)
    run.plan([], result, rows_of_domain(values["domain"]))
    return result


@operation
def _delete_part(actor: Actor, values: Mapping[str, Any], run: Run, result: Result) -> Result | None:
    """Delete the next mailboxes, or when there are none the next aliases, or the domain itself, which ends the job.

    Returns what is done by now.
    """
    name, clean = values["domain"], values["clean_references"]
    if not Domain.objects.managed_by(actor).filter(domain=name).exists():
        raise NotFound(name)
    before = result["changed"]

    def step(done: int) -> None:
        run.step(before + done)

    mailboxes = Mailbox.objects.filter(domain=name).order_by("username")
    if names := list(mailboxes.values_list("username", flat=True)[:PART]):
        done = delete_mailboxes(actor, domain=name, usernames=names, clean_references=clean, step=step)
    elif names := list(Alias.objects.filter(domain=name).order_by("address").values_list("address", flat=True)[:PART]):
        done = delete_aliases(actor, domain=name, addresses=names, step=step)
    else:
        return _delete_and_end(actor, values, run, result)
    result = add_counts(result, counts(changed=done))
    run.end_part(result)
    return result


@operation
def _delete_and_end(actor: Actor, values: Mapping[str, Any], run: Run, result: Result) -> None:
    """Delete the domain with what is in it, and end the job."""
    before = result["changed"]
    done = delete_domain(
        actor,
        domain=values["domain"],
        clean_references=values["clean_references"],
        step=lambda done: run.step(before + done),
    )
    run.end(add_counts(result, counts(changed=done)))
