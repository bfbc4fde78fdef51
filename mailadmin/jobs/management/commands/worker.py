"""`manage.py worker`: does the jobs that are too long for a request, and sends mail."""

import os
import signal
import threading
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from mailadmin.accounts.postman import Postman, send_due
from mailadmin.core.commands.one_line import OneLineCommand
from mailadmin.jobs.kinds import KINDS
from mailadmin.jobs.runner import work
from mailadmin.sweep.services import Sweeper

_WATCH_SECONDS = 1.0
# For the mail that is just being sent; what is not done by then is due again later.
_POSTMAN_SECONDS = 5.0


class Command(OneLineCommand):
    help = "Do the jobs of the panel, such as changes of thousands of mailboxes, and send its mail, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when no job waits")
        parser.add_argument(
            "--with-parent", action="store_true", help="end together with the program that started this one"
        )

    def handle(self, *_args: Any, once: bool, with_parent: bool, **_options: Any) -> None:
        stop = threading.Event()
        # A job in the middle goes back to the queue, whole.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_args: stop.set())
        if with_parent:
            threading.Thread(target=_watch, args=(os.getppid(), stop), daemon=True).start()
        else:
            self.stdout.write(_("Waiting for jobs."))
            self.stdout.flush()
        if once:
            work(KINDS, stop, until_empty=True, between=Sweeper().step)
            send_due(stop)
            return
        postman = Postman(stop)
        postman.start()
        work(KINDS, stop, between=Sweeper().step)
        postman.join(_POSTMAN_SECONDS)


def _watch(parent: int, stop: threading.Event) -> None:
    """Set the event when the parent is gone: its place is then taken by another."""
    while os.getppid() == parent:
        if stop.wait(_WATCH_SECONDS):
            return
    stop.set()
