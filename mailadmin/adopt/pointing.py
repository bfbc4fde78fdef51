"""Aliases with a target in a domain of this server that nobody has."""

from collections.abc import Iterator

from mailadmin.adopt.finding import EXAMPLES, Database, Finding
from mailadmin.core.batches import in_batches

_CHUNK = 5_000
_ASKED = 500


def aliases_pointing_nowhere(db: Database) -> list[Finding]:
    """Find aliases with a local target that is neither mailbox nor alias, nor either at an alias domain's target."""
    count, examples = _own_address(db)
    local = _LocalDomains(db)
    for rows in _chunks(db):
        wanted = {address: local.targets(address, goto) for address, goto in rows}
        gone = local.missing({target for targets in wanted.values() for target in targets})
        for address, targets in wanted.items():
            if lost := sorted(targets & gone):
                count += 1
                examples.append(f"{address} to {lost[0]}")
                del examples[EXAMPLES:]
    if not count:
        return []
    title = "aliases with a target here that nobody has"
    answer = "Kept. Mail to such a target comes back to its sender, as before."
    return [Finding("aliases_pointing_nowhere", title, count, tuple(examples), answer)]


def _own_address(db: Database) -> tuple[int, list[str]]:
    """Count the aliases that point only at themselves and have no mailbox."""
    there = db.same("alias.address", "mailbox.username")
    source = f"alias LEFT JOIN mailbox ON {there} WHERE alias.goto = alias.address AND mailbox.username IS NULL"
    finding = db.found("", "", "", "alias.address", source)
    return (finding.count, [f"{name} to itself" for name in finding.examples]) if finding else (0, [])


def _chunks(db: Database) -> Iterator[list[tuple[str, str]]]:
    """Yield the aliases that point elsewhere than at themselves alone, in the order of their keys."""
    last = ""
    while True:
        sql = f"SELECT address, goto FROM alias WHERE address > %s AND goto <> address ORDER BY address LIMIT {_CHUNK}"
        rows = db.rows(sql, [last])
        if not rows:
            return
        yield [(row[0], row[1]) for row in rows]
        last = rows[-1][0]


class _LocalDomains:
    """The domains whose mail ends here, and where their alias domains lead."""

    def __init__(self, db: Database) -> None:
        self._db = db
        backup = " WHERE NOT backupmx" if db.schema.vendor == "postgresql" else " WHERE backupmx = 0"
        self._names = {str(row[0]).lower() for row in db.rows(f"SELECT domain FROM domain{backup}")} - {"all"}
        self._mirrors = {}
        if "alias_domain" in db.schema.tables:
            rows = db.rows("SELECT alias_domain, target_domain FROM alias_domain")
            self._mirrors = {str(alias).lower(): str(target).lower() for alias, target in rows}
        catch_alls = db.rows("SELECT address FROM alias WHERE address LIKE '@%%'")
        self._catch_all = {str(row[0])[1:].lower() for row in catch_alls}

    def targets(self, _address: str, goto: str) -> set[str]:
        """Return the targets that end here and for which no catch-all stands."""
        found = {target.strip().lower() for target in goto.split(",")}
        return {target for target in found if "@" in target[1:] and self._is_open(target.rpartition("@")[2])}

    def _is_open(self, domain: str) -> bool:
        leads_to = {domain, self._mirrors.get(domain, domain)}
        return domain in self._names and not leads_to & self._catch_all

    def missing(self, targets: set[str]) -> set[str]:
        """Return those of the targets that nobody has."""
        asked = {target: self._keys(target) for target in targets}
        there: set[str] = set()
        wanted = {key for keys in asked.values() for key in keys}
        for batch in in_batches(wanted, _ASKED):
            places = ", ".join(["%s"] * len(batch))
            for table, column in (("mailbox", "username"), ("alias", "address")):
                rows = self._db.rows(f"SELECT {column} FROM {table} WHERE {column} IN ({places})", batch)
                there.update(str(row[0]).lower() for row in rows)
        return {target for target, keys in asked.items() if not keys & there}

    def _keys(self, target: str) -> set[str]:
        """Return the addresses that mail to the target looks for: with and without extension, there and mirrored."""
        local_part, _at, domain = target.rpartition("@")
        names = {local_part, local_part.split("+", 1)[0] or local_part}
        keys = {f"{name}@{at}" for name in names for at in {domain, self._mirrors.get(domain, domain)}}
        # A latin1 column cannot even be asked for other letters.
        return {key for key in keys if key.isascii()}
