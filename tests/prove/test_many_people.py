"""Eight people at once for five minutes at the large size: no error, no growing memory."""

import os
import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mailadmin.demo.names import AGENCY, BIGGEST, OWNER
from tests.bench import databases
from tests.bench.browser import Browser
from tests.bench.databases import PASSWORD, SETTINGS
from tests.bench.measure import children, memory_of
from tests.bench.pages import Objects, Page, objects_of, pages
from tests.prove.report import write_section
from tests.servers.panel import Panel

SECONDS = float(os.environ.get("PROVE_SECONDS", "300"))
WARM = 60
"""Seconds after which memory is first read: caches, connections and the code of every page are there by then."""
MOST_GROWTH = 1.10
SIZE = os.environ.get("PROVE_SIZE", "large")
KEEP = os.environ.get("PROVE_KEEP")
"""A directory with databases that `python -m tests.bench --keep` filled, which otherwise takes half an hour."""
PEOPLE = [OWNER, OWNER, OWNER, AGENCY, AGENCY, AGENCY, "user", "user"]


@dataclass
class Seen:
    """What one person saw."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[str, Objects]]:
    server = databases.mariadb(Path(KEEP) if KEEP else None)
    server.start()
    try:
        found = databases.filled(server, SIZE)
        yield found.url, objects_of(lambda sql, given: databases.ask(server, found.name, sql, given))
    finally:
        server.stop()


def walk(browser: Browser, chosen: list[Page], until: float, seen: Seen, offset: int) -> None:
    """Ask for the pages one after the other, each person beginning elsewhere; forms are sent too."""
    turn = offset
    while time.monotonic() < until:
        page = chosen[turn % len(chosen)]
        data = dict(page.posts[turn // len(chosen) % len(page.posts)]) if page.posts else None
        answer = browser.ask(page.path, data)
        seen.seconds.append(answer.seconds)
        if answer.status not in (200, 302):
            seen.errors.append(f"{page.key}: {answer.status}")
        turn += 1


def test_eight_people_at_once(filled: tuple[str, Objects]) -> None:
    url, at = filled
    panel = Panel(url, settings=SETTINGS, workers=os.cpu_count() or 2)
    panel.migrated = True
    with panel:
        assert panel.process is not None
        workers = children(panel.process.pid)
        people = [(who if who != "user" else at.user, who) for who in PEOPLE]
        browsers = [Browser(panel.port) for _person in people]
        for browser, (name, _who) in zip(browsers, people, strict=True):
            browser.sign_in(name, PASSWORD)
        seen = [Seen() for _person in people]
        until = time.monotonic() + SECONDS
        threads = [
            threading.Thread(target=walk, args=(browser, pages_of(at, who), until, one, number * 5))
            for number, (browser, (_name, who), one) in enumerate(zip(browsers, people, seen, strict=True))
        ]
        for thread in threads:
            thread.start()
        time.sleep(min(WARM, SECONDS / 2))
        before = [memory_of(worker) for worker in workers]
        for thread in threads:
            thread.join()
        after = [memory_of(worker) for worker in workers]
        assert children(panel.process.pid) == workers, "a worker was replaced"
    assert [error for one in seen for error in one.errors] == []
    tell([second for one in seen for second in one.seconds], before, after)
    for first, last in zip(before, after, strict=True):
        assert last <= first * MOST_GROWTH


def pages_of(at: Objects, who: str) -> list[Page]:
    """Return what such a person asks for; not the fragments, which may take their two seconds."""
    kind = {OWNER: "superadmin", AGENCY: "agency"}.get(who, "user")
    left_out = ("fragment", "nearly-full")
    return [
        page
        for page in pages(at)
        if page.who == kind and not page.is_form and not any(word in page.key for word in left_out)
    ]


def tell(seconds: list[float], before: list[int], after: list[int]) -> None:
    """Write what was seen into docs/proof.md."""
    of = sorted(seconds)
    p95 = of[int(len(of) * 0.95)] * 1000
    worst, median = of[-1] * 1000, statistics.median(of) * 1000
    memory = ", ".join(f"{first / 1e6:.1f} and {last / 1e6:.1f} MB" for first, last in zip(before, after, strict=True))
    text = f"""Three superadmins, three admins of 200 domains and two mailbox users ask for one page after the other of
{BIGGEST} and its like ({SIZE} size, MariaDB, {len(before)} workers with four threads each, all on one machine).

{len(of):,} requests in {SECONDS:.0f} s, {len(of) / SECONDS:.0f} a second; none failed. Half were answered within
{median:.0f} ms, 95 of 100 within {p95:.0f} ms, the slowest after {worst:.0f} ms. Memory of the workers after a minute
and at the end: {memory}.
"""
    write_section("Eight people at once", text)
