"""The map files of an old Postfix and Courier guide, exactly as they stand but for where the database is."""

from pathlib import Path

import pytest
from django.db import connection

from mailadmin.mailserver import conf
from tests.mailserver import model
from tests.mailserver.population import engine
from tests.servers.postfix import cool_down, postmap

pytestmark = pytest.mark.django_db

# Name, and table, select_field, where_field, additional_conditions.
MAPS = {
    "alias": ("alias", "goto", "address", ""),
    "domains": ("domain", "domain", "domain", ""),
    "domains_strict": ("domain", "domain", "domain", "and backupmx = '0' and active = '1'"),
    "mailboxes": ("mailbox", "maildir", "username", ""),
    "mailboxes_strict": ("mailbox", "maildir", "username", "and active = '1'"),
    "limits": ("mailbox", "quota", "username", ""),
    "relay": ("domain", "domain", "domain", "and backupmx = '1'"),
}


def expected(world: model.Population, name: str, key: str) -> str:
    """Return what the guide means the map to answer; a row that is off counts where the map does not ask."""
    domain, mailbox, alias = world.domains.get(key), world.mailboxes.get(key), world.aliases.get(key)
    answers = {
        "alias": alias.goto if alias else "",
        "domains": key if domain else "",
        "domains_strict": key if domain and domain.active and not domain.backupmx else "",
        "mailboxes": mailbox.maildir if mailbox else "",
        "mailboxes_strict": mailbox.maildir if mailbox and mailbox.active else "",
        "limits": str(mailbox.quota) if mailbox else "",
        "relay": key if domain and domain.backupmx else "",
    }
    return answers[name]


def map_file(name: str) -> str:
    """Return the file in the old form, without a query; SQLite's maps have the same words but no users."""
    table, select_field, where_field, conditions = MAPS[name]
    server = conf.load()
    database = conf.database(server)
    where = f"dbpath = {database.name}"
    if database.engine != "sqlite":
        where = f"user = {connection.settings_dict['USER']}\npassword = {connection.settings_dict['PASSWORD']}\n"
        where += f"hosts = inet:{database.host}:{database.port}\ndbname = {database.name}"
    lines = [where, f"table = {table}", f"select_field = {select_field}", f"where_field = {where_field}"]
    return "\n".join([*lines, f"additional_conditions = {conditions}"] if conditions else lines) + "\n"


@pytest.mark.parametrize("name", MAPS)
def test_the_old_maps_answer_rightly(name: str, world: model.Population, generated: Path, short_dir: Path) -> None:
    (short_dir / "main.cf").write_text("compatibility_level = 3.6\nsmtputf8_enable = no\n")
    (short_dir / "map.cf").write_text(map_file(name))
    cool_down(short_dir)
    keys = sorted({*world.domains, *world.mailboxes, *world.aliases, "nobody@p1.example", "usér@p1.example"})
    answers = postmap(short_dir, f"{engine()}:{short_dir}/map.cf", keys)
    assert {key: answers.get(key, "") for key in keys} == {key: expected(world, name, key) for key in keys}
