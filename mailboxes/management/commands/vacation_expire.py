"""`manage.py vacation_expire`: the vacation entries in alias rows, made to agree with the vacations."""

from typing import Any

from django.utils.translation import gettext as _

from mailadmin.core.commands.one_line import OneLineCommand
from mailboxes.vacation_entry import Corrected, correct_entries


class Command(OneLineCommand):
    help = (
        "Take the entries of vacations that are over out of the alias rows, and give those that are on theirs, as"
        " MAILADMIN_VACATION says. With transport a worker does this every MAILADMIN_SWEEP_MINUTES; without a worker, "
        "run it by cron. It can run while the panel does."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        total = Corrected()
        for corrected in correct_entries():
            total.add(corrected)
        self.stdout.write(
            _("Vacations looked at: %(read)d. Entries added: %(added)d, removed: %(removed)d.")
            % {"read": total.read, "added": total.added, "removed": total.removed}
        )
