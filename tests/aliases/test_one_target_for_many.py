"""A target for many aliases at once: the same answers as one after the other, at a fraction of the queries."""

import random

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aliases.bulk import AddTarget, RemoveTarget
from aliases.models import Alias, AliasTarget
from aliases.services import change_aliases, update_alias
from aliases.targets import derived_targets, write_targets
from domains.models import AliasDomain
from mailadmin.core.actor import Actor
from mailadmin.core.errors import Invalid
from tests.people import make_domains, make_mailboxes

pytestmark = pytest.mark.django_db
ME = Actor.cli()
SEEDS = range(24)


def make_alias(address: str, *targets: str) -> None:
    now = timezone.now()
    domain = address.rpartition("@")[2]
    Alias.objects.create(address=address, goto=",".join(targets), domain=domain, created=now, modified=now)
    write_targets(address, ",".join(targets))


def make_maze(dice: random.Random) -> tuple[list[str], str]:
    """Make aliases that point at each other, at mailboxes, through alias domains and catch-alls; some in circles.

    Returns the aliases of one domain, and the target they shall get.
    """
    make_domains("a.example", "b.example", "mirror.example")
    AliasDomain.objects.create(
        alias_domain="mirror.example", target_domain="a.example", created=timezone.now(), modified=timezone.now()
    )
    make_mailboxes("box@a.example")
    make_alias("box@a.example", "box@a.example", *(["x0@a.example"] if dice.random() < 0.3 else []))
    names = [f"x{number}@{domain}" for number in range(dice.randint(3, 9)) for domain in ("a.example", "b.example")]
    places = [*names, "box@a.example", "out@remote.example", "x1+news@a.example", "x2@mirror.example", "no@b.example"]
    for name in names:
        make_alias(name, *dice.sample(places, dice.choice([1, 1, 1, 2, 3])))
    if dice.random() < 0.4:
        make_alias("@b.example", dice.choice(names))
    if dice.random() < 0.2:
        make_alias("@a.example", dice.choice(places))
    chosen = list(Alias.objects.filter(domain="a.example").exclude(address="box@a.example").order_by("address"))
    return [alias.address for alias in chosen], dice.choice(places)


def one_by_one(names: list[str], target: str) -> dict[str, str]:
    """Give each the target by the operation for one; returns what was refused and why."""
    refused = {}
    for name in names:
        alias = Alias.objects.get(address=name)
        if target in alias.targets:
            continue
        try:
            update_alias(ME, address=name, targets=[*alias.targets, target])
        except Invalid as error:
            refused[name] = error.message
    return refused


def rows() -> tuple[dict[str, str], set[tuple[str, str]]]:
    return dict(Alias.objects.values_list("address", "goto")), set(AliasTarget.objects.values_list("target", "address"))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_answers_as_one_by_one(seed: int) -> None:
    names, target = make_maze(random.Random(seed))
    checked = AddTarget().check(ME, names, {"target": target}, lambda _done: None)
    with transaction.atomic():
        refused = one_by_one(names, target)
        after = rows()
        transaction.set_rollback(True)
    assert checked.refused == refused
    wanted = [name for name in names if name not in refused]
    change_aliases(ME, domain="a.example", addresses=wanted, add_target=target)
    assert rows() == after
    for name in list(refused)[:3]:
        with pytest.raises(Invalid):
            change_aliases(ME, domain="a.example", addresses=[name], add_target=target)


def test_the_mazes_are_worth_something() -> None:
    found = set()
    for seed in SEEDS:
        with transaction.atomic():
            names, target = make_maze(random.Random(seed))
            checked = AddTarget().check(ME, names, {"target": target}, lambda _done: None)
            found |= {text.split(":")[0] for text in checked.refused.values()}
            found |= {"changed" if checked.change else ""}
            transaction.set_rollback(True)
    assert found >= {"An alias cannot point to itself.", "Mail would go in a circle", "changed"}


def test_derived_rows_follow() -> None:
    make_domains("a.example")
    make_alias("one@a.example", "x+news@remote.example", "Mixed@Remote.example")
    make_alias("two@a.example", "x@remote.example")
    add, remove = AddTarget(), RemoveTarget()
    names = ["one@a.example", "two@a.example"]
    assert add.apply(ME, names, {"target": "new+tag@remote.example"}, lambda _done: None) == 2
    assert remove.apply(ME, names[:1], {"target": "mixed@remote.example"}, lambda _done: None) == 1
    for alias in Alias.objects.all():
        found = set(AliasTarget.objects.filter(address=alias.address).values_list("target", flat=True))
        assert found == derived_targets(alias.goto)
    assert Alias.objects.get(address="one@a.example").goto == "x+news@remote.example,new+tag@remote.example"


@pytest.mark.parametrize("change", [AddTarget(), RemoveTarget()])
def test_a_batch_costs_as_many_queries_as_ten(change: AddTarget | RemoveTarget) -> None:
    make_domains("a.example")
    # Where it is new it is followed; where it is not there it is not removed.
    target = "m1@remote.example" if isinstance(change, RemoveTarget) else "x000@a.example"
    for number in range(220):
        make_alias(f"x{number:03}@a.example", "m1@remote.example", "m2@remote.example")
    counts = []
    for first, last in ((10, 20), (20, 220)):
        names = [f"x{number:03}@a.example" for number in range(first, last)]
        with CaptureQueriesContext(connection) as checking:
            assert not change.check(ME, names, {"target": target}, lambda _done: None).refused
        with CaptureQueriesContext(connection) as doing:
            assert change.apply(ME, names, {"target": target}, lambda _done: None) == last - first
        statements = [query["sql"] for query in doing if "UPDATE alias SET goto" not in query["sql"]]
        counts.append((len(checking), len(statements)))
    # SQLite takes fewer rows in one INSERT.
    assert counts[1][0] == counts[0][0] and counts[1][1] <= counts[0][1] + 2 < 25, counts
