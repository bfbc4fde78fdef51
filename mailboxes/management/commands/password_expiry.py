"""`manage.py password_expiry`: tell people by mail that their password is about to be too old. For cron, once a day."""

from smtplib import SMTPException
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from domains.guard import existing_domain_key
from mailadmin.core.commands.one_line import OneLineCommand
from mailadmin.core.mail import can_send
from mailboxes.password_expiry import (
    PasswordWarning,
    due_warnings,
    forget_past_warnings,
    restart_passwords,
    send_warning,
)


class Command(OneLineCommand):
    help = "Tell people by mail, 14, 7 and 1 days before, that their password is about to be too old. Each mail once."

    def add_arguments(self, parser: CommandParser) -> None:
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--dry-run", action="store_true", help="send nothing: say who would get a mail")
        action.add_argument(
            "--restart",
            metavar="DOMAIN",
            help="let passwords of the domain that are too old already last for one more period, and send nothing",
        )

    def handle(self, **options: Any) -> None:
        if options["restart"]:
            self._restart(options["restart"])
            return
        now = timezone.now()
        if options["dry_run"]:
            for warning in due_warnings(now):
                self.stdout.write(_line(warning))
            return
        if not can_send():
            raise CommandError("No mail can be sent: set MAILADMIN_SMTP_URL.")
        sent, failed = self._send(now)
        forget_past_warnings(now)
        self.stdout.write(f"Mails sent: {sent}.")
        if failed:
            raise CommandError(f"Mails that could not be sent: {failed}. The next run tries again.")

    def _send(self, now: Any) -> tuple[int, int]:
        sent = failed = 0
        for warning in due_warnings(now):
            try:
                sent += send_warning(warning)
            except (OSError, SMTPException) as error:
                failed += 1
                self.stderr.write(f"{warning.username}: {error}")
        return sent, failed

    def _restart(self, domain: str) -> None:
        done = restart_passwords(self.actor, domain=existing_domain_key(domain))
        self.stdout.write(f"Passwords that last for one more period: {done}.")


def _line(warning: PasswordWarning) -> str:
    until = timezone.localtime(warning.expires).strftime("%Y-%m-%d %H:%M")
    return f"{warning.username}: lasts until {until}, the mail of {warning.days} days before"
