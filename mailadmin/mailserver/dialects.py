"""The few places where MariaDB, PostgreSQL and SQLite write the same query differently."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """How one engine writes what the lookups and the vacation view need.

    `engine` is the name that both Postfix and our settings use: mysql, pgsql or sqlite. `now` is the present as legacy
    date columns can be compared with it, `utc_now` as our own can, `when` a value under a condition or NULL, `char` a
    character by its number, `gather` the values of all rows in one text, `local_part` and `domain` the halves of an
    address, `moment` a date column as text, `whole_second` a date column without the fraction that it may have.
    """

    engine: str
    now: str
    utc_now: str
    on: Callable[[str], str]
    off: Callable[[str], str]
    join: Callable[..., str]
    when: Callable[[str, str], str]
    at_least_zero: Callable[[str], str]
    char: Callable[[int], str]
    gather: Callable[[str], str]
    local_part: Callable[[str], str]
    domain: Callable[[str], str]
    moment: Callable[[str], str]
    whole_second: Callable[[str], str]


def _pipes(*parts: str) -> str:
    return " || ".join(parts)


def _case(condition: str, value: str) -> str:
    return f"CASE WHEN {condition} THEN {value} END"


def _is_one(column: str) -> str:
    return f"{column} = 1"


def _is_zero(column: str) -> str:
    return f"{column} = 0"


MYSQL = Dialect(
    engine="mysql",
    now="NOW()",
    utc_now="UTC_TIMESTAMP()",
    on=_is_one,
    off=_is_zero,
    join=lambda *parts: f"CONCAT({', '.join(parts)})",
    # Planned faster than CASE.
    when=lambda condition, value: f"IF({condition}, {value}, NULL)",
    at_least_zero=lambda column: f"GREATEST({column}, 0)",
    # Without USING the result is binary and takes the charset off what it is joined with.
    char=lambda number: f"CHAR({number} USING utf8mb4)",
    gather=lambda text: f"GROUP_CONCAT({text} SEPARATOR '')",
    local_part=lambda address: f"SUBSTRING_INDEX({address}, '@', 1)",
    domain=lambda address: f"SUBSTRING_INDEX({address}, '@', -1)",
    moment=lambda column: f"CAST({column} AS CHAR)",
    # PostfixAdmin's columns have none.
    whole_second=lambda column: column,
)
# PostgreSQL's columns are boolean: they have no "= 1".
PGSQL = Dialect(
    engine="pgsql",
    now="now()",
    utc_now="now()",
    on=lambda column: column,
    off=lambda column: f"NOT {column}",
    join=_pipes,
    when=_case,
    at_least_zero=lambda column: f"GREATEST({column}, 0)",
    char=lambda number: f"chr({number})",
    gather=lambda text: f"string_agg({text}, '')",
    local_part=lambda address: f"split_part({address}, '@', 1)",
    domain=lambda address: f"split_part({address}, '@', 2)",
    # In one zone, so that the text does not change with the reader's.
    moment=lambda column: f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')",
    whole_second=lambda column: f"date_trunc('second', {column})",
)
# SQLite keeps legacy dates as UTC text, which sorts as the moments do.
SQLITE = Dialect(
    engine="sqlite",
    now="datetime('now')",
    utc_now="datetime('now')",
    on=_is_one,
    off=_is_zero,
    join=_pipes,
    when=_case,
    at_least_zero=lambda column: f"max({column}, 0)",
    char=lambda number: f"char({number})",
    gather=lambda text: f"group_concat({text}, '')",
    local_part=lambda address: f"substr({address}, 1, instr({address}, '@') - 1)",
    domain=lambda address: f"substr({address}, instr({address}, '@') + 1)",
    moment=lambda column: column,
    whole_second=lambda column: f"substr({column}, 1, 19)",
)

DIALECTS = {dialect.engine: dialect for dialect in (MYSQL, PGSQL, SQLITE)}
VENDOR_ENGINES = {"mysql": "mysql", "postgresql": "pgsql", "sqlite": "sqlite"}
"""From Django's `connection.vendor` to our engine names."""
