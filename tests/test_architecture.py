"""What the import contracts cannot say about the tree."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("mailadmin", "domains", "aliases", "mailboxes")
NOUNS = ("domains", "aliases", "mailboxes")
SAME_FILES = ("models.py", "services.py", "forms.py", "views.py", "urls.py", "migrations", "management/commands")


def sources() -> list[Path]:
    return [
        path
        for app in OURS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and path.name != "schema.py"
    ]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"\bget_model\(", "a way round the layers; migrations and their operations alone may"),
        (r"\w_set\b(?!\w)\.", "a reverse accessor, a way round the layers"),
        (r"@receiver\b|\.connect\(|django\.dispatch", "a signal: what a change does stands in its operation"),
        (r"django\.contrib\.admin\b", "no second panel"),
        (r"\bmark_safe\(|\|safe\b", "text goes out escaped"),
        (r"objects\.raw\(|\.extra\(", "queries are written with the ORM, or stand in the registry of lookups"),
        (r"csrf_exempt", "every form has its token"),
    ],
)
def test_not_in_the_code(pattern: str, why: str) -> None:
    found = [str(path.relative_to(ROOT)) for path in sources() if re.search(pattern, path.read_text())]
    assert not found, why


def test_nouns_carry_the_same_files() -> None:
    for noun in NOUNS:
        for name in SAME_FILES:
            assert (ROOT / noun / name).exists(), f"{noun}/{name}"


def test_no_drawer_of_odds_and_ends() -> None:
    vague = {"utils", "helpers", "lib", "misc"}
    assert not [path for path in sources() if vague & {path.stem, *path.relative_to(ROOT).parts}]


def test_only_operations_write() -> None:
    """Views, forms and commands change rows of PostfixAdmin's tables through operations alone."""
    writes = re.compile(
        r"\b(Domain|AliasDomain|DomainAdmin|Mailbox|Alias|Vacation|Admin|Log)\.objects\.\w*(create|update|delete)|(?<!self)\.(save|delete|bulk_create)\("
    )
    outside = [
        path for path in sources() if path.stem in {"views", "forms", "urls"} or {"views", "commands"} & set(path.parts)
    ]
    assert outside
    found = [str(path.relative_to(ROOT)) for path in outside if writes.search(path.read_text())]
    allowed = {"mailadmin/audit/management/commands/prune.py"}
    assert set(found) <= allowed
