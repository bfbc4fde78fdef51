"""`manage.py prune`: history that is old enough to go."""

import datetime as dt
from typing import Any

from django.core.management.base import CommandParser
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import ngettext

from mailadmin.accounts.models import OneTimeLink
from mailadmin.audit.models import AuditEvent, Log
from mailadmin.core.batches import SIZE
from mailadmin.core.commands.one_line import OneLineCommand
from mailadmin.core.commands.values import parse_number
from mailadmin.jobs.models import ENDED, Job
from mailboxes.credentials import delete_void_credentials
from mailboxes.mail_sign_ins import delete_old_sign_ins, delete_void_app_passwords


class Command(OneLineCommand):
    help = (
        "Delete audit events, and with --log PostfixAdmin's log rows, that are older than so many days; "
        "jobs and mail sign-ins of so long ago, one-time links and app passwords that have expired, and challenge "
        "credentials that are void."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", required=True, metavar="N", help="keep what is younger than N days")
        parser.add_argument("--log", action="store_true", help="also rows of PostfixAdmin's log table")

    def handle(self, *_args: Any, days: str, log: bool, **_options: Any) -> None:
        before = timezone.now() - dt.timedelta(days=parse_number(days, "days"))
        events = delete_in_batches(AuditEvent.objects.filter(time__lt=before).order_by("time"))
        self.stdout.write(ngettext("%d audit event deleted.", "%d audit events deleted.", events) % events)
        if links := delete_in_batches(OneTimeLink.objects.filter(expires__lt=timezone.now()).order_by("expires")):
            self.stdout.write(ngettext("%d expired link deleted.", "%d expired links deleted.", links) % links)
        if void := delete_void_credentials():
            self.stdout.write(ngettext("%d void credential deleted.", "%d void credentials deleted.", void) % void)
        if ended := delete_void_app_passwords():
            text = ngettext("%d ended app password deleted.", "%d ended app passwords deleted.", ended)
            self.stdout.write(text % ended)
        if signs := delete_old_sign_ins(before):
            text = ngettext("%d mail sign-in forgotten.", "%d mail sign-ins forgotten.", signs)
            self.stdout.write(text % signs)
        if jobs := delete_in_batches(Job.objects.filter(state__in=ENDED, finished__lt=before).order_by("pk")):
            self.stdout.write(ngettext("%d job deleted.", "%d jobs deleted.", jobs) % jobs)
        if log:
            rows = delete_in_batches(Log.objects.filter(timestamp__lt=before).order_by("timestamp"))
            self.stdout.write(ngettext("%d log row deleted.", "%d log rows deleted.", rows) % rows)


def delete_in_batches(rows: models.QuerySet[Any]) -> int:
    """Delete the rows, a short transaction at a time, so that nobody who writes history waits; returns how many."""
    deleted = 0
    while keys := list(rows.values_list("pk", flat=True)[:SIZE]):
        with transaction.atomic():
            deleted += rows.model._default_manager.filter(pk__in=keys).delete()[0]
    return deleted
