"""What the database knows of a vacation, and who was answered already."""

from __future__ import annotations

from mailadmin.core.extension import without_extension
from mailadmin.responder.clients import connect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailadmin.responder.clients import Config

_MOST_ADDRESSES = 500
"""Addresses of one message that are looked up as aliases."""

_EVERY_MESSAGE = 1
"""The interval of those who answer every message, as PostfixAdmin writes it."""

_NOW = {"mysql": "NOW()", "pgsql": "now()", "sqlite": "datetime('now')"}
_BEFORE = {
    "mysql": "NOW() - INTERVAL {seconds} SECOND",
    "pgsql": "now() - {seconds} * interval '1 second'",
    "sqlite": "datetime('now', '-{seconds} seconds')",
}


class Vacation:
    """The reply of a person who is away now; `begun` is the beginning as the database writes it."""

    def __init__(self, subject: str, body: str, inside_body: str, interval: int, begun: str, name: str) -> None:
        self.subject, self.body, self.inside_body = subject, body, inside_body
        self.interval, self.begun, self.name = interval, begun, name


class Vacations:
    """A connection to the database, for one message. Its methods raise TryLater."""

    def __init__(self, config: Config) -> None:
        self._engine = config["engine"]
        self._db = connect(config)
        self._now = _NOW[self._engine]
        self._claimed = ("", "")

    def find(self, user: str) -> Vacation | None:
        """Return the vacation of a mailbox if it is on now."""
        statement = f"""
SELECT v.subject, v.body, COALESCE(x.inside_body, ''), v.interval_time, v.activefrom, b.name
FROM vacation v
JOIN mailbox b ON b.username = v.email AND {self._on("b.active")}
LEFT JOIN mailadmin_vacation x ON x.email = v.email
WHERE v.email = %s AND {self._on("v.active")} AND {self._now} BETWEEN v.activefrom AND v.activeuntil"""
        rows = self._db.rows(statement, user)
        if not rows:
            return None
        subject, body, inside_body, interval, begun, name = rows[0]
        return Vacation(subject, body, inside_body, max(int(interval), 0), begun, name)

    def whose(self, user: str, addresses: Iterable[str]) -> dict[str, str]:
        """Return which of the addresses lead to a mailbox: `own`, `alias`, or `copy` for another mailbox's.

        Aliases count that lead straight to it, and both at alias domains.
        """
        wanted = {address: without_extension(address) for address in list(dict.fromkeys(addresses))[:_MOST_ADDRESSES]}
        found = {address: "own" for address, base in wanted.items() if base == user}
        others = {address: base for address, base in wanted.items() if address not in found}
        if not others:
            return found
        mirrored = self.targets_of(base.rpartition("@")[2] for base in others.values())
        keys = {}
        for address, base in others.items():
            local_part, _at, domain = base.rpartition("@")
            at_target = f"{local_part}@{mirrored[domain]}" if domain in mirrored else base
            if at_target == user:
                found[address] = "own"
            keys[address] = (address, base, at_target)
        leading = self._leading(user, {key for names in keys.values() for key in names})
        for address, names in keys.items():
            kinds = [leading[name] for name in names if name in leading]
            if kinds and address not in found:
                found[address] = kinds[0]
        return found

    def targets_of(self, domains: Iterable[str]) -> dict[str, str]:
        """Return the target domains of those of the domains that are alias domains."""
        names = list(dict.fromkeys(domains))
        statement = f"""
SELECT alias_domain, target_domain FROM alias_domain
WHERE {self._on("active")} AND alias_domain IN ({", ".join(["%s"] * len(names))})"""
        return {name.lower(): target.lower() for name, target in self._db.rows(statement, *names)}

    def _leading(self, user: str, addresses: set[str]) -> dict[str, str]:
        names = sorted(addresses)
        statement = f"""
SELECT a.address, a.goto, CASE WHEN b.username IS NULL THEN 'alias' ELSE 'copy' END
FROM alias a
LEFT JOIN mailbox b ON b.username = a.address
WHERE {self._on("a.active")} AND a.address IN ({", ".join(["%s"] * len(names))})"""
        return {
            address.lower(): kind
            for address, goto, kind in self._db.rows(statement, *names)
            if user in (without_extension(target.strip().lower()) for target in goto.split(","))
        }

    def claim(self, user: str, sender: str, vacation: Vacation) -> bool:
        """Return whether the sender is to be answered now, and write so down; counts when `keep` is called.

        Until then a second message of the same sender waits here. SQLite, which would have everybody wait, only looks:
        there Postfix runs one program at a time.
        """
        self._claimed = (user, sender)
        answers_all = vacation.interval == _EVERY_MESSAGE
        due = f"notified_at < %s OR {vacation.interval} > 0 AND notified_at <= " + _BEFORE[self._engine].format(
            seconds=vacation.interval
        )
        if self._engine == "sqlite":
            statement = f"SELECT 1 FROM vacation_notification WHERE on_vacation = %s AND notified = %s AND NOT ({due})"
            return answers_all or not self._db.rows(statement, user, sender, vacation.begun)
        self._db.change("BEGIN")
        insert = f"INSERT INTO vacation_notification (on_vacation, notified, notified_at) VALUES (%s, %s, {self._now})"
        if self._engine == "mysql":
            statement = f"{insert} ON DUPLICATE KEY UPDATE notified_at = IF({due}, {self._now}, notified_at)"
        else:
            due = due.replace("notified_at", "vacation_notification.notified_at")
            statement = (
                f"{insert} ON CONFLICT (on_vacation, notified) DO UPDATE SET notified_at = {self._now} WHERE {due}"
            )
        if self._db.change(statement, user, sender, vacation.begun) or answers_all:
            return True
        self._db.change("ROLLBACK")
        return False

    def close(self) -> None:
        """End the connection, and with it what was not kept."""
        self._db.close()

    def keep(self) -> None:
        """Make the claim last: the reply was taken."""
        if self._engine != "sqlite":
            self._db.change("COMMIT")
            return
        self._db.change(
            "INSERT INTO vacation_notification (on_vacation, notified, notified_at) VALUES (%s, %s, datetime('now'))"
            " ON CONFLICT (on_vacation, notified) DO UPDATE SET notified_at = datetime('now')",
            *self._claimed,
        )

    def give_back(self) -> None:
        """Take the claim back: the reply could not be sent."""
        if self._engine == "sqlite":
            return
        if self._engine == "mysql":
            # For an old MyISAM table, which knows no ROLLBACK; elsewhere it is undone as well. After that the row may
            # be one of a second message, which waited here.
            self._db.change(
                "UPDATE vacation_notification SET notified_at = '2000-01-01 00:00:00'"
                " WHERE on_vacation = %s AND notified = %s",
                *self._claimed,
            )
        self._db.change("ROLLBACK")

    def _on(self, column: str) -> str:
        return column if self._engine == "pgsql" else f"{column} = 1"
