"""Domains, alias domains, and who administers them."""

from typing import Any, Self

from django.conf import settings
from django.db import models

from mailadmin.core.actor import Actor
from mailadmin.core.addresses import readable_domain
from mailadmin.core.fields import (
    NOT_SET,
    CascadingIntegerField,
    CascadingKeyField,
    KeyField,
    Literal,
    PlainTextField,
    ServerDateTimeField,
)
from mailadmin.core.limits import Limit
from mailadmin.core.prepared import prepared

ALL_DOMAINS = "ALL"
"""PostfixAdmin's mark of a superadmin in `domain_admins`, and the `domain` row that goes with it."""


class DomainAdmin(models.Model):
    """A domain granted to an admin."""

    username = KeyField()
    domain = KeyField()
    created = ServerDateTimeField(db_default=Literal(NOT_SET))
    active = models.BooleanField(default=True, db_default=True)
    id = models.AutoField(primary_key=True)

    class Meta:
        db_table = "domain_admins"
        indexes = [
            models.Index(fields=["username"], name="domain_admins_username"),
            models.Index(fields=["username", "domain", "active"], name="idx_domadm_user_domain_active"),
            models.Index(fields=["domain"], name="mailadmin_domain_admins_domain"),
        ]


def granted_domains(actor: Actor) -> models.QuerySet[DomainAdmin, Any]:
    """Return the names of the domains granted to a domain admin, as a subquery."""
    return DomainAdmin.objects.filter(username=actor.username, active=True).values("domain")


class DomainQuerySet(models.QuerySet["Domain"]):
    def real(self) -> Self:
        """Leave out PostfixAdmin's ALL row."""
        return self.exclude(domain=ALL_DOMAINS)

    def visible_to(self, actor: Actor) -> Self:
        """Return the domains that the actor may see."""
        if actor.is_superadmin:
            return self.real()
        return self.real().filter(domain__in=granted_domains(actor)) if actor.is_admin else self.none()

    def managed_by(self, actor: Actor) -> Self:
        """Return the domains in which the actor may change things; changing the domain itself is a permission."""
        return self.visible_to(actor)


class Domain(models.Model):
    """A mail domain and its limits: counts, and quotas in units of MAILADMIN_QUOTA_MULTIPLIER bytes."""

    domain = KeyField(primary_key=True)
    description = models.CharField(max_length=255)
    aliases = models.IntegerField(default=0, db_default=0)
    mailboxes = models.IntegerField(default=0, db_default=0)
    maxquota = models.BigIntegerField(default=0, db_default=0)
    quota = models.BigIntegerField(default=0, db_default=0)
    transport = models.CharField(max_length=255)
    backupmx = models.BooleanField(default=False, db_default=False)
    created = ServerDateTimeField(db_default=Literal(NOT_SET))
    modified = ServerDateTimeField(db_default=Literal(NOT_SET))
    active = models.BooleanField(default=True, db_default=True)
    password_expiry = models.IntegerField(null=True, default=0, db_default=0)

    objects = DomainQuerySet.as_manager()

    class Meta:
        db_table = "domain"
        indexes = [
            models.Index(fields=["active", "domain"], name="mailadmin_domain_active"),
            models.Index(fields=["backupmx", "domain"], name="mailadmin_domain_backupmx"),
        ]

    def __str__(self) -> str:
        return readable_domain(self.domain)

    @property
    def readable(self) -> str:
        return readable_domain(self.domain)

    @property
    def password_days(self) -> int:
        """Return how many days a password lasts, 0 for ever."""
        return max(self.password_expiry or 0, 0)

    @property
    def mailbox_limit(self) -> Limit:
        return Limit(self.mailboxes)

    @property
    def alias_limit(self) -> Limit:
        return Limit(self.aliases)

    @property
    def maxquota_limit(self) -> Limit:
        """Return the largest quota a mailbox may have, in bytes."""
        return _in_bytes(self.maxquota)

    @property
    def quota_limit(self) -> Limit:
        """Return the sum that the quotas of all mailboxes may reach, in bytes."""
        return _in_bytes(self.quota)


def _in_bytes(units: int) -> Limit:
    return Limit(units * settings.MAILADMIN_QUOTA_MULTIPLIER if units > 0 else units)


@prepared
def named_domain(name: str) -> models.QuerySet[Domain]:
    """Return the domain of a name, whoever asks."""
    return Domain.objects.filter(domain=name)


@prepared
def domain_managed_by(actor: Actor, name: str) -> models.QuerySet[Domain]:
    """Return the domain of a name if the actor may change things in it."""
    return Domain.objects.managed_by(actor).filter(domain=name)


class AliasDomainQuerySet(models.QuerySet["AliasDomain"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the alias domains of which the actor administers either side."""
        if actor.is_superadmin:
            return self
        if not actor.is_admin:
            return self.none()
        granted = granted_domains(actor)
        return self.filter(models.Q(alias_domain__in=granted) | models.Q(target_domain__in=granted))

    def managed_by(self, actor: Actor) -> Self:
        """Return the alias domains of which the actor administers both sides."""
        if actor.is_superadmin:
            return self
        if not actor.is_admin:
            return self.none()
        granted = granted_domains(actor)
        return self.filter(alias_domain__in=granted, target_domain__in=granted)


class AliasDomain(models.Model):
    """Every address of `target_domain` also exists at `alias_domain`."""

    alias_domain = KeyField(primary_key=True, db_default="")
    target_domain = KeyField(db_default="")
    created = ServerDateTimeField(db_default=Literal(NOT_SET))
    modified = ServerDateTimeField(db_default=Literal(NOT_SET))
    active = models.BooleanField(default=True, db_default=True)
    description = models.CharField(max_length=255, default="", db_default="")

    objects = AliasDomainQuerySet.as_manager()

    class Meta:
        db_table = "alias_domain"
        indexes = [
            models.Index(fields=["active"], name="alias_domain_active"),
            models.Index(fields=["target_domain"], name="alias_domain_target_domain"),
        ]

    def __str__(self) -> str:
        return readable_domain(self.alias_domain)


class DomainGuard(models.Model):
    """The row that every counting change of a domain writes first, so that they happen one after the other.

    Audit events up to `history_from` tell of an earlier domain of the name: only superadmins read them.

    `mailboxes`, `aliases` (as the limits count them) and `promised` (bytes) are what the worker's sweep counted at
    `counted` and operations have added since; without that moment they say nothing. What Dovecot writes only the
    sweep sees: `nearly_full` is its number of mailboxes near their quota, `fullest` the use of the fullest in
    per mille.
    """

    domain = KeyField(primary_key=True)
    version = models.BigIntegerField(default=0, db_default=0)
    history_from = models.BigIntegerField(default=0, db_default=0)
    mailboxes = models.BigIntegerField(default=0, db_default=0)
    aliases = models.BigIntegerField(default=0, db_default=0)
    promised = models.BigIntegerField(default=0, db_default=0)
    nearly_full = models.BigIntegerField(default=0, db_default=0)
    fullest = models.BigIntegerField(default=0, db_default=0)
    counted = models.DateTimeField(null=True)

    class Meta:
        db_table = "mailadmin_domain"


class DomainRules(models.Model):
    """What the people of a domain may do by themselves; a domain without a row has the defaults.

    `forward_max` counts the targets of a forward: None as many as an alias may have, 0 no forwarding. `own_aliases` is
    how many a person may make. The least length, strength and history of passwords count where they are stricter than
    the installation's; None leaves it at those. A host name of "" is the installation's. Who set the rules that people
    meet is kept to tell them.
    """

    domain = KeyField(primary_key=True)
    forward_outside = models.BooleanField(default=True)
    forward_max = models.IntegerField(null=True)
    forward_set_by = models.CharField(max_length=255, default="")
    own_aliases = models.IntegerField(default=0)
    own_aliases_set_by = models.CharField(max_length=255, default="")
    password_min_length = models.IntegerField(null=True)
    password_min_strength = models.IntegerField(null=True)
    password_history = models.IntegerField(null=True)
    imap_host = models.CharField(max_length=255, default="")
    pop3_host = models.CharField(max_length=255, default="")
    smtp_host = models.CharField(max_length=255, default="")

    class Meta:
        db_table = "mailadmin_domain_rules"


class Dkim(models.Model):
    """PostfixAdmin's OpenDKIM key."""

    id = models.AutoField(primary_key=True)
    domain_name = CascadingKeyField(parent="domain.domain")
    description = models.CharField(max_length=255, null=True, default="", db_default="")
    selector = models.CharField(max_length=63, default="default", db_default="default")
    private_key = PlainTextField(null=True)  # type: ignore[misc]
    public_key = PlainTextField(null=True)  # type: ignore[misc]
    created = ServerDateTimeField(db_default=Literal(NOT_SET))
    modified = ServerDateTimeField(db_default=Literal(NOT_SET))

    class Meta:
        db_table = "dkim"
        indexes = [models.Index(fields=["domain_name", "description"], name="dkim_domain_name")]


class DkimSigning(models.Model):
    """PostfixAdmin's OpenDKIM signing rule: a domain or mailbox and its key."""

    id = models.AutoField(primary_key=True)
    author = KeyField(default="", db_default="")
    dkim_id = CascadingIntegerField(parent="dkim.id")
    created = ServerDateTimeField(db_default=Literal(NOT_SET))
    modified = ServerDateTimeField(db_default=Literal(NOT_SET))

    class Meta:
        db_table = "dkim_signing"
        indexes = [
            models.Index(fields=["author"], name="dkim_signing_author"),
            models.Index(fields=["dkim_id"], name="dkim_signing_dkim_id"),
        ]


class Config(models.Model):
    """PostfixAdmin's schema version, kept so that it can be switched on again."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=20, default="", db_default="", unique=True)
    value = models.CharField(max_length=20, default="", db_default="")

    class Meta:
        db_table = "config"
