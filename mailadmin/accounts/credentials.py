"""What the admin and mailbox rows say about signing in."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum


class AccountKind(StrEnum):
    ADMIN = "admin"
    MAILBOX = "mailbox"


@dataclass(frozen=True, slots=True)
class Credential:
    """One row a person can sign in with; `superadmin` is False for mailboxes.

    `expires` is when the password gets too old, None where the domain sets no period.
    """

    kind: AccountKind
    username: str
    password: str = field(repr=False)
    created: dt.datetime | None
    superadmin: bool = False
    expires: dt.datetime | None = None

    @property
    def login(self) -> str:
        return f"{self.kind}:{self.username}"
