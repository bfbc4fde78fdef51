"""Django's `changepassword`, which would look for the password where none is."""

from django.utils.translation import gettext as _

from mailadmin.accounts.management.replaced import ReplacedCommand


class Command(ReplacedCommand):
    help = "Not used here; see manage.py admin_user and manage.py mailbox."

    def instead(self) -> str:
        return _("Use manage.py admin_user password NAME, or manage.py mailbox password ADDRESS.")
