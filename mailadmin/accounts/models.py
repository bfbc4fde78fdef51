"""Admins as PostfixAdmin stores them, and the sign-in identity of both kinds of people."""

import datetime as dt
from typing import NoReturn, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from mailadmin.accounts.credentials import AccountKind, Credential
from mailadmin.core.actor import Actor
from mailadmin.core.fields import (
    NOT_SET,
    CurrentTimestamp,
    ExactField,
    KeyField,
    Literal,
    ServerDateTimeField,
    ServerTimestampField,
)

WARNED_BEFORE = dt.timedelta(days=14)
"""How long before a password gets too old its owner is told."""


class AdminQuerySet(models.QuerySet["Admin"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the admins that the actor may see: all of them for a superadmin, an admin's own row."""
        if actor.is_superadmin:
            return self
        return self.filter(username=actor.username) if actor.is_admin else self.none()

    def managed_by(self, actor: Actor) -> Self:
        """Return the admins that the actor may change."""
        return self if actor.is_superadmin else self.none()


class Admin(models.Model):
    """A superadmin or domain admin. The domains granted to one are in domains.DomainAdmin."""

    username = KeyField(primary_key=True)
    password = models.CharField(max_length=255)
    created = ServerDateTimeField(db_default=Literal(NOT_SET))
    modified = ServerDateTimeField(db_default=Literal(NOT_SET))
    active = models.BooleanField(default=True, db_default=True)
    superadmin = models.BooleanField(default=False, db_default=False)
    phone = models.CharField(max_length=30, default="", db_default="")
    email_other = models.CharField(max_length=255, default="", db_default="")
    token = models.CharField(max_length=255, default="", db_default="")
    token_validity = ServerDateTimeField(default=None, db_default=Literal(NOT_SET))
    totp_secret = models.CharField(max_length=255, null=True)

    objects = AdminQuerySet.as_manager()

    class Meta:
        db_table = "admin"

    def __str__(self) -> str:
        return self.username


class AdminPreference(models.Model):
    """PostfixAdmin's per-admin preference."""

    pk = models.CompositePrimaryKey("username", "pref_key")
    username = KeyField(default="", db_default="")
    pref_key = models.CharField(max_length=64, default="", db_default="")
    pref_value = models.CharField(max_length=2048, default="", db_default="")

    class Meta:
        db_table = "admin_preferences"


class TotpException(models.Model):
    """An address from which PostfixAdmin's Dovecot query asks for no second factor."""

    id = models.AutoField(primary_key=True)
    ip = models.CharField(max_length=46)
    username = KeyField(null=True)  # type: ignore[misc]
    description = models.CharField(max_length=255, null=True)
    created = ServerTimestampField(db_default=CurrentTimestamp())
    modified = ServerTimestampField(db_default=CurrentTimestamp())

    class Meta:
        db_table = "totp_exception_address"
        constraints = [models.UniqueConstraint(fields=["ip", "username"], name="ip_user")]


class AccountManager(BaseUserManager["Account"]):
    pass


class Account(AbstractBaseUser):
    """A sign-in identity: `admin:NAME` or `mailbox:NAME`. The password stays where Dovecot reads it.

    `row_created` is the `created` of the row it was made for: a name deleted and made again gets a new account.
    """

    password = None  # type: ignore[assignment]
    login = KeyField(max_length=255, unique=True)
    row_created = models.DateTimeField(null=True)
    must_change_password = models.BooleanField(default=False)
    language = models.CharField(max_length=10, default="", blank=True)
    time_zone = models.CharField(max_length=64, default="", blank=True)
    # Session stamps before and after the same password was stored anew, so that sessions of before go on.
    stored_anew_from = models.CharField(max_length=64, default="", db_default="", blank=True)
    stored_anew_to = models.CharField(max_length=64, default="", db_default="", blank=True)

    # Set by the backend that loads the account, from the admin or mailbox row.
    credential: Credential | None = None

    objects = AccountManager()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS = []

    class Meta:
        db_table = "mailadmin_account"

    @property
    def kind(self) -> AccountKind:
        return AccountKind(self.login.partition(":")[0])

    @property
    def username(self) -> str:
        return self.login.partition(":")[2]

    @property
    def is_expired(self) -> bool:
        """Return whether the password is older than the domain lets it be."""
        expires = self.credential.expires if self.credential else None
        return expires is not None and expires <= timezone.now()

    @property
    def must_choose(self) -> bool:
        """Return whether the person can do nothing here before choosing a new password."""
        return self.must_change_password or self.is_expired

    @property
    def expires_soon(self) -> dt.datetime | None:
        """Return when the password gets too old, if that is near."""
        expires = self.credential.expires if self.credential else None
        return expires if expires is not None and expires <= timezone.now() + WARNED_BEFORE else None

    def get_session_auth_hash(self) -> str:
        """Return what a session is bound to: the stored password, the kind and the row's age."""
        return self._auth_hash(secret=None)

    def get_session_auth_fallback_hash(self) -> list[str]:
        """Return what sessions from before the last rehash are bound to, as long as the password is that one."""
        return [self.stored_anew_from] if self.stored_anew_to == self.get_session_auth_hash() else []

    def _auth_hash(self, secret: str | None) -> str:
        if self.credential is None:
            raise RuntimeError("An account without its admin or mailbox row has no session.")
        value = f"{self.login}\n{self.credential.password}\n{self.credential.created}"
        return salted_hmac("mailadmin.accounts.session", value, secret=secret, algorithm="sha256").hexdigest()

    def set_password(self, raw_password: str | None) -> NoReturn:
        raise NotImplementedError("Passwords are set by operations; see manage.py admin_user and manage.py mailbox.")

    def check_password(self, raw_password: str | None) -> NoReturn:
        raise NotImplementedError("Passwords are checked by mailadmin.accounts.signin.")


class PasswordHistory(models.Model):
    """An earlier password of an account, as the hash that stood in its row; the newest has the highest number."""

    login = KeyField()
    row_created = models.DateTimeField(null=True)
    stored = ExactField(max_length=255)
    time = models.DateTimeField()

    class Meta:
        db_table = "mailadmin_password_history"
        indexes = [models.Index(fields=["login"], name="mailadmin_password_login")]


class ExpiryWarning(models.Model):
    """That the owner of a mailbox was told, `days` before, that the password will be too old at `expires`.

    Of each mailbox the last mail alone; it counts while the password still ends then.
    """

    username = KeyField(primary_key=True)
    expires = models.DateTimeField(db_index=True)
    days = models.IntegerField()

    class Meta:
        db_table = "mailadmin_expiry_warning"


class Throttle(models.Model):
    """Failed tries of one account from one network, or of one network."""

    key = KeyField(primary_key=True, max_length=200)
    failures = models.IntegerField(default=0)
    until = models.DateTimeField(null=True)
    updated = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "mailadmin_throttle"


class OneTimeLink(models.Model):
    """A link whose holder may set the password of one account, once. Of its token only a digest is kept.

    `stamp` is that of the account's row: with another password, or made again, the name has no link any more.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    login = KeyField()
    purpose = models.CharField(max_length=20)
    stamp = models.CharField(max_length=64)
    made_by = KeyField()
    created = models.DateTimeField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "mailadmin_one_time_link"
        indexes = [models.Index(fields=["login", "purpose"], name="mailadmin_link_of_login")]


class OutgoingMail(models.Model):
    """A mail for a worker to send: as it stands, or of a kind that is written when it is sent, because of its secrets.

    `about` is the account's name. `due` is when to try next; none once that is over. What was sent with a secret stays
    for a day, so that nobody is flooded.
    """

    kind = models.CharField(max_length=20)
    about = KeyField(default="", db_default="")
    recipient = models.CharField(max_length=255, default="", db_default="")
    subject = models.CharField(max_length=255, default="", db_default="")
    body = models.TextField(default="")
    ip = models.CharField(max_length=45, default="", db_default="")
    created = models.DateTimeField()
    due = models.DateTimeField(null=True, db_index=True)
    attempts = models.IntegerField(default=0, db_default=0)
    sent = models.DateTimeField(null=True, db_index=True)

    class Meta:
        db_table = "mailadmin_outgoing_mail"
        indexes = [models.Index(fields=["about", "sent"], name="mailadmin_mail_about")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} about {self.about or 'nobody'}"
