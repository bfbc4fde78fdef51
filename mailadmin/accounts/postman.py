"""Sending the mails that wait: a part of every worker, beside its jobs, which may take long."""

import logging
import smtplib
import threading
import time

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from mailadmin.accounts.models import OutgoingMail
from mailadmin.accounts.outbox import RECOVERY, end_mail, forget_sent, postpone_mail, take_mail
from mailadmin.accounts.recovery import send_recovery
from mailadmin.core.errors import NotFound
from mailadmin.core.mail import send

log = logging.getLogger(__name__)

_FORGET_SECONDS = 600.0


class Postman(threading.Thread):
    """Sends what is due until told to stop: a mail server that does not answer holds up no job, nor a job a mail."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__(name="postman", daemon=True)
        self.stop = stop

    def run(self) -> None:
        forget_next = time.monotonic()
        try:
            while not self.stop.wait(max(settings.MAILADMIN_JOB_POLL, 0.05)):
                close_old_connections()
                try:
                    send_due(self.stop)
                    if time.monotonic() >= forget_next:
                        forget_sent()
                        forget_next = time.monotonic() + _FORGET_SECONDS
                except (DatabaseError, InterfaceError) as error:
                    log.warning("The database does not answer as it should: %s", error)
                    connection.close()
        finally:
            connection.close()


def send_due(stop: threading.Event) -> None:
    """Send all that is due by now."""
    while not stop.is_set() and (mail := take_mail()):
        deliver(mail)


def deliver(mail: OutgoingMail) -> None:
    """Send one mail that this worker has taken; one that fails is tried again later, a few times."""
    try:
        if mail.kind == RECOVERY:
            end_mail(mail, keep=send_recovery(mail))
        else:
            send(mail.recipient, mail.subject, mail.body)
            end_mail(mail)
    except NotFound:
        end_mail(mail)  # The account went away in this moment.
    except (OSError, smtplib.SMTPException) as error:
        # What is in the mail stays out of the log: it may be a link.
        again = postpone_mail(mail)
        log.warning("Mail not sent (%s): %s: %s", "tried again" if again else "given up", mail, type(error).__name__)
    except (DatabaseError, InterfaceError):
        raise
    except Exception:
        # One that nobody foresaw shall not keep the others waiting.
        log.exception("%s broke.", mail)
        end_mail(mail)
