"""Every word that people read is marked for translation: none stands bare in a template, nor on any page."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.test import Client
from django.utils import translation

from mailadmin.accounts.credentials import AccountKind
from mailadmin.audit import forms
from mailadmin.core import frame, limits
from tests.operations.cases import populate
from tests.operations.test_every_operation import everything
from tests.people import signed_in
from tests.test_walk import all_routes, fill

TEMPLATES = Path(settings.BASE_DIR) / "templates"
# Files for Postfix and Dovecot, the page of components that only developers see, and attributes of a link.
LEFT_OUT = ("mailserver/", "styleguide", "partials/list_link.html")
# Attributes that are read out or shown.
READ = {
    "alt",
    "aria-label",
    "aria-description",
    "aria-roledescription",
    "aria-valuetext",
    "label",
    "placeholder",
    "title",
}
# Protocols are called the same everywhere, and so is the mail server of the tests.
NAMES = {"CSV", "Mailadmin", "IMAP", "POP", "SMTP", "mx", "test"}
_WORD = re.compile(r"[^\W\d_]{2,}")
# Those of Jinja2 may have several lines.
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_QUIET = {"comment": "endcomment", "blocktranslate": "endblocktranslate", "blocktrans": "endblocktrans"}


class Bare(HTMLParser):
    """Collects what a person reads on the page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent = tag if tag in ("script", "style") else self.silent
        told = READ | ({"value"} if tag == "input" and ("type", "submit") in attrs else set())
        self.found += [value for name, value in attrs if name in told and value]

    def handle_endtag(self, tag: str) -> None:
        self.silent = "" if tag == self.silent else self.silent

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def bare_texts(source: str) -> list[str]:
    """Return the words of a template that no tag translates."""
    page = Bare()
    page.feed("".join(_untranslated(_COMMENT.sub("", source))))
    page.close()
    return [text.strip() for text in page.found if set(_WORD.findall(text)) - NAMES]


def _untranslated(source: str) -> Iterator[str]:
    waiting_for = ""
    for token in Lexer(source).tokenize():
        if token.token_type is TokenType.BLOCK:
            word = token.contents.split()[0]
            if waiting_for:
                waiting_for = "" if word == waiting_for else waiting_for
            else:
                waiting_for = _QUIET.get(word, "")
        elif token.token_type is TokenType.TEXT and not waiting_for:
            yield token.contents


@pytest.mark.parametrize(
    "path",
    [
        str(path.relative_to(TEMPLATES))
        for path in sorted([*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.jinja")])
        if not str(path.relative_to(TEMPLATES)).startswith(LEFT_OUT)
    ],
)
def test_no_word_of_a_template_is_bare(path: str) -> None:
    assert bare_texts((TEMPLATES / path).read_text()) == []


def test_the_search_finds_bare_words() -> None:
    source = """<p title="Hello there">{% translate "Fine" %} Bare {{ x }}</p>{% comment %}Quiet{% endcomment %}
    <input type="submit" value="Go on">{% blocktranslate %}Fine{% endblocktranslate %}<b class="x">12 · –</b>"""
    assert bare_texts(source) == ["Hello there", "Bare", "Go on"]


def translate_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every translation give its text in ⟦brackets⟧."""
    functions = translation._trans  # type: ignore[attr-defined]
    monkeypatch.setattr(functions, "gettext", lambda text: f"⟦{text}⟧")
    monkeypatch.setattr(functions, "pgettext", lambda _context, text: f"⟦{text}⟧")
    monkeypatch.setattr(functions, "ngettext", lambda one, many, n: f"⟦{one if n == 1 else many}⟧")
    monkeypatch.setattr(functions, "npgettext", lambda _context, one, many, n: f"⟦{one if n == 1 else many}⟧")
    # What was looked up once for each language before.
    for module, name in ((frame, "_drawn"), (limits, "_unit_name"), (forms, "_drawn_actions")):
        monkeypatch.setattr(module, name, getattr(module, name).__wrapped__)


def outside_brackets(page: str) -> str:
    kept, depth = [], 0
    for character in page:
        depth += (character == "⟦") - (character == "⟧")
        if depth == 0 and character != "⟧":
            kept.append(character)
    return "".join(kept)


def words_of_rows() -> set[str]:
    """Return what stands in the tables, and the beginnings of names that stand for people."""
    names = set(_WORD.findall(str(everything())))
    return names | {name[:2] for name in names}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (AccountKind.ADMIN, "alice@ops.example"),
        (AccountKind.ADMIN, "bob@example.com"),
        (AccountKind.MAILBOX, "berta@example.com"),
    ],
)
def test_no_page_says_what_is_not_marked(
    kind: AccountKind, name: str, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    populate()
    client = signed_in(kind, name)
    known = words_of_rows() | NAMES
    translate_nothing(monkeypatch)
    bare = {(route, text) for _name, route in all_routes() for text in bare_on_page(client, route, known)}
    assert bare == set()


def bare_on_page(client: Client, route: str, known: set[str]) -> Iterator[str]:
    """Yield what a page says in words that are neither translated nor in the tables; and so for an empty form of it."""
    methods = ["get"] if re.search("delete|toggle|logout|styleguide", route) else ["get", "post"]
    for method in methods:
        answer = getattr(client, method)(fill(route))
        if "html" in answer.get("Content-Type", ""):
            # The names of time zones and of languages are their own; a link is no word, and DNS speaks no language.
            names = r"<option.*?</option>|http://testserver/[^<\s]+|<pre.*?</pre>|<button[^>]* lang=.*?</button>"
            source = re.sub(names, "", answer.content.decode(), flags=re.DOTALL)
            page = Bare()
            page.feed(outside_brackets(source))
            page.close()
            yield from (text.strip() for text in page.found if set(_WORD.findall(text)) - known)
