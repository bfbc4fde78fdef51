"""Mail that the panel itself sends: plain text, by the server of MAILADMIN_SMTP_URL.

Sending takes as long as that server takes: what a request causes is queued for a worker (mailadmin.accounts.outbox).
"""

from email.utils import formataddr, make_msgid

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

TIMEOUT = 20
"""Seconds that the mail server may take for each of its answers."""


def can_send() -> bool:
    """Return whether a mail server is set."""
    return bool(settings.MAILADMIN_SMTP_URL)


def send(to: str, subject: str, body: str) -> None:
    """Send a mail, marked as written by a program (RFC 3834, 5); raises OSError or SMTPException where that fails."""
    config = settings.MAILADMIN_SMTP_URL
    connection = get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        host=config["EMAIL_HOST"],
        port=config["EMAIL_PORT"],
        username=config["EMAIL_HOST_USER"],
        password=config["EMAIL_HOST_PASSWORD"],
        use_tls=config.get("EMAIL_USE_TLS", False),
        use_ssl=config.get("EMAIL_USE_SSL", False),
        timeout=TIMEOUT,
    )
    sender = settings.MAILADMIN_MAIL_FROM
    headers = {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        # By itself it would name the host that the panel runs on.
        "Message-ID": make_msgid(domain=sender.rpartition("@")[2]),
    }
    shown = formataddr((settings.MAILADMIN_NAME, sender))
    EmailMessage(subject, body, shown, [to], connection=connection, headers=headers).send()


def panel_url(path: str) -> str:
    """Return a whole address for a mail; "" where MAILADMIN_URL is not set: the Host header may be anybody's."""
    return f"{settings.MAILADMIN_URL}{path}" if settings.MAILADMIN_URL else ""
