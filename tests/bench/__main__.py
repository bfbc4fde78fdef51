"""`make bench`: measure the panel beside PostfixAdmin, and write docs/performance.md. See --help for parts of it."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from tests.bench import databases
from tests.bench.measure import Programs, Result, measure
from tests.bench.pages import GROUPS, Page, objects_of, pages
from tests.bench.postfixadmin import PostfixAdmin
from tests.servers.panel import Panel


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--size", action="append", choices=["medium", "large"], help="default: both")
    parser.add_argument("--only", action="append", choices=GROUPS, help="some of the pages")
    parser.add_argument("--match", default="", help="only the pages with this in their name")
    parser.add_argument("--rounds", type=int, default=30, help="default: %(default)s")
    parser.add_argument("--keep", type=Path, help="a directory where databases stay, for the next run")
    parser.add_argument("--engine", default="mariadb", choices=["mariadb", "postgres", "sqlite"])
    parser.add_argument("--no-peer", action="store_true", help="without PostfixAdmin")
    return parser.parse_args()


def run(options: argparse.Namespace, size: str, say: Callable[[str], None]) -> list[Result]:
    server: databases.Database = getattr(databases, options.engine)(options.keep)
    if not isinstance(server, databases.SQLite):
        server.start()
    filled = databases.filled(server, size)
    say(f"== {options.engine}, {size}: filled in {filled.seconds:.0f} s")
    at = objects_of(lambda sql, parameters: databases.ask(server, size, sql, parameters))
    chosen: list[Page] = [
        page for page in pages(at) if page.group in (options.only or GROUPS) and options.match in page.key
    ]
    by_number = {str(number): page for number, page in enumerate(chosen)}
    peer = None
    with Panel(filled.url, settings=databases.SETTINGS, workers=1, threads=4) as panel:
        if isinstance(server, databases.MariaDB) and not options.no_peer:
            databases.let_peer_in(server, size, at.user)
            peer = PostfixAdmin(server, size, workers=os.cpu_count() or 2).start()
        programs = Programs(panel, at.user, peer)
        try:
            programs.prepare(by_number)
            return measure(programs, by_number, options.rounds, say)
        finally:
            programs.floor.close()
            if peer:
                peer.close()
            if not isinstance(server, databases.SQLite):
                server.stop()


def main() -> None:
    options = arguments()

    def say(line: str) -> None:
        print(line, flush=True)  # noqa: T201

    for size in options.size or ["medium", "large"]:
        run(options, size, say)


main()
