"""Mailboxes and what belongs to one."""

from typing import Self

from django.db import models

from domains.models import granted_domains
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import readable
from mailadmin.core.fields import (
    NO_END,
    NOT_SET,
    CascadingKeyField,
    CurrentTimestamp,
    EnumField,
    ExactField,
    KeyField,
    Literal,
    PlainTextField,
    ServerDateTimeField,
    ServerTimestampField,
    UnsignedField,
)
from mailadmin.core.limits import Limit
from mailadmin.core.prepared import prepared

_AUTH = ["password", "kerberos_v5", "kerberos", "kerberos_v4", "gssapi", "cram-md5", "otp", "ntlm", "msn", "ssh", "any"]
_PROTOCOLS = ["POP3", "IMAP", "POP2", "ETRN", "AUTO"]


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the mailboxes that the actor may see; a mailbox user sees one."""
        if actor.is_superadmin:
            return self
        if actor.is_admin:
            return self.filter(domain__in=granted_domains(actor))
        return self.filter(username=actor.username) if actor.is_user else self.none()

    def managed_by(self, actor: Actor) -> Self:
        """Return the mailboxes that the actor may change; what of it is a matter of permissions."""
        return self.visible_to(actor)


class Mailbox(models.Model):
    """A mailbox; `quota` is in bytes, `maildir` relative to the mail base with a slash at its end."""

    username = KeyField(primary_key=True)
    password = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    maildir = models.CharField(max_length=255)
    quota = models.BigIntegerField(default=0, db_default=0)
    local_part = KeyField()
    domain = KeyField()
    created = ServerDateTimeField(db_default=Literal(NOT_SET))
    modified = ServerDateTimeField(db_default=Literal(NOT_SET))
    active = models.BooleanField(default=True, db_default=True)
    phone = models.CharField(max_length=30, default="", db_default="")
    email_other = models.CharField(max_length=255, default="", db_default="")
    token = models.CharField(max_length=255, default="", db_default="")
    token_validity = ServerDateTimeField(default=None, db_default=Literal(NOT_SET))
    password_expiry = ServerDateTimeField(default=None, db_default=Literal(NOT_SET))
    totp_secret = models.CharField(max_length=255, null=True)
    smtp_active = models.BooleanField(default=True, db_default=True)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        db_table = "mailbox"
        indexes = [
            models.Index(fields=["domain"], name="mailbox_domain"),
            models.Index(fields=["domain", "username"], name="mailadmin_mailbox_key"),
            models.Index(fields=["domain", "name", "username"], name="mailadmin_mailbox_name"),
            models.Index(fields=["domain", "quota", "username"], name="mailadmin_mailbox_quota"),
            models.Index(fields=["domain", "active", "username"], name="mailadmin_mailbox_active"),
            models.Index(fields=["domain", "smtp_active", "username"], name="mailadmin_mailbox_smtp"),
            models.Index(fields=["maildir"], name="mailadmin_mailbox_maildir"),
        ]

    def __str__(self) -> str:
        return readable(self.username)

    @property
    def quota_limit(self) -> Limit:
        return Limit(self.quota)


class Credential(models.Model):
    """What a challenge mechanism checks a mailbox's password by, in Dovecot's form.

    `made_for` is the stored password that it was made with: it counts while the mailbox still has that one, so that a
    password written by another program, or a mailbox made anew, leaves it void.
    """

    pk = models.CompositePrimaryKey("username", "mechanism")
    username = KeyField()
    mechanism = models.CharField(max_length=20)
    secret = ExactField(max_length=255)
    made_for = ExactField(max_length=255)

    class Meta:
        db_table = "mailadmin_credential"


class AppPassword(models.Model):
    """A password of its own for one mail program; the panel does not take it.

    `digest` is SHA-256 of the password, in hexadecimal: that is random enough to need no salt, and can be looked up.
    `made_for` is the `created` of the mailbox it was made for: a name made again inherits none.
    """

    username = KeyField()
    digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=60)
    made_for = ServerDateTimeField(db_default=Literal(NOT_SET))
    imap = models.BooleanField()
    pop3 = models.BooleanField()
    smtp = models.BooleanField()
    sieve = models.BooleanField()
    created = models.DateTimeField()
    ends = models.DateTimeField(null=True)

    class Meta:
        db_table = "mailadmin_app_password"
        indexes = [models.Index(fields=["username", "id"], name="mailadmin_app_password_of")]

    def __str__(self) -> str:
        return self.name


class AppPasswordsOnly(models.Model):
    """A mailbox whose own password mail programs cannot use; `made_for` as of an app password."""

    username = KeyField(primary_key=True)
    made_for = ServerDateTimeField(db_default=Literal(NOT_SET))

    class Meta:
        db_table = "mailadmin_app_passwords_only"


class MailSignIn(models.Model):
    """When a mailbox was last signed in to by a service from an address, with which app password; Dovecot writes it.

    `app_password` is 0 for the mailbox's own password, `last_login` in seconds since 1970.
    """

    pk = models.CompositePrimaryKey("username", "service", "ip", "app_password")
    username = KeyField()
    service = models.CharField(max_length=20)
    ip = models.CharField(max_length=45)
    app_password = models.BigIntegerField(default=0, db_default=0)
    last_login = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "mailadmin_mail_sign_in"
        indexes = [models.Index(fields=["last_login"], name="mailadmin_mail_sign_in_last")]


class MailboxAppPassword(models.Model):
    """PostfixAdmin's app password. Dovecot cannot use these rows; they are deleted with the mailbox."""

    id = models.AutoField(primary_key=True)
    username = KeyField(null=True)  # type: ignore[misc]
    description = models.CharField(max_length=255, null=True)
    password_hash = models.CharField(max_length=255, null=True)

    class Meta:
        db_table = "mailbox_app_password"
        indexes = [models.Index(fields=["username"], name="mailadmin_app_password_user")]


class Quota(models.Model):
    """Use as Dovecot 1.0 and 1.1 wrote it."""

    pk = models.CompositePrimaryKey("username", "path")
    username = KeyField()
    path = models.CharField(max_length=100)
    current = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "quota"


class Quota2(models.Model):
    """Use in bytes and messages, written by Dovecot."""

    username = KeyField(primary_key=True)
    bytes = models.BigIntegerField(default=0, db_default=0)
    messages = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "quota2"


@prepared
def mailbox_visible_to(actor: Actor, username: str) -> models.QuerySet[Mailbox]:
    """Return the mailbox of a name if the actor may see it."""
    return Mailbox.objects.visible_to(actor).filter(username=username)


@prepared
def mailbox_managed_by(actor: Actor, username: str) -> models.QuerySet[Mailbox]:
    """Return the mailbox of a name if the actor may change it."""
    return Mailbox.objects.managed_by(actor).filter(username=username)


class Vacation(models.Model):
    """The vacation reply of a mailbox; `interval_time` is in seconds, 0 answers each sender once."""

    email = KeyField(primary_key=True)
    subject = models.CharField(max_length=255)
    body = PlainTextField()
    cache = PlainTextField(default="", db_default=Literal(""))
    domain = KeyField()
    created = ServerDateTimeField(db_default=Literal(NOT_SET))
    active = models.BooleanField(default=True, db_default=True)
    modified = ServerTimestampField(db_default=CurrentTimestamp())
    activefrom = ServerTimestampField(default=None, db_default=Literal(NOT_SET))
    activeuntil = ServerTimestampField(default=None, db_default=Literal(NO_END))
    interval_time = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "vacation"


@prepared
def vacation_of(username: str) -> models.QuerySet[Vacation]:
    """Return the vacation reply of a mailbox, whoever asks."""
    return Vacation.objects.filter(email=username)


class VacationMore(models.Model):
    """What a vacation reply has beside PostfixAdmin's row: another text for senders inside the domain, "" for none."""

    email = KeyField(primary_key=True)
    inside_body = PlainTextField(default="")

    class Meta:
        db_table = "mailadmin_vacation"


class VacationNotification(models.Model):
    """Who was answered, written by PostfixAdmin's vacation script."""

    pk = models.CompositePrimaryKey("on_vacation", "notified")
    on_vacation = CascadingKeyField(parent="vacation.email")
    notified = KeyField(default="", db_default="")
    notified_at = ServerTimestampField(db_default=CurrentTimestamp())

    class Meta:
        db_table = "vacation_notification"


class Fetchmail(models.Model):
    """PostfixAdmin's fetchmail job."""

    id = models.AutoField(primary_key=True)
    mailbox = KeyField()
    src_server = models.CharField(max_length=255)
    src_auth = EnumField(max_length=15, null=True, choices=[(name, name) for name in _AUTH])  # type: ignore[misc]
    src_user = models.CharField(max_length=255)
    src_password = models.CharField(max_length=255)
    src_folder = models.CharField(max_length=255)
    poll_time = UnsignedField(default=10, db_default=10)
    fetchall = UnsignedField(default=0, db_default=0, column_type="tinyint(1) unsigned")
    keep = UnsignedField(default=0, db_default=0, column_type="tinyint(1) unsigned")
    protocol = EnumField(max_length=15, null=True, choices=[(name, name) for name in _PROTOCOLS])  # type: ignore[misc]
    usessl = UnsignedField(default=0, db_default=0, column_type="tinyint(1) unsigned")
    extra_options = PlainTextField(null=True)  # type: ignore[misc]
    returned_text = PlainTextField(null=True)  # type: ignore[misc]
    mda = models.CharField(max_length=255, null=True)
    date = ServerTimestampField(db_default=Literal(NOT_SET))
    sslcertck = models.BooleanField(default=False, db_default=False)
    sslcertpath = models.CharField(max_length=255, null=True, default="", db_default="")
    sslfingerprint = models.CharField(max_length=255, null=True, default="", db_default="")
    domain = KeyField(null=True, default="", db_default="")  # type: ignore[misc]
    active = models.BooleanField(default=False, db_default=False)
    created = ServerTimestampField(db_default=Literal(NOT_SET))
    modified = ServerTimestampField(db_default=CurrentTimestamp())
    src_port = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "fetchmail"
        indexes = [
            models.Index(fields=["domain"], name="idx_fetchmail_domain"),
            models.Index(fields=["mailbox"], name="mailadmin_fetchmail_mailbox"),
        ]


class DeletedMaildir(models.Model):
    """Where a deleted mailbox kept its mail; a later mailbox of that name gets another path."""

    username = KeyField()
    maildir = models.CharField(max_length=255)
    deleted = models.DateTimeField()

    class Meta:
        db_table = "mailadmin_deleted_maildir"
        indexes = [models.Index(fields=["username"], name="mailadmin_deleted_maildir_name")]
