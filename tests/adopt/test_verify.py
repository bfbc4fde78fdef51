"""The proof that nothing changed: asked of thousands at once, and exactly as Postfix and Dovecot ask one by one."""

import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailadmin.adopt import documented, reasons
from mailadmin.adopt.asking import Asking
from mailadmin.adopt.verify import VerifyResult, verify_adoption
from mailadmin.mailserver import lookups
from mailadmin.mailserver.lookups import Lookup, Runner
from tests.mailserver import model
from tests.mailserver.conftest import generated, mail_settings, mail_users  # noqa: F401  (fixtures)
from tests.mailserver.population import empty, engine, fill
from tests.servers.ca import CertificateAuthority
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import cool_down, postmap
from tests.servers.processes import ServerError, private_dir

pytestmark = pytest.mark.django_db

OF_POSTFIX = [lookup for lookup in (*lookups.ALL, *documented.ALL) if lookup.runner is Runner.POSTFIX]
RULES = {
    reasons.DOMAIN_OFF,
    reasons.TARGET_OFF,
    reasons.MAILBOX_OFF,
    reasons.ALIAS_OFF,
    reasons.NOT_TO_CATCH_ALL,
    reasons.NO_NEGATIVE_QUOTA,
    reasons.SENDING_OFF,
    reasons.PASSWORD_EXPIRED,
}
OF_DOVECOT = [lookups.PASSWORD_QUERY, lookups.USER_QUERY, documented.PASSWORD_QUERY, documented.USER_QUERY]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[model.Population]:
    population = model.generate(seed=5)
    with django_db_blocker.unblock():
        empty()
        fill(population)
        yield population
        empty()


@pytest.fixture(scope="module")
def keys(world: model.Population) -> list[str]:
    return list(dict.fromkeys([*model.random_keys(world, 600, seed=11), "usér@p1.example", "a'b@p1.example", "@", "x"]))


@pytest.fixture(scope="module")
def maps(generated: Path) -> Path:  # noqa: F811
    """The generated files with those of the documented lookups beside them."""
    ours = (generated / "postfix/sql/aliases.cf").read_text()
    head = ours[: ours.index("query =")]
    for lookup in documented.ALL:
        if lookup.runner is Runner.POSTFIX:
            query = "\n".join(f"  {line}" for line in lookups.text(lookup, engine()).splitlines())
            (generated / f"postfix/sql/{lookup.name}.cf").write_text(f"{head}query =\n{query}\n")
    cool_down(generated)
    return generated


@pytest.mark.parametrize("lookup", OF_POSTFIX, ids=lambda lookup: lookup.name)
def test_all_at_once_is_what_postmap_answers_one_by_one(lookup: Lookup, keys: list[str], maps: Path) -> None:
    with Asking() as asking:
        asking.ask(keys)
        at_once = asking.answers(lookup)
    by_postfix = postmap(maps / "postfix", f"{engine()}:{maps}/postfix/sql/{lookup.name}.cf", keys)
    assert {key: ",".join(values) for key, values in at_once.items()} == by_postfix
    for key in random.Random(3).sample(keys, 60):
        assert at_once.get(lookups.fold(key), []) == lookups.run(lookup, key), key


@pytest.mark.parametrize("lookup", OF_DOVECOT, ids=lambda lookup: lookup.name)
def test_all_at_once_is_what_dovecot_is_told_one_by_one(lookup: Lookup, keys: list[str]) -> None:
    for service in ("imap", "smtp"):
        with Asking() as asking:
            asking.ask(keys)
            at_once = asking.rows(lookup, service=service)
        assert at_once
        for key in random.Random(23).sample(keys, 120):
            assert at_once.get(lookups.fold(key), []) == lookups.run_dovecot(lookup, key, service=service), key


def verified() -> VerifyResult:
    return verify_adoption(lambda line: None, False)


def test_a_world_of_every_state_differs_only_by_the_rules(world: model.Population) -> None:
    """In a population in which every state of every row occurs, even those that no panel makes."""
    result = verified()
    assert set(result.meant) >= RULES
    assert result.same > 300
    # A server that hands a domain on takes mail for any address there; ours asks for aliases, and for backup MX.
    unexplained = [line for line in result.differences if "was relayed for every address" not in line]
    assert unexplained == []


def test_orphans_and_two_catch_alls_have_their_rules(world: model.Population) -> None:
    before = verified()
    fill(
        model.Population(
            domains={name: model.Domain() for name in ("mirror.example", "real.example")},
            alias_domains={"mirror.example": model.AliasDomain("real.example")},
            mailboxes={"lost@gone.example": model.Mailbox("gone.example/lost/")},
            aliases={
                "info@gone.example": model.Alias("out@remote.example"),
                "@mirror.example": model.Alias("own@remote.example"),
                "@real.example": model.Alias("theirs@remote.example"),
            },
        )
    )
    added = verified().meant - before.meant
    # The alias, and the login; what is not at home was refused before as well.
    assert added == {reasons.NO_DOMAIN: 2, reasons.OWN_FIRST: 1}


def documented_config(generated: Path) -> Path:  # noqa: F811
    """Return the generated configuration of Dovecot with the documented queries in it."""
    directory = private_dir()
    shutil.copytree(generated / "dovecot", directory / "dovecot")
    conf = directory / "dovecot/sql.conf.ext"
    lines = conf.read_text().split("\n")
    first = next(at for at, line in enumerate(lines) if line.startswith("password_query"))
    head = "\n".join(line for line in lines[:first] if not line.startswith("#"))
    queries = [
        f"{name} = {' '.join(lookups.text(lookup, engine()).splitlines())}"
        for name, lookup in (("password_query", documented.PASSWORD_QUERY), ("user_query", documented.USER_QUERY))
    ]
    conf.write_text("\n".join([head, *queries, ""]))
    return directory


def told_by_doveadm(dovecot: Dovecot, user: str) -> dict[str, str]:
    try:
        lines = dovecot.doveadm("user", user).splitlines()
    except ServerError:
        return {}
    return dict(line.split("\t", 1) for line in lines[1:])


@pytest.mark.parametrize("side", ["before", "after"])
def test_all_at_once_is_what_doveadm_says_one_by_one(
    side: str,
    world: model.Population,
    generated: Path,  # noqa: F811
    ca: CertificateAuthority,
) -> None:
    query = documented.USER_QUERY if side == "before" else lookups.USER_QUERY
    config = documented_config(generated) if side == "before" else generated
    plain = sorted(user for user in world.mailboxes if re.fullmatch(r"[a-z0-9.@_+'-]+", user))
    users = [*random.Random(17).sample(plain, 30), "nobody@p1.example"]
    with Asking() as asking:
        asking.ask(users)
        at_once = asking.rows(query)
    assert 5 < len(at_once) < 30
    certificate = ca.issue("mx.test.example")
    files = {"fullchain.pem": certificate.certificate, "privkey.pem": certificate.key}
    there = {f"/etc/letsencrypt/live/mx.test.example/{name}": str(path) for name, path in files.items()}
    with Dovecot(config, replace=there) as dovecot:
        for user in users:
            told = told_by_doveadm(dovecot, user)
            expected = at_once.get(user, [{}])[0]
            assert {name: told[name] for name in expected} == expected, user
            assert bool(told) == bool(expected), user
