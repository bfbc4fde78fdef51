"""The catalogues in locale/: whole, agreeing with the texts of the panel, and compiled as they stand."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
FORMS = {"de": 2, "es": 2, "fr": 2, "it": 2, "pt_BR": 2}
LOCALES = sorted(FORMS)
_QUOTED = re.compile(r'^"(.*)"$')
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]|%%")


class Entry(NamedTuple):
    """One text: msgid and its plural, what stands for them, and the flags."""

    context: str
    text: str
    plural: str
    said: tuple[str, ...]
    flags: frozenset[str]

    @property
    def key(self) -> tuple[str, str, str]:
        return self.context, self.text, self.plural


def po_path(locale: str, root: Path = ROOT) -> Path:
    return root / "locale" / locale / "LC_MESSAGES" / "django.po"


def entries(path: Path) -> list[Entry]:
    """Return the texts of a catalogue, without its head."""
    blocks = path.read_text(encoding="utf-8").strip().split("\n\n")
    return [entry for entry in map(_entry, blocks) if entry.text]


def _entry(block: str) -> Entry:
    values: dict[str, str] = {}
    flags: set[str] = set()
    name = ""
    for line in block.splitlines():
        if line.startswith("#,"):
            flags |= {flag.strip() for flag in line[2:].split(",")}
        elif not line.startswith("#"):
            keyword, _blank, rest = ("", "", line) if line.startswith('"') else line.partition(" ")
            name = keyword or name
            match = _QUOTED.match(rest)
            assert match, f"{line!r} is no line of a catalogue"
            values[name] = values.get(name, "") + _unescaped(match[1])
    said = tuple(values[key] for key in sorted(values) if key.startswith("msgstr"))
    return Entry(
        values.get("msgctxt", ""), values.get("msgid", ""), values.get("msgid_plural", ""), said, frozenset(flags)
    )


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), text)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_is_translated_and_none_is_a_guess(locale: str) -> None:
    assert "\n#~ " not in po_path(locale).read_text(), "obsolete entries: run make messages"
    found = entries(po_path(locale))
    assert len(found) > 500
    assert [entry.text for entry in found if "fuzzy" in entry.flags] == []
    assert [entry.text for entry in found if not all(text.strip() for text in entry.said)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_plural_form_is_there(locale: str) -> None:
    head = po_path(locale).read_text().split("\n\n", 1)[0]
    assert f"nplurals={FORMS[locale]};" in head
    wrong = [
        entry.text for entry in entries(po_path(locale)) if len(entry.said) != (FORMS[locale] if entry.plural else 1)
    ]
    assert wrong == []


@pytest.mark.parametrize("locale", LOCALES)
def test_placeholders_are_those_of_the_text(locale: str) -> None:
    assert list(differing(entries(po_path(locale)))) == []


def differing(found: list[Entry]) -> Iterator[tuple[str, str]]:
    """Yield texts with the translations that have other placeholders, or those without a name in another order."""
    for entry in found:
        for number, said in enumerate(entry.said):
            source = entry.plural if number else entry.text
            if placeholders(source) != placeholders(said) or unnamed(source) != unnamed(said):
                yield source, said


def placeholders(text: str) -> Counter[str]:
    return Counter(_PLACEHOLDER.findall(text))


def unnamed(text: str) -> list[str]:
    """Return the placeholders without a name, which must keep their order."""
    return [found for found in _PLACEHOLDER.findall(text) if "(" not in found]


@pytest.mark.parametrize("locale", LOCALES)
def test_edges_are_those_of_the_text(locale: str) -> None:
    """Blanks at the ends belong to the page, and "…" says that a question follows."""
    wrong = [
        (entry.text, said)
        for entry in entries(po_path(locale))
        for said in entry.said
        if (entry.text[:1].isspace(), entry.text[-1:].isspace(), entry.text.endswith("…"))
        != (said[:1].isspace(), said[-1:].isspace(), said.endswith("…"))
    ]
    assert wrong == []


@pytest.mark.parametrize("locale", LOCALES)
def test_marks_of_html_are_kept(locale: str) -> None:
    tags = re.compile(r"</?[a-z]+[^>]*>")
    wrong = [
        (entry.text, said)
        for entry in entries(po_path(locale))
        for said in entry.said
        if sorted(tags.findall(entry.text)) != sorted(tags.findall(said))
    ]
    assert wrong == []


@pytest.mark.parametrize("locale", LOCALES)
def test_the_compiled_catalogue_says_the_same(locale: str) -> None:
    """`make run` needs no gettext, so the .mo is committed: it must be that of its .po."""
    compiled = po_path(locale).with_suffix(".mo")
    assert compiled.is_file(), "run make messages"
    with compiled.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    catalogue.pop("", None)
    wanted: dict[str | tuple[str, int], str] = {}
    for entry in entries(po_path(locale)):
        key = f"{entry.context}\x04{entry.text}" if entry.context else entry.text
        if entry.plural:
            wanted |= {(key, number): said for number, said in enumerate(entry.said)}
        else:
            wanted[key] = entry.said[0]
    assert catalogue == wanted


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources with catalogues made anew by makemessages."""
    assert shutil.which("xgettext"), "gettext is missing: run tests/install"
    copy = tmp_path_factory.mktemp("sources")
    for name in ("mailadmin", "domains", "aliases", "mailboxes", "templates", "locale"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    shutil.copy(ROOT / "manage.py", copy)
    command = [sys.executable, "manage.py", "makemessages"]
    subprocess.run(command, cwd=copy, env=dict(os.environ), check=True, capture_output=True, timeout=120)
    return copy


@pytest.mark.parametrize("locale", LOCALES)
def test_the_catalogues_hold_the_texts_of_the_panel(locale: str, collected: Path) -> None:
    wanted = {entry.key for entry in entries(po_path(locale, collected))}
    there = {entry.key for entry in entries(po_path(locale))}
    assert wanted - there == set(), "new texts: run make messages and translate them"
    assert there - wanted == set(), "texts that are gone: run make messages"


def test_all_catalogues_hold_the_same_texts() -> None:
    assert len({frozenset(entry.key for entry in entries(po_path(locale))) for locale in LOCALES}) == 1


def test_there_is_a_catalogue_of_every_language() -> None:
    offered = {code for code, _name in settings.LANGUAGES}
    assert {locale.lower().replace("_", "-") for locale in LOCALES} | {"en"} == offered
    assert sorted(path.name for path in (ROOT / "locale").iterdir()) == LOCALES
