"""A set-up link used by many at the same moment, through two processes of four threads: one password is set."""

import re
from concurrent.futures import ThreadPoolExecutor

from tests.e2e.web import Web
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel
from tests.servers.postgres import Postgres
from tests.servers.sqlite import SQLite

REQUESTS = 10


def password(number: int) -> str:
    return f"quiet lighthouse {number} keeper"


def test_one_of_many_wins(database_server: MariaDB | Postgres | SQLite) -> None:
    with Panel(database_server.create_database("setup_link"), workers=2, threads=4) as panel:
        panel.manage("domain", "create", "first.example")
        panel.manage("mailbox", "create", "anna@first.example", "--generate-password")
        path = panel.manage_json("mailbox", "setup-link", "anna@first.example")["link"]
        people = [Web(panel.url) for _number in range(REQUESTS)]
        tokens = [web.token(path) for web in people]
        with ThreadPoolExecutor(REQUESTS) as pool:
            answers = list(
                pool.map(lambda n: people[n].post(path, token=tokens[n], password=password(n)), range(REQUESTS))
            )
        # Whoever comes after the fifth refusal has to wait.
        assert {status for status, _page in answers} <= {200, 404, 429}
        won = [number for number, (status, _page) in enumerate(answers) if status == 200]
        assert len(won) == 1
        assert re.search("Your password is set", answers[won[0]][1])
        # Nobody has signed in yet: of some who do at the same moment, none meets an error.
        twice = [Web(panel.url) for _number in range(3)]
        tokens = [web.token("/login/") for web in twice]
        with ThreadPoolExecutor(3) as pool:
            name, right_one = "anna@first.example", password(won[0])
            pages = pool.map(
                lambda n: twice[n].post("/login/", token=tokens[n], username=name, password=right_one), range(3)
            )
            assert not [told for told in pages if "/logout/" not in told[1]]
        for number in range(3):
            right = number == won[0]
            _status, page = Web(panel.url).post("/login/", username="anna@first.example", password=password(number))
            assert ("/logout/" in page) == right
        Web(panel.url).sign_in("anna@first.example", password(won[0]))
