"""`make bench`: measure the panel beside PostfixAdmin, and write docs/performance.md.

Without options everything is measured, which takes an hour or so on two cores, most of it for filling. With --parts,
--size, --only or --match a part of it, and what was measured is only shown, unless --write is given too.
"""

import argparse
import dataclasses
import json
import os
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import costs, databases, report
from tests.bench.inside import inside
from tests.bench.measure import Programs, Result, Times, measure, parts_of
from tests.bench.pages import GROUPS, Objects, Page, objects_of, pages
from tests.bench.postfixadmin import PostfixAdmin
from tests.servers.mariadb import MariaDB
from tests.servers.panel import ROOT, Panel
from tests.servers.sqlite import SQLite

RESULTS = ROOT / "var" / "bench.json"
PARTS = ("pages", "throughput", "costs", "lookups", "writes", "growth", "others")
GROWTH = ("1000", "10000", "100000", "large")
GROWING = (
    "Overview, superadmin", "Domains", "Mailboxes", "Mailboxes, late page", "Search, beginning",
    "Filter of mailboxes, fragment", "Edit a mailbox", "Switch: mailbox", "Log",
)  # fmt: skip

Say = Callable[[str], None]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--parts", action="append", choices=PARTS, help="default: all")
    parser.add_argument("--size", action="append", choices=["medium", "large"], help="default: both")
    parser.add_argument("--only", action="append", choices=GROUPS, help="some of the pages")
    parser.add_argument("--match", default="", help="only the pages with this in their name")
    parser.add_argument("--rounds", type=int, default=30, help="how often each page is asked (default: %(default)s)")
    parser.add_argument("--requests", type=int, default=10_000, help="of the memory part (default: %(default)s)")
    parser.add_argument("--keep", type=Path, help="a directory where databases stay, for the next run")
    parser.add_argument("--engine", default="mariadb", choices=["mariadb", "postgres", "sqlite"])
    parser.add_argument("--no-peer", action="store_true", help="without PostfixAdmin")
    parser.add_argument("--write", action="store_true", help="keep what was measured, and write docs/performance.md")
    options = parser.parse_args()
    options.is_whole = not (options.parts or options.size or options.only or options.match or options.no_peer)
    return options


class Run:
    """One run: the results by part, kept in RESULTS so that parts can be measured one by one."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.results: dict[str, Any] = {}
        if options.write and RESULTS.exists():
            self.results = json.loads(RESULTS.read_text())

    def say(self, line: str) -> None:
        print(line, flush=True)  # noqa: T201

    def wants(self, part: str) -> bool:
        return part in (self.options.parts or PARTS)

    def keep(self, key: str, value: Any) -> None:
        if key.startswith("pages ") and key in self.results:
            # Some of the pages, measured again.
            again = {row["key"]: row for row in value}
            value = [again.pop(row["key"], row) for row in self.results[key]] + list(again.values())
        self.results[key] = value
        if self.options.is_whole or self.options.write:
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(self.results, indent=1))

    def everything(self) -> None:
        """Measure what is wanted."""
        server = getattr(databases, self.options.engine)(self.options.keep)
        if not isinstance(server, SQLite):
            server.start()
        try:
            for size in self.options.size or ["medium", "large"]:
                self.of_size(server, size)
            if self.wants("growth") and (self.options.parts or self.options.is_whole):
                self.growth(server)
        finally:
            if not isinstance(server, SQLite):
                server.stop()
        if self.wants("others") and (self.options.parts or self.options.is_whole):
            self.others()

    def of_size(self, server: databases.Database, size: str) -> None:
        filled = databases.filled(server, size)
        if isinstance(server, MariaDB):
            # PostfixAdmin's list of ten thousand domains would take minutes, and the other pages wait for it.
            server.sql(f"SET GLOBAL max_statement_time = {databases.LONGEST_STATEMENT}")
        engine = self.options.engine
        self.say(f"== {engine}, {size}: filled in {filled.seconds:.0f} s")
        self.keep(f"filled {engine} {size}", dataclasses.asdict(filled))
        at = self.objects(server, filled)
        if self.wants("pages"):
            self.keep(f"pages {engine} {size}", self.pages(server, filled, at, self.chosen(at)))
        if self.options.only or self.options.match:
            return
        if self.wants("throughput"):
            self.keep(f"throughput {engine} {size}", self.throughput(server, filled, at))
        if self.wants("costs") and size == "large":
            self.keep(f"starting {engine}", costs.starting(filled.url))
            self.keep(f"memory {engine}", costs.memory(filled.url, at.user, self.options.requests))
        panel = Panel(filled.url, settings=databases.SETTINGS)
        if self.wants("lookups") and size == "large":
            self.keep(f"lookups {engine}", inside(panel, "lookups:measure", rounds=1000))
        if self.wants("writes"):
            for domain in (at.domain, "university.example"):
                self.keep(f"writes {engine} {size} {domain}", inside(panel, "writes:creates", domain=domain, number=60))
        panel.close()

    def objects(self, server: databases.Database, filled: databases.Filled) -> Objects:
        return objects_of(lambda sql, parameters: databases.ask(server, filled.name, sql, parameters))

    def chosen(self, at: Objects) -> list[Page]:
        groups = self.options.only or GROUPS
        return [page for page in pages(at) if page.group in groups and self.options.match in page.key]

    def peer(self, server: databases.Database, filled: databases.Filled, at: Objects) -> PostfixAdmin | None:
        if not isinstance(server, MariaDB) or self.options.no_peer:
            return None
        databases.let_peer_in(server, filled.name, at.user)
        return PostfixAdmin(server, filled.name, workers=os.cpu_count() or 2).start()

    def pages(
        self, server: databases.Database, filled: databases.Filled, at: Objects, chosen: list[Page]
    ) -> list[dict[str, Any]]:
        by_number = {str(number): page for number, page in enumerate(chosen)}
        peer = self.peer(server, filled, at)
        panel = Panel(filled.url, settings=databases.SETTINGS)
        panel.migrated = True
        with panel:
            programs = Programs(panel, at.user, peer)
            try:
                programs.prepare(by_number)
                empty = statistics.median(programs.empty().seconds for _time in range(200))
                results = measure(programs, by_number, self.options.rounds, self.say)
            finally:
                programs.floor.close()
                if peer:
                    peer.close()
        return [_told(result, empty) for result in results]

    def throughput(self, server: databases.Database, filled: databases.Filled, at: Objects) -> list[dict[str, Any]]:
        peer = self.peer(server, filled, at)
        panel = Panel(filled.url, settings=databases.SETTINGS, workers=os.cpu_count() or 2)
        panel.migrated = True
        with panel:
            found = costs.throughput(panel, peer, seconds=5)
        if peer:
            peer.close()
        for row in found:
            self.say(f"{row['page']:20} {row['panel']:8.1f} a second  PostfixAdmin {row.get('peer', 0):8.1f}")
        return found

    def growth(self, server: databases.Database) -> None:
        found = {}
        for size in GROWTH:
            if size == "large" and (rows := self.results.get(f"pages {self.options.engine} large")):
                found["1000000"] = [row for row in rows if row["key"] in GROWING]
                continue
            filled = databases.filled(server, size)
            self.say(f"== growth, {size} mailboxes")
            at = self.objects(server, filled)
            chosen = [page for page in pages(at) if page.key in GROWING]
            found["1000000" if size == "large" else size] = self.pages(server, filled, at, chosen)
        self.keep("growth", found)

    def others(self) -> None:
        """Measure the panel's pages on the other engines, without PostfixAdmin, which has another database there."""
        for engine in ("postgres", "sqlite"):
            server = getattr(databases, engine)(self.options.keep)
            if not isinstance(server, SQLite):
                server.start()
            for size in self.options.size or ["medium", "large"]:
                filled = databases.filled(server, size)
                self.say(f"== {engine}, {size}: filled in {filled.seconds:.0f} s")
                self.keep(f"filled {engine} {size}", dataclasses.asdict(filled))
                at = self.objects(server, filled)
                self.keep(f"pages {engine} {size}", self.pages(server, filled, at, self.chosen(at)))
            if not isinstance(server, SQLite):
                server.stop()


def _told(result: Result, empty: float) -> dict[str, Any]:
    """Return a result as JSON, in milliseconds."""
    sql, template = parts_of(result.floor) if result.floor.parts else (0.0, 0.0)
    return {
        "key": result.page.key,
        "group": result.page.group,
        "queries": result.queries,
        "panel": _times(result.panel),
        "floor": _times(result.floor) | {"empty": empty * 1000, "sql": sql * 1000, "template": template * 1000},
        "peer": _times(result.peer) if result.peer else None,
    }


def _times(times: Times) -> dict[str, Any]:
    return {
        "median": times.median * 1000,
        "p95": times.p95 * 1000,
        "status": times.status,
        "rounds": len(times.seconds),
        "size": times.size,
    }


def main() -> None:
    run = Run(arguments())
    before = os.getloadavg()[0]
    run.everything()
    run.keep("load", [before, os.getloadavg()[0]])
    if run.options.is_whole or run.options.write:
        report.write(run.results, ROOT / "docs")


main()
