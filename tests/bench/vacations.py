"""What a vacation reply costs: our program, PostfixAdmin's script and Sieve, in turn on the same rows and servers.

Run `python -m tests.bench.vacations` after tests/bench/peer_install. It prints the cost of one message to each program,
started as Postfix starts it, and how many messages a second go through Postfix to somebody on vacation.
"""

import argparse
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.vacation_pl import VacationScript
from tests.servers.ca import CertificateAuthority
from tests.servers.mailstack import MailStack
from tests.servers.mariadb import MariaDB
from tests.servers.postfix import cool_down
from tests.servers.processes import wait_until
from tests.servers.sink import Sink

DOMAIN = "away.example"
USER = f"anna@{DOMAIN}"
NOT_AWAY = f"bert@{DOMAIN}"
AUTOREPLY = "autoreply.example.org"
ENTRY = f"anna#{DOMAIN}@{AUTOREPLY}"
WORLD = f"""
from domains.services import create_domain
from mailadmin.core.actor import Actor
from mailboxes.services import create_mailbox
from mailboxes.vacation import set_vacation
me = Actor.cli()
create_domain(me, domain={DOMAIN!r})
for local_part in ("anna", "bert"):
    create_mailbox(me, local_part=local_part, domain={DOMAIN!r}, password="correct horse battery")
set_vacation(me, username={USER!r}, active=True, subject="Away", body="I am away until Monday.\\n")
"""
TRANSPORT = {"MAILADMIN_VACATION": "transport", "MAILADMIN_VACATION_DOMAIN": AUTOREPLY}
PYTHON = "/usr/bin/python3"


@dataclass
class Costs:
    """Of one kind of message: seconds by the clock and of the processor."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def message(sender: str, number: int, *fields: str) -> bytes:
    lines = [f"From: {sender}", f"To: {USER}", f"Subject: number {number}", f"Message-ID: <{number}@bench.example>"]
    return "\n".join([*lines, *fields, "", "Hello\n" * 20]).encode()


def run(command: list[str], text: bytes, into: Costs, *, cwd: Path, env: Mapping[str, str]) -> None:
    """Start a program on a message and add what it cost."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cwd, env=dict(env)
    )
    assert process.stdin is not None
    process.stdin.write(text)
    process.stdin.close()
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    into.wall.append(time.perf_counter() - begun)
    into.processor.append(used.ru_utime + used.ru_stime)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")


def one_by_one(stack: MailStack, script: VacationScript, rounds: int) -> None:
    """Print what one message costs each program."""
    program = stack.config / "postfix/vacation"
    conf = program / "bench.conf"
    text = (program / "vacation.conf").read_text()
    conf.write_text(
        text.replace(f"submission = 127.0.0.1:{stack.postfix.inject_port}", f"submission = 127.0.0.1:{stack.sink.port}")
    )

    def ours(sender: str) -> list[str]:
        return [
            PYTHON,
            "-I",
            "-S",
            f"{program}/respond",
            str(conf),
            sender,
            ENTRY,
        ]

    kinds: dict[str, tuple[Callable[[int, str], str], tuple[str, ...]]] = {
        "answered": (lambda number, who: f"{who}{number}@out.example", ()),
        "answered before": (lambda _number, who: f"{who}@known.example", ()),
        "of a list": (lambda number, who: f"{who}{number}@out.example", ("List-Id: <x.lists.example>",)),
    }
    for kind, (sender_of, fields) in kinds.items():
        costs = {"ours": Costs(), "vacation.pl": Costs()}
        for number in range(rounds + 2):
            for name in costs:
                sender = sender_of(number, name.partition(".")[0])
                command = ours(sender) if name == "ours" else script.command(sender, ENTRY)
                into = costs[name] if number > 1 else Costs()
                run(command, message(sender, number, *fields), into, cwd=script.dir, env=script.env)
        say(f"-- a message {kind}, {rounds} of each, medians")
        for name, cost in costs.items():
            wall, processor = (statistics.median(values) * 1000 for values in (cost.wall, cost.processor))
            say(f"{name:>12}: {wall:6.1f} ms, processor {processor:6.1f} ms")
        first, second = (statistics.median(cost.processor) for cost in costs.values())
        walls = [statistics.median(cost.wall) for cost in costs.values()]
        say(f"   ours / script: processor {first / second:.2f}, clock {walls[0] / walls[1]:.2f}")
    replied = {received.recipients[0] for received in stack.sink.messages}
    for name in ("ours", "vacation"):
        mine = [address for address in replied if address.startswith(name) and "@out." in address]
        assert len(mine) == rounds + 2, (name, len(mine))


def flow(stack: MailStack, what: str, number: int, recipient: str, replies: int) -> None:
    """Print how many messages a second come in and are delivered and answered."""
    stack.sink.clear()
    word = what.replace(" ", "").replace("'", "").replace(".", "")
    begun = time.perf_counter()
    with stack.postfix.client() as client:
        for i in range(number):
            sender = f"{word}{i}@out.example"
            client.sendmail(sender, recipient, message(sender, i).replace(USER.encode(), recipient.encode()))
    wait_until(lambda: not stack.postfix.queue().strip() and len(stack.sink.messages) >= replies, "all of it", 600)
    spent = time.perf_counter() - begun
    say(f"{what:>24}: {number / spent:6.1f} messages a second, {len(stack.sink.messages)} replies")


def script_for(server: MariaDB, stack: MailStack, smtp_port: int) -> VacationScript:
    return VacationScript(port=server.port, database=stack.name, domain=AUTOREPLY, smtp_port=smtp_port)


def use_script(stack: MailStack, script: VacationScript) -> None:
    """Let Postfix start PostfixAdmin's script instead of ours."""
    master = stack.postfix.config / "master.cf"
    lines = master.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if "argv=" in line and "respond" in line)
    names = [f"{name}={script.env[name]}" for name in ("RES_NAMESERVERS", "RES_OPTIONS")]
    command = ["/usr/bin/env", *names, *script.command("${sender}", "${recipient}")]
    lines[at] = f"  directory={script.dir} argv={' '.join(command)}"
    master.write_text("\n".join(lines) + "\n")
    cool_down(stack.postfix.config)
    stack.postfix.reload()
    time.sleep(2)


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.vacations", description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="messages to each program (default: %(default)s)")
    parser.add_argument("--messages", type=int, default=200, help="through Postfix (default: %(default)s)")
    options = parser.parse_args(None if arguments is None else list(arguments))
    with MariaDB() as server, Sink() as sink:
        ca = CertificateAuthority()
        with MailStack(server, sink, ca, settings=TRANSPORT) as stack:
            stack.panel.manage("shell", "-c", WORLD)
            script = script_for(server, stack, sink.port)
            one_by_one(stack, script, options.rounds)
            say("-- through Postfix, each message of another sender, with its reply")
            number = options.messages
            flow(stack, "nobody away", number, NOT_AWAY, 0)
            flow(stack, "our program", number, USER, number)
            use_script(stack, script_for(server, stack, stack.postfix.inject_port))
            flow(stack, "PostfixAdmin's script", number, USER, number)
        with MailStack(server, sink, ca) as stack:
            stack.panel.manage("shell", "-c", WORLD)
            flow(stack, "Sieve", number, USER, number)


if __name__ == "__main__":
    main()
