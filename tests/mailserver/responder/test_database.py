"""The vacation program's own connection to the database."""

import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from mailadmin.responder.clients import connect
from mailadmin.responder.errors import TryLater
from mailadmin.responder.vacations import Vacations
from tests.mailserver.replies import replies_to
from tests.mailserver.responder.letters import away, write
from tests.mailserver.vacation_cases import USER
from tests.servers.sink import Sink


def test_without_a_database_it_comes_later(config: dict[str, str], tmp_path: Any) -> None:
    away_from = {"port": "1", "host": "127.0.0.1", "database": str(tmp_path / "no" / "such")}
    with pytest.raises(TryLater, match=r"^database: "):
        write(config | away_from)


@pytest.mark.mysql
def test_an_sqlite_file_that_is_missing_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "a%41 ?mode=rwc#b.sqlite3"
    with pytest.raises(TryLater, match=r"^database: "):
        connect({"engine": "sqlite", "database": str(path)})
    assert not list(tmp_path.iterdir())
    path.touch()
    with closing(connect({"engine": "sqlite", "database": str(path)})) as database:
        database.change("CREATE TABLE found (n integer)")
    assert path.stat().st_size and list(tmp_path.iterdir()) == [path]


def test_two_messages_at_once_are_answered_once(config: dict[str, str], sink: Sink) -> None:
    if connection.vendor == "sqlite":
        # Postfix starts one at a time there: main.cf says so.
        return
    away(interval_time=0)
    done: list[str] = []
    threads = [threading.Thread(target=lambda: done.append(write(config))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["answered", *["not answered: answered before"] * 7]
    assert len(replies_to(sink, "one@out.example")) == 1


def test_a_reply_that_fails_takes_nothing_from_one_that_waited(config: dict[str, str]) -> None:
    if connection.vendor == "sqlite":
        return
    away(interval_time=0)
    with closing(Vacations(config)) as first, closing(Vacations(config)) as second:
        vacation = first.find(USER)
        assert vacation is not None
        assert first.claim(USER, "one@out.example", vacation)

        def answer_too() -> None:
            if second.claim(USER, "one@out.example", vacation):
                second.keep()

        waiting = threading.Thread(target=answer_too)
        waiting.start()
        time.sleep(0.5)
        first.give_back()
        waiting.join()
        assert not first.claim(USER, "one@out.example", vacation)


def test_it_may_read_and_write_no_more(config: dict[str, str]) -> None:
    if connection.vendor == "sqlite":
        return
    db = Vacations(config)._db
    for statement in (
        "SELECT password FROM mailbox",
        "SELECT cache FROM vacation",
        "SELECT username FROM admin",
        "SELECT id FROM mailadmin_audit_event",
        "UPDATE vacation SET active = active",
        "DELETE FROM vacation_notification",
    ):
        with pytest.raises(TryLater, match=r"(?i)denied"):
            db.rows(statement)


def test_values_are_only_values(config: dict[str, str]) -> None:
    db = Vacations(config)._db
    evil = "'; DROP TABLE vacation; -- \\' \" %s ${x} \u00e4\U0001f600"
    assert db.rows("SELECT %s AS a, '' AS b, %s AS c", evil, "") == [(evil, "", "")]
