"""What a server costs beside the time of single pages: requests per second, memory, and starting."""

import time
from collections.abc import Mapping
from typing import Any

from mailadmin.demo.names import AGENCY, BIGGEST, OWNER
from tests.bench.browser import Browser
from tests.bench.databases import PASSWORD, SETTINGS
from tests.bench.measure import children, memory_of, per_second
from tests.bench.postfixadmin import PostfixAdmin
from tests.servers.panel import Panel

PAGES: Mapping[str, tuple[str, str]] = {
    "Overview": ("/", "/main.php"),
    "Domains": ("/domains/", "/list.php?table=domain"),
    "Mailboxes": (f"/domains/{BIGGEST}/mailboxes/", f"/list-virtual.php?domain={BIGGEST}&limit=0"),
    "Log": ("/log/", "/viewlog.php"),
}


def throughput(panel: Panel, peer: PostfixAdmin | None, seconds: float) -> list[dict[str, Any]]:
    """Return the requests per second of some pages, with four people asking at once."""
    ours, theirs = [Browser(panel.port) for _person in range(4)], []
    for browser in ours:
        browser.sign_in(OWNER, PASSWORD)
    if peer:
        theirs = [Browser(peer.port) for _person in range(4)]
        for browser in theirs:
            browser.sign_in_to_peer(OWNER, PASSWORD)
    found = []
    for name, (path, peer_path) in PAGES.items():
        row: dict[str, Any] = {"page": name, "panel": per_second(ours, path, seconds)}
        if theirs and theirs[0].ask(peer_path).status == 200:
            row["peer"] = per_second(theirs, peer_path, seconds)
        found.append(row)
    return found


def starting(url: str) -> dict[str, float]:
    """Return the seconds from the command to the first answer, and of the first page after that."""
    panel = Panel(url, settings=SETTINGS)
    panel.migrated = True
    started = time.perf_counter()
    panel.start()
    ready = time.perf_counter() - started
    try:
        browser = Browser(panel.port)
        browser.sign_in(OWNER, PASSWORD)
        first = browser.ask(f"/domains/{BIGGEST}/mailboxes/").seconds
        second = browser.ask(f"/domains/{BIGGEST}/mailboxes/").seconds
    finally:
        panel.close()
    return {"ready": ready, "first": first, "second": second}


def memory(url: str, user: str, requests: int) -> dict[str, Any]:
    """Return the bytes of one worker after its first pages and after so many requests, and what the whole has then."""
    panel = Panel(url, settings=SETTINGS)
    panel.migrated = True
    panel.start()
    try:
        boss, agency = Browser(panel.port), Browser(panel.port)
        boss.sign_in(OWNER, PASSWORD)
        agency.sign_in(AGENCY, PASSWORD)
        boxes = f"/domains/{BIGGEST}/mailboxes/"
        turns = [
            (boss, "/"), (boss, "/domains/"), (boss, boxes), (boss, f"{boxes}?sort=name"),
            (boss, f"/mailboxes/{user}/"),
            (boss, "/log/"), (agency, "/"), (agency, "/domains/"), (boss, "/search/?q=anna"), (boss, "/healthz"),
        ]  # fmt: skip
        assert panel.process is not None
        worker = children(panel.process.pid)[0]
        readings = {}
        for number in range(requests):
            browser, path = turns[number % len(turns)]
            browser.ask(path)
            if number + 1 in (100, requests // 10, requests):
                readings[number + 1] = memory_of(worker)
        return {"readings": readings, "master": memory_of(panel.process.pid)}
    finally:
        panel.close()
