"""Django's `createsuperuser`, which would write an account without its admin."""

from django.utils.translation import gettext as _

from mailadmin.accounts.management.replaced import ReplacedCommand


class Command(ReplacedCommand):
    help = "Not used here; see manage.py admin_user."

    def instead(self) -> str:
        return _("Use manage.py admin_user create NAME --superadmin.")
