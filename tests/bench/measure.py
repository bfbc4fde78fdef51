"""Times of pages, of the panel, of PostfixAdmin and of the floor in turn, so that a busy moment hits all of them."""

import json
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mailadmin.demo.names import AGENCY, OWNER
from tests.bench.browser import Answer, Browser, form_values, peer_token
from tests.bench.databases import PASSWORD
from tests.bench.inside import inside
from tests.bench.pages import Page
from tests.bench.postfixadmin import PostfixAdmin
from tests.servers.panel import Panel
from tests.servers.processes import ServerError

MAX_SECONDS = 3.0
"""What one page of one program may take of the run; three rounds are made of what takes longer..."""
MOST_SECONDS = 15.0
"""...unless they have taken this long."""

Ask = Callable[[int], Answer]


@dataclass(slots=True)
class Times:
    """Seconds of one page of one program; `status` is other than 200 or 302 where it fails."""

    seconds: list[float] = field(default_factory=list)
    status: int = 0
    parts: list[tuple[float, float]] = field(default_factory=list)
    """Of the floor: seconds of its SQL and of its template."""
    size: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        return sorted(self.seconds)[min(int(len(self.seconds) * 0.95), len(self.seconds) - 1)]

    @property
    def works(self) -> bool:
        return self.status in (200, 302)

    def add(self, answer: Answer) -> None:
        self.seconds.append(answer.seconds)
        self.status, self.size = answer.status, len(answer.body)
        if "X-SQL" in answer.headers:
            self.parts.append((float(answer.headers["X-SQL"]), float(answer.headers["X-Template"])))


@dataclass(slots=True)
class Result:
    """One page, measured."""

    page: Page
    panel: Times = field(default_factory=Times)
    floor: Times = field(default_factory=Times)
    peer: Times | None = None
    queries: int = 0


class Programs:
    """The panel, its floor, and PostfixAdmin where there is one, on one database, with people signed in to each."""

    def __init__(self, panel: Panel, user: str, peer: PostfixAdmin | None) -> None:
        self.panel = panel
        self.peer_server = peer
        self.logins = {"superadmin": f"admin:{OWNER}", "agency": f"admin:{AGENCY}", "user": f"mailbox:{user}"}
        self.pages_file = panel.dir / "floor.json"
        settings = panel.env | {
            "FLOOR_PAGES": str(self.pages_file),
            "DJANGO_SETTINGS_MODULE": "tests.bench.floor_settings",
        }
        self.floor = Panel(
            panel.database_url, settings=settings, threads=panel.threads, wsgi="tests.bench.wsgi:application"
        )
        self.floor.migrated = True
        self.browsers: dict[str, Browser] = {}
        self.floors: dict[str, Browser] = {}
        self.peers: dict[str, Browser] = {}

    def prepare(self, pages: Mapping[str, Page]) -> None:
        """Sign everybody in and learn the SQL of the pages."""
        for who, login in self.logins.items():
            name = login.partition(":")[2]
            browser = self.browsers[who] = Browser(self.panel.port)
            browser.sign_in(name, PASSWORD)
            if self.peer_server:
                peer = self.peers[who] = Browser(self.peer_server.port)
                peer.sign_in_to_peer(name, PASSWORD, "/users/login.php" if who == "user" else "/login.php")
        asked = [
            {"number": number, "path": page.path, "who": page.who, "posts": self.posts(page)}
            for number, page in pages.items()
        ]
        found = inside(self.panel, "capture:capture", people=self.logins, pages=asked)
        self.pages_file.write_text(json.dumps(found))
        self.queries = {number: len(turns[0]) for number, turns in found.items()}
        self.floor.start()
        for who, browser in self.browsers.items():
            self.floors[who] = Browser(self.floor.port)
            self.floors[who].cookies = browser.cookies

    def posts(self, page: Page) -> list[dict[str, str]]:
        """Return what is sent in turn, with what the form holds."""
        if not page.is_form:
            return [dict(data) for data in page.posts]
        shown = self.browsers[page.who].ask(page.path).body
        return [form_values(shown, next(iter(data))) | dict(data) for data in page.posts]

    def asks(self, number: str, page: Page) -> dict[str, Ask]:
        """Return what asks each program for the page, by its name."""
        ours, base = self.browsers[page.who], self.floors[page.who]
        posts = self.posts(page)
        asks: dict[str, Ask] = {
            "panel": lambda turn: ours.ask(page.path, posts[turn % len(posts)] if posts else None),
            "floor": lambda turn: base.ask(f"/floor/{number}/?turn={turn}"),
        }
        if self.peer_server and (page.peer or page.peer_switch):
            asks["peer"] = self._peer(page)
        return asks

    def _peer(self, page: Page) -> Ask:
        browser = self.peers[page.who]
        if page.peer_switch:
            token = peer_token(browser.ask("/edit.php?table=domain").body)
            paths = [path.format(token=token) for path in page.peer_switch]
            return lambda turn: browser.ask(paths[turn % len(paths)])
        if page.peer_posts:
            shown = browser.ask(page.peer).body
            forms = [form_values(shown, next(iter(data))) | dict(data) for data in page.peer_posts]
            return lambda turn: browser.ask(page.peer, forms[turn % len(forms)])
        return lambda _turn: browser.ask(page.peer)

    def empty(self, who: str = "superadmin") -> Answer:
        return self.floors[who].ask("/empty/")


def measure(programs: Programs, pages: Mapping[str, Page], rounds: int, say: Callable[[str], None]) -> list[Result]:
    """Measure all pages, each program in turn; what takes long is asked less often."""
    results = []
    for number, page in pages.items():
        result = Result(page, queries=programs.queries[number])
        asks = programs.asks(number, page)
        times = {"panel": result.panel, "floor": result.floor}
        if "peer" in asks:
            times["peer"] = result.peer = Times()
        for name, ask in asks.items():
            answer = ask(0)  # Not counted, where it is quick: caches of the servers are filled.
            times[name].status = answer.status
            if answer.seconds > 2 or not times[name].works:
                times[name].add(answer)
        for turn in range(1, rounds + 1):
            for name, ask in asks.items():
                spent = times[name].seconds
                if times[name].works and sum(spent) < (MOST_SECONDS if len(spent) < 3 else MAX_SECONDS):
                    times[name].add(ask(turn))
        results.append(result)
        theirs = f"{result.peer.median * 1000:9.1f}" if result.peer else " " * 9
        bad = "" if result.panel.works else f"  status {result.panel.status}"
        if result.peer and not result.peer.works:
            bad += f"  PostfixAdmin: {result.peer.status}"
        ours, base = result.panel.median * 1000, result.floor.median * 1000
        say(f"{page.key:40} {ours:8.1f} ms  floor {base:6.1f}  {ours / base:5.2f}  PostfixAdmin {theirs}{bad}")
    return results


def parts_of(times: Times) -> tuple[float, float]:
    """Return the medians of the floor's SQL and template."""
    return statistics.median(sql for sql, _template in times.parts), statistics.median(
        part for _sql, part in times.parts
    )


def per_second(browsers: Iterable[Browser], path: str, seconds: float) -> float:
    """Return how many requests are answered in a second, one after the other in each of the browsers at once."""
    until = time.perf_counter() + seconds
    counts = []

    def work(browser: Browser) -> None:
        number = 0
        while time.perf_counter() < until:
            answer = browser.ask(path)
            if answer.status != 200:
                raise ServerError(f"{path}: {answer.status}")
            number += 1
        counts.append(number)

    threads = [threading.Thread(target=work, args=(browser,)) for browser in browsers]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def memory_of(pid: int) -> int:
    """Return the bytes of memory that are this process's share (PSS), without its children."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) * 1024


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
