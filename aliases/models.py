"""Aliases: where mail to an address goes."""

import datetime as dt
from typing import Self

from django.db import models

from domains.models import granted_domains
from mailadmin.core.actor import Actor
from mailadmin.core.addresses import readable
from mailadmin.core.fields import NOT_SET, KeyField, Literal, PlainTextField, ServerDateTimeField
from mailadmin.core.prepared import prepared


class AliasQuerySet(models.QuerySet["Alias"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the aliases that the actor may see."""
        if actor.is_superadmin:
            return self
        return self.filter(domain__in=granted_domains(actor)) if actor.is_admin else self.none()

    def managed_by(self, actor: Actor) -> Self:
        """Return the aliases that the actor may change."""
        return self.visible_to(actor)


class Alias(models.Model):
    """An alias, a catch-all (`@domain`), or the row that every mailbox has for itself."""

    address = KeyField(primary_key=True)
    goto = PlainTextField()
    domain = KeyField()
    created = ServerDateTimeField(db_default=Literal(NOT_SET))
    modified = ServerDateTimeField(db_default=Literal(NOT_SET))
    active = models.BooleanField(default=True, db_default=True)
    description = models.CharField(max_length=255, default="", db_default="")

    objects = AliasQuerySet.as_manager()

    class Meta:
        db_table = "alias"
        indexes = [
            models.Index(fields=["domain"], name="alias_domain_name"),
            models.Index(fields=["domain", "address"], name="mailadmin_alias_key"),
            models.Index(fields=["domain", "active", "address"], name="mailadmin_alias_active"),
        ]

    def __str__(self) -> str:
        return readable(self.address)

    @property
    def targets(self) -> list[str]:
        """Return the targets in the order of the row, as they stand there."""
        return [target.strip() for target in self.goto.split(",") if target.strip()]

    @property
    def is_catch_all(self) -> bool:
        return self.address.startswith("@")


@prepared
def alias_managed_by(actor: Actor, address: str) -> models.QuerySet[Alias]:
    """Return the alias row of an address if the actor may change it, that of a mailbox too."""
    return Alias.objects.managed_by(actor).filter(address=address)


class AliasTarget(models.Model):
    """Derived from `alias.goto`: which address points where. Every use rechecks the alias row.

    A target with an address extension (`anna+news@`) is also listed without it.
    """

    target = KeyField()
    target_domain = KeyField()
    address = KeyField()

    class Meta:
        db_table = "mailadmin_alias_target"
        constraints = [models.UniqueConstraint(fields=["target", "address"], name="mailadmin_alias_target_pair")]
        indexes = [
            models.Index(fields=["address"], name="mailadmin_alias_target_address"),
            models.Index(fields=["target_domain"], name="mailadmin_alias_target_domain"),
        ]


class OwnAlias(models.Model):
    """An alias row that the owner of a mailbox made, and that leads to the mailbox alone; None for `ends` is no end.

    `created` of both rows is remembered: an alias or a mailbox made anew under the name has nothing to do with this.
    """

    address = KeyField(primary_key=True)
    alias_created = ServerDateTimeField()
    owner = KeyField()
    owner_created = ServerDateTimeField()
    ends = models.DateTimeField(null=True)

    class Meta:
        db_table = "mailadmin_own_alias"
        indexes = [models.Index(fields=["owner"], name="mailadmin_own_alias_owner")]

    def has_ended(self, now: dt.datetime) -> bool:
        return self.ends is not None and self.ends <= now
