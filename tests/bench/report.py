"""docs/performance.md and its plot, from what was measured."""

import os
import platform
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.bench.databases import MARIADB, POSTGRES
from tests.bench.plot import log_plot

Row = dict[str, Any]

INTRODUCTION = """# Performance

Made by `make bench`, which measures the panel beside Debian's PostfixAdmin (nginx, PHP-FPM with OPcache), on one
MariaDB server with one population, each page of each program in turn, so that a busy moment hits all of them. Do not
edit this file; run it again.

- **Times** are milliseconds at the client, over a kept connection on the loopback, with the whole answer read and not
  compressed: the median, and the 95th percentile in brackets. The panel runs under gunicorn as in production.
- **Floor** is an empty page with session and sign-in as Django itself does them, plus the page's own SQL sent straight
  to the driver, plus its rows in a bare table. Its three parts are measured apart.
- **Sizes** are those of `manage.py demo`: medium has 200 domains and 5,000 mailboxes (1,000 of them in one domain),
  large has 10,000 domains, 1,000,000 mailboxes (100,000 in one domain), 200,000 aliases and as many log and audit rows
  as mailboxes. All passwords are one and the same hash, made once.
- PostfixAdmin shows 10 rows a page as installed, the panel 50.
- A statement that takes longer than 30 seconds is ended by the database, and the page fails.
- A dash is what a program does not have.
"""


def write(results: dict[str, Any], directory: Path) -> None:
    """Write performance.md and performance.svg there."""
    lines = [INTRODUCTION, *_machine(results), *_targets(results)]
    for size in ("medium", "large"):
        if rows := results.get(f"pages mariadb {size}"):
            lines += ["", f"## Pages, {size}, on MariaDB", "", *_pages(rows)]
    lines += [*_slowest(results), *_engines(results), *_growth(results, directory), *_throughput(results)]
    lines += [*_costs(results), *_lookups(results), *_writes(results), *_filling(results)]
    (directory / "performance.md").write_text("\n".join([*lines, ""]))


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    names = list(head)
    lines = [f"| {' | '.join(names)} |", "|---|" + "---:|" * (len(names) - 1)]
    return lines + [f"| {' | '.join(map(str, row))} |" for row in rows]


def _ms(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _time(times: Row | None) -> str:
    if not times:
        return "–"
    if times["status"] not in (200, 302):
        return f"fails after {_ms(times['median'])}"
    return f"{_ms(times['median'])} ({_ms(times['p95'])})"


def _works(times: Row | None) -> bool:
    return bool(times) and times["status"] in (200, 302)  # type: ignore[index]


def _over_floor(row: Row) -> float:
    return float(row["panel"]["median"] / row["floor"]["median"])


def _pages(rows: list[Row]) -> list[str]:
    head = ("Page", "Panel", "Floor", "empty + SQL + rows", "Panel / floor", "Queries", "PostfixAdmin", "Faster by")

    def cells() -> Iterator[list[str]]:
        for row in rows:
            base, peer = row["floor"], row["peer"]
            faster = f"{peer['median'] / row['panel']['median']:.1f}" if _works(peer) else "–"
            parts = f"{base['empty']:.1f} + {base['sql']:.1f} + {base['template']:.1f}"
            floor = [_ms(base["median"]), parts, f"{_over_floor(row):.2f}"] if _works(base) else ["–"] * 3
            yield [row["key"], _time(row["panel"]), *floor, row["queries"], _time(peer), faster]

    return _table(head, cells())


def _machine(results: dict[str, Any]) -> list[str]:
    info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(": ")[2] for line in info if line.startswith("model name")), platform.machine())
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1024**2
    versions = [subprocess.run(["mariadbd", "--version"], text=True, capture_output=True).stdout.split()[2]]
    load = results.get("load")
    busy = f" The load average was {load[0]:.1f} when it began and {load[1]:.1f} when it ended." if load else ""
    return [
        "## The machine",
        "",
        (
            f"{os.cpu_count()} cores ({model}), {memory} GB of memory, {platform.system()} {platform.release()}, Python"
            f" {platform.python_version()}, MariaDB {versions[0]} with `{' '.join(MARIADB)}`, PostgreSQL with"
            f" `{' '.join(POSTGRES)}`; none of them waits for the disk.{busy}"
        ),
        *(["", results["note"]] if "note" in results else []),
    ]


def _verdict(name: str, missed: list[str], all_of_them: int) -> list[str]:
    if not all_of_them:
        return [name, "not measured", ""]
    state = "met" if not missed else f"not met: {all_of_them - len(missed)} of {all_of_them}"
    return [name, state, "; ".join(missed)]


def _targets(results: dict[str, Any]) -> list[str]:
    medium, large = (results.get(f"pages mariadb {size}", []) for size in ("medium", "large"))
    verdicts = []
    compared = [row for row in large if _works(row["peer"])]
    missed = [
        f"{row['key']} {row['peer']['median'] / row['panel']['median']:.1f}"
        for row in compared
        if row["peer"]["median"] < 100 * row["panel"]["median"]
    ]
    verdicts.append(_verdict("Large: 100 times faster than PostfixAdmin", missed, len(compared)))
    for name, groups, factor in (
        ("Medium: lists and forms not slower than PostfixAdmin's", ("lists", "forms", "search"), 1),
        ("Medium: log and start pages within twice PostfixAdmin's", ("log", "start", "own"), 2),
    ):
        compared = [row for row in medium if row["group"] in groups and _works(row["peer"])]
        missed = [
            f"{row['key']} {row['panel']['median'] / row['peer']['median']:.2f}"
            for row in compared
            if row["panel"]["median"] > factor * row["peer"]["median"]
        ]
        verdicts.append(_verdict(name, missed, len(compared)))
    for size, rows in (("medium", medium), ("large", large)):
        rows = [row for row in rows if _works(row["floor"])]
        missed = [f"{row['key']} {_over_floor(row):.2f}" for row in rows if _over_floor(row) > 1.5]
        verdicts.append(_verdict(f"{size.capitalize()}: every page within 1.5 times its floor", missed, len(rows)))
    lookups = results.get("lookups mariadb", [])
    missed = [f"{row['name']} {row['micro'] / row['bare']:.2f}" for row in lookups if _is_slow(row)]
    judged = [row for row in lookups if _allowed(row)]
    name = "Look-ups beside a bare one: 1.25, 1.6 with one or two joins, 2.5 for senders"
    verdicts.append(_verdict(name, missed, len(judged)))
    # The same page, in the quieter of two moments.
    empty = min((row["floor"]["empty"] for row in medium + large), default=0.0)
    return [
        *("", "## Targets", ""),
        *_table(("Target", "State", "Missed by"), verdicts),
        *_out_of_reach("Large", large, empty, 100, "be 100 times faster"),
        *_out_of_reach("Medium", medium, empty, 1, "be as fast"),
    ]


def _out_of_reach(size: str, rows: list[Row], empty: float, times: int, what: str) -> list[str]:
    """Say which of PostfixAdmin's pages are quicker than an empty page of Django's allows for."""
    compared = [row for row in rows if _works(row["peer"])]
    out = [row["key"] for row in compared if row["peer"]["median"] < times * empty]
    if not out:
        return []
    text = (
        f"{size}: an empty page with session and sign-in takes Django {_ms(empty)} ms on this machine. To {what},"
        f" {len(out)} of the {len(compared)} pages would have to take less than that: {', '.join(out)}."
    )
    return ["", text]


def _allowed(row: Row) -> float | None:
    """Return how many times the bare look-up a query may take; None where more than two joins have no target."""
    if "sender_logins" in row["name"]:
        return 2.5
    if row["tables"] > 3:
        return None
    return 1.25 if row["tables"] == 1 else 1.6


def _is_slow(row: Row) -> bool:
    allowed = _allowed(row)
    return allowed is not None and float(row["micro"]) > allowed * float(row["bare"])


def _slowest(results: dict[str, Any]) -> list[str]:
    rows = sorted(results.get("pages mariadb large", []), key=lambda row: -row["panel"]["median"])[:3]
    if not rows:
        return []
    lines = ["", "## The three slowest requests at the large size", ""]
    for row in rows:
        base, whole = row["floor"], row["panel"]["median"]
        if not _works(base):
            lines.append(
                f"- **{row['key']}**, {_ms(whole)} ms with {row['queries']} queries: its parts were not measured."
            )
            continue
        rest = max(whole - base["sql"] - base["empty"], 0)
        lines.append(
            f"- **{row['key']}**, {_ms(whole)} ms: {_ms(base['sql'])} ms are its {row['queries']} queries,"
            f" {_ms(base['empty'])} ms session, sign-in and the server, and {_ms(rest)} ms the rest: rows into objects,"
            f" the template, and {row['panel']['size']:,} bytes to send."
        )
    text = "Filters that no index answers look through rows, part by part, until they have a page or a second is over:"
    text += (
        " each turn asks more or less than the one whose queries are timed here, so that the rest holds some of them."
    )
    return [*lines, "", text]


def _engines(results: dict[str, Any]) -> list[str]:
    names = [
        (engine, size)
        for size in ("medium", "large")
        for engine in ("mariadb", "postgres", "sqlite")
        if results.get(f"pages {engine} {size}")
    ]
    if len(names) < 3:
        return []
    by = {name: {row["key"]: row["panel"] for row in results[f"pages {name[0]} {name[1]}"]} for name in names}
    keys = [row["key"] for row in results[f"pages {names[0][0]} {names[0][1]}"]]
    rows = [[key, *(_time(by[name].get(key)) for name in names)] for key in keys]
    return ["", "## The panel on three databases", "", *_table(("Page", *(f"{e}, {s}" for e, s in names)), rows)]


def _growth(results: dict[str, Any], directory: Path) -> list[str]:
    growth = results.get("growth")
    if not growth:
        return []
    sizes = list(growth)
    keys = [row["key"] for row in growth[sizes[0]]]
    by = {size: {row["key"]: row for row in rows} for size, rows in growth.items()}
    rows = []
    lines: dict[str, list[tuple[float, float]]] = {}
    for key in keys:
        for name, label in (("panel", "panel"), ("peer", "PostfixAdmin")):
            found = {size: by[size][key][name] for size in sizes if key in by[size]}
            if not any(found.values()):
                continue
            rows.append([f"{key}, {label}", *(_time(found.get(size)) for size in sizes)])
            points = [(float(size), times["median"]) for size, times in found.items() if _works(times)]
            if key in ("Mailboxes", "Filter of mailboxes, fragment", "Edit a mailbox", "Domains") and len(points) > 1:
                lines[f"{label}: {key}"] = points
    plot = log_plot(
        lines,
        x_label="mailboxes",
        y_label="milliseconds",
        dashed=[name for name in lines if name.startswith("PostfixAdmin")],
    )
    (directory / "performance.svg").write_text(plot)
    head = ("Page", *(f"{int(size):,}" for size in sizes))
    return [
        "",
        "## How cost grows with the number of mailboxes",
        "",
        "![Plot](performance.svg)",
        "",
        *_table(head, rows),
    ]


def _throughput(results: dict[str, Any]) -> list[str]:
    rows = []
    for size in ("medium", "large"):
        for row in results.get(f"throughput mariadb {size}", []):
            peer = f"{row['peer']:.1f}" if "peer" in row else "–"
            rows.append([f"{row['page']}, {size}", f"{row['panel']:.1f}", peer])
    text = f"Four people at once, {os.cpu_count()} workers, the client on the same cores."
    return (
        ["", "## Requests per second", "", text, "", *_table(("Page", "Panel", "PostfixAdmin"), rows)] if rows else []
    )


def _costs(results: dict[str, Any]) -> list[str]:
    start, memory = results.get("starting mariadb"), results.get("memory mariadb")
    if not start or not memory:
        return []
    readings = "; ".join(f"{int(n):,} requests: {size / 1024**2:.1f} MB" for n, size in memory["readings"].items())
    return [
        "",
        "## Memory and starting",
        "",
        (
            f"- One worker with four threads (proportional share of memory) after {readings}; gunicorn's master"
            f" {memory['master'] / 1024**2:.1f} MB."
        ),
        (
            f"- From the command to the first answer: {start['ready']:.2f} s. The first page of mailboxes after that:"
            f" {_ms(start['first'] * 1000)} ms, the second {_ms(start['second'] * 1000)} ms."
        ),
    ]


def _lookups(results: dict[str, Any]) -> list[str]:
    rows = [
        [
            row["name"],
            row["tables"],
            f"{row['micro']:.0f}",
            f"{row['bare']:.0f}",
            f"{row['micro'] / row['bare']:.2f}",
            _allowed(row) or "–",
            "–" if _allowed(row) is None else "no" if _is_slow(row) else "yes",
        ]
        for row in results.get("lookups mariadb", [])
    ]
    if not rows:
        return []
    text = "Microseconds (median) at the large size, in turn with `SELECT maildir FROM mailbox WHERE username = ...`."
    head = ("Query", "Tables", "µs", "Bare µs", "Times", "Target", "Met")
    return ["", "## Queries of Postfix and Dovecot", "", text, "", *_table(head, rows)]


def _writes(results: dict[str, Any]) -> list[str]:
    rows = []
    for key, row in results.items():
        if key.startswith("writes "):
            _writes_of, engine, size, domain = key.split()
            cells = [f"{row['operation']:.1f}", f"{row['raw']:.1f}", f"{row['operation'] / row['raw']:.1f}"]
            rows.append([f"{size}, {domain} ({engine})", *cells, row["queries"], row["statements"]])
    if not rows:
        return []
    text = "Milliseconds (median), the password's hash made before; in turn with the INSERTs of the same rows."
    head = ("Where", "Operation", "INSERTs", "Times", "Queries", "of them INSERTs")
    return ["", "## Creating a mailbox", "", text, "", *_table(head, rows)]


def _filling(results: dict[str, Any]) -> list[str]:
    rows = []
    for key, row in results.items():
        if key.startswith("filled "):
            name = " ".join(key.split()[1:])
            sizes = (f"{row['memory'] / 1024**2:.0f} MB", f"{row['size_on_disk'] / 1024**2:,.0f} MB")
            rows.append([name, f"{row['seconds']:.0f} s", *sizes])
    text = "With the counting of all domains at its end; a kept database is not filled again."
    head = ("Database", "Time", "Memory of the command", "On disk")
    return ["", "## Filling (`manage.py demo`)", "", text, "", *_table(head, rows)] if rows else []
