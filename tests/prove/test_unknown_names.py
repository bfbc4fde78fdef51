"""Nobody learns from the time of an answer which names exist: 200 tries each, with rows in quick and slow schemes."""

import math
import os
import random
import statistics
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.web import Web
from tests.prove.report import write_section
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel

TRIES = int(os.environ.get("PROVE_TRIES", "200"))
FIRST_TRIES = 20
"""Without a floor: to see how long the slowest takes on this machine, and that the measure can tell."""
LEAST_FLOOR = 0.5
AT_ONCE = 8
SHUFFLES = 2000
CHANCE = 0.001
"""So rarely may times that do not differ look as if they did."""
BOUND = 0.01
"""Seconds between two medians that no stranger can make use of, even where they are no accident."""
SCHEMES = {"PLAIN-MD5": "quick", "MD5-CRYPT": "old", "SHA512-CRYPT": "usual", "BLF-CRYPT": "slow", "ARGON2ID": "new"}
MAKE = f"""
from mailadmin.core.actor import Actor
from mailadmin.core.passwords import hash_password
from domains.services import create_domain
from mailboxes.models import Mailbox
from mailboxes.services import create_mailbox
from mailadmin.accounts.services import create_admin
cli, password = Actor.cli(), "correct horse battery"
create_domain(cli, domain="here.example")
for scheme, name in [*{SCHEMES!r}.items(), ("ARGON2ID", "off")]:
    create_mailbox(cli, local_part=name, domain="here.example", password=password, active=name != "off",
        email_other=name + "@elsewhere.example" if name != "quick" else "")
    stored = hash_password(password, scheme, username=name + "@here.example")
    assert stored.startswith("{{") and scheme in stored.split("}}")[0]
    Mailbox.objects.filter(local_part=name).update(password=stored)
create_admin(cli, username="admin@ops.example", password=password, superadmin=True)
"""
NAMES = {
    **{f"mailbox, {scheme}": f"{name}@here.example" for scheme, name in SCHEMES.items()},
    "mailbox, switched off": "off@here.example",
    "admin": "admin@ops.example",
    "nobody, domain here": "nobody@here.example",
    "nobody, elsewhere": "nobody@elsewhere.example",
    "no address": "nobody",
}
Times = dict[str, list[float]]


class Stranger(Web):
    """Somebody at many networks, as the proxy in front of the panel tells."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.csrf = self.token("/login/")

    def time_of(self, path: str, network: int, **fields: str) -> tuple[float, str]:
        """Send a form and return how long the answer took, with what it is but for the token."""
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": self.csrf, **fields}).encode()
        ip = f"10.{network >> 16 & 255}.{network >> 8 & 255}.{network & 255}"
        request = urllib.request.Request(self.url + path, data=data, headers={"X-Forwarded-For": ip})
        started = time.perf_counter()
        status, page = self._open(request)
        assert status == 200, (status, page)
        return time.perf_counter() - started, page


@pytest.fixture(scope="module")
def panels(mariadb: MariaDB) -> Iterator[Callable[[float], Panel]]:
    """Serve a panel with that floor, on a database of its own with all kinds of accounts."""
    started: list[Panel] = []

    def serve(floor: float) -> Panel:
        settings = {"MAILADMIN_SIGNIN_FLOOR": str(floor), "MAILADMIN_TRUSTED_PROXIES": "127.0.0.1"}
        database = mariadb.create_database(f"unknown_names_{len(started)}")
        panel = Panel(database, settings=settings, threads=AT_ONCE)
        panel.env |= {
            "MAILADMIN_SMTP_URL": "smtp://127.0.0.1:1",
            "MAILADMIN_MAIL_FROM": "panel@here.example",
            "MAILADMIN_URL": panel.url,
        }
        started.append(panel)
        panel.start()
        panel.manage("shell", "-c", MAKE)
        return panel

    yield serve
    for panel in started:
        panel.close()


def measured(panel: Panel, path: str, tries: int, **fields: str) -> tuple[Times, set[str]]:
    """Try each name so often, in an order of chance, and return the times and the answers that there were."""
    turns = [kind for kind in NAMES for _number in range(tries)]
    random.shuffle(turns)
    strangers = [Stranger(panel.url) for _number in range(AT_ONCE)]
    pages: set[str] = set()

    def one(turn: tuple[int, str]) -> tuple[str, float]:
        number, kind = turn
        stranger = strangers.pop()
        try:
            seconds, page = stranger.time_of(path, number + 1, username=NAMES[kind], **fields)
        finally:
            strangers.append(stranger)
        pages.add(without_tokens(page, NAMES[kind]))
        return kind, seconds

    times: Times = {kind: [] for kind in NAMES}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for kind, seconds in pool.map(one, enumerate(turns)):
            times[kind].append(seconds)
    return times, pages


def without_tokens(page: str, typed: str) -> str:
    """Return the page without the token and without what the form repeats of what was typed."""
    parts = page.split('name="csrfmiddlewaretoken" value="')
    page = parts[0] + "".join(part.partition('"')[2] for part in parts[1:])
    return page.replace(f'value="{typed}"', 'value=""')


def spread(groups: Sequence[Sequence[float]]) -> float:
    medians = [statistics.median(group) for group in groups]
    return max(medians) - min(medians)


def chance(groups: Sequence[Sequence[float]]) -> float:
    """Return how often medians lie so far apart when the same times are dealt out by chance (a permutation test).

    It needs no assumption about how busy the machine is: the order of the tries was chance, too.
    """
    seen, everything = spread(groups), [value for group in groups for value in group]
    as_far = 0
    for _number in range(SHUFFLES):
        random.shuffle(everything)
        size = len(everything) // len(groups)
        as_far += spread([everything[i * size : (i + 1) * size] for i in range(len(groups))]) >= seen
    return (as_far + 1) / (SHUFFLES + 1)


def table(times: Times) -> str:
    lines = ["| name | shortest | median | 90% below |", "|---|---|---|---|"]
    for kind, values in times.items():
        ninth = statistics.quantiles(values, n=10)[-1]
        lines.append(f"| {kind} | {min(values):.4f} s | {statistics.median(values):.4f} s | {ninth:.4f} s |")
    return "\n".join(lines)


def verdict(times: Times) -> str:
    groups = list(times.values())
    return f"Medians lie {spread(groups) * 1000:.2f} ms apart; by chance alone as far or farther: {chance(groups):.3f}."


def cannot_be_told_apart(times: Times) -> bool:
    groups = list(times.values())
    return spread(groups) < BOUND or chance(groups) > CHANCE


def floor_above(times: Times) -> float:
    """Return seconds above what nearly every try took, as docs/settings.md asks of whoever sets the floor."""
    slowest = max(statistics.quantiles(values, n=20)[-1] for values in times.values())
    return max(LEAST_FLOOR, math.ceil(slowest * 1.2 * 10) / 10)


def test_sign_in_and_recovery_tell_nothing(panels: Callable[[float], Panel]) -> None:
    bare, _pages = measured(panels(0), "/login/", FIRST_TRIES, password="wrong")
    floor = floor_above(bare)
    panel = panels(floor)
    refused, pages = measured(panel, "/login/", TRIES, password="wrong")
    assert len(pages) == 1
    assert min(min(values) for values in refused.values()) >= floor
    asked, answers = measured(panel, "/recover/", TRIES)
    assert len(answers) == 1
    text = f"""
{TRIES} tries of each name in an order of chance, {AT_ONCE} at once, each from another network; the answers are the same
byte for byte but for the token and the name that was typed.

Refused sign-ins with a floor of {floor:g} s. {verdict(refused)}

{table(refused)}

Asking for recovery, which has no floor because it looks nothing up. {verdict(asked)}

{table(asked)}

That the measure can tell: sign-ins without a floor, {FIRST_TRIES} tries of each name. {verdict(bare)}
"""
    write_section("Which names exist stays unknown", text)
    assert cannot_be_told_apart(refused), text
    assert cannot_be_told_apart(asked), text
    assert not cannot_be_told_apart(bare), text
