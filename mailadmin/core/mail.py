"""Mail that the panel itself sends: plain text, by the server of MAILADMIN_SMTP_URL."""

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

TIMEOUT = 20
"""Seconds that the mail server may take to answer."""


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
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    EmailMessage(subject, body, settings.MAILADMIN_MAIL_FROM, [to], connection=connection, headers=headers).send()


def panel_url(path: str) -> str:
    """Return a whole address for a mail; "" where MAILADMIN_URL is not set: the Host header may be anybody's."""
    return f"{settings.MAILADMIN_URL}{path}" if settings.MAILADMIN_URL else ""
