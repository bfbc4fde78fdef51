"""What a lookup is: a name, who asks it, and its SQL for each engine.

Placeholders are those of the program that runs the query: Postfix's in mysql_table(5), Dovecot's variables in
`Variables` of its wiki. They stand only inside quoted literals, which is what lets `run` bind them as parameters.
Columns of the big tables are compared as they are, with constants on the other side, so each query uses the key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mailadmin.mailserver.dialects import DIALECTS, Dialect


class Runner(StrEnum):
    POSTFIX = "postfix"
    DOVECOT = "dovecot"


@dataclass(frozen=True)
class Lookup:
    """A query: what it is asked, what it answers, and its SQL per engine (mysql, pgsql, sqlite).

    `sql` may hold names in braces, such as `{mail_base}`, which `text` fills in from the settings.
    """

    name: str
    runner: Runner
    asked: str
    answers: str
    sql: Mapping[str, str]


Writer = Callable[[Dialect], str]


def postfix(name: str, asked: str, answers: str, write: Writer) -> Lookup:
    """Make a lookup of Postfix."""
    return _lookup(name, Runner.POSTFIX, asked, answers, write)


def dovecot(name: str, asked: str, answers: str, write: Writer) -> Lookup:
    """Make a query of Dovecot."""
    return _lookup(name, Runner.DOVECOT, asked, answers, write)


def _lookup(name: str, runner: Runner, asked: str, answers: str, write: Writer) -> Lookup:
    sql = {engine: write(dialect).strip() for engine, dialect in DIALECTS.items()}
    return Lookup(name, runner, asked, answers, sql)
