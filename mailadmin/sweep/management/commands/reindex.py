"""`manage.py reindex`: the derived tables, made anew from what the tables of PostfixAdmin say."""

from typing import Any

from django.utils.translation import gettext as _

from aliases.reindex import Counts, reindex_aliases
from mailadmin.core.commands.one_line import OneLineCommand
from mailadmin.sweep.services import sweep_all


class Command(OneLineCommand):
    help = (
        "Count the domains, read PostfixAdmin's log into the history and make the index of alias targets anew, "
        "for rows that other programs wrote. "
        "It can run while the panel does."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        sums = sweep_all()
        self.stdout.write(
            _("Domains counted: %(domains)d, with mailboxes: %(mailboxes)d, aliases: %(aliases)d.")
            % {name: sums.get(name, 0) for name in ("domains", "mailboxes", "aliases")}
        )
        self.stdout.write(_("Rows of PostfixAdmin's log taken into the history: %d.") % sums.get("log", 0))
        total = Counts()
        for counts in reindex_aliases():
            total.add(counts)
        self.stdout.write(
            _("Aliases read: %(aliases)d. Entries added: %(added)d, removed: %(removed)d.")
            % {"aliases": total.aliases, "added": total.added, "removed": total.removed}
        )
