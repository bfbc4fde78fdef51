"""Who does something: handed explicitly to every operation and every scope."""

import uuid
from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    SUPERADMIN = "superadmin"
    ADMIN = "admin"
    USER = "user"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person or program behind a request.

    `via` is the interface (web, cli). Events of one request share `request_id`, those of one bulk change `batch_id`.
    """

    kind: ActorKind
    username: str
    ip: str = ""
    via: str = "web"
    request_id: str = ""
    batch_id: str = ""

    @classmethod
    def cli(cls) -> "Actor":
        """Return the actor of the command line: whoever can run it owns the server."""
        return cls(ActorKind.SUPERADMIN, "CLI", ip="localhost", via="cli", request_id=uuid.uuid4().hex)

    @classmethod
    def anonymous(cls, ip: str = "", request_id: str = "") -> "Actor":
        """Return the actor of a request that nobody signed in for."""
        return cls(ActorKind.ANONYMOUS, "", ip=ip, request_id=request_id)

    @property
    def is_superadmin(self) -> bool:
        return self.kind is ActorKind.SUPERADMIN

    @property
    def is_admin(self) -> bool:
        return self.kind is ActorKind.ADMIN

    @property
    def is_user(self) -> bool:
        return self.kind is ActorKind.USER
