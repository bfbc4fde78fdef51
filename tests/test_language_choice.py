"""Which language a page is in: the person's choice, else the cookie's, else the browser's, else the panel's."""

import ast
import datetime as dt
import io
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.http import HttpRequest, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone, translation
from django.utils.formats import number_format
from django.utils.translation import gettext

from mailadmin.accounts.forms import VacationForm
from mailadmin.accounts.models import Account
from mailadmin.audit.models import AuditEvent
from mailadmin.core.forms import MomentField
from mailadmin.core.language import LanguageMiddleware
from mailadmin.settings import language
from tests.people import admin_client

pytestmark = pytest.mark.django_db
CODES = [code for code, _name in settings.LANGUAGES]
SIGN_IN = {
    "de": "Anmelden",
    "en": "Sign in",
    "es": "Iniciar sesión",
    "fr": "Connexion",
    "it": "Accedi",
    "pt-br": "Entrar",
}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def asked(client: Client, language: str = "", path: str = "/login/") -> str:
    """Return a page as a browser gets it that asks for a language."""
    answer = client.get(path, headers={"Accept-Language": language} if language else {})
    assert answer.status_code == 200
    return answer.content.decode()


def choose(client: Client, language: str) -> None:
    assert client.post("/language/", {"language": language}).status_code == 302


@pytest.mark.parametrize("code", CODES)
def test_the_browser_is_heard(code: str) -> None:
    page = asked(Client(), f"{code}, en;q=0.5")
    assert f'<html lang="{code}">' in page
    assert f"<h1>{SIGN_IN[code]}</h1>" in page


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("de-AT,de;q=0.9", "de"),
        ("pt-PT", "pt-br"),
        ("pt", "pt-br"),
        ("fr-CA", "fr"),
        ("ja, it;q=0.8, de;q=0.9", "de"),
        ("en-GB,de;q=0.1", "en"),
        ("tlh", "en"),
        ("*", "en"),
        ("\x00;;q=,", "en"),
        ("", "en"),
    ],
)
def test_relatives_and_strangers_of_our_languages(header: str, code: str) -> None:
    assert f'<html lang="{code}">' in asked(Client(), header)


def test_the_choice_on_the_sign_in_page_goes_before_the_browser() -> None:
    client = Client()
    answer = client.post("/language/", {"language": "fr", "next": "/domains/?q=a"})
    assert answer["Location"] == "/login/?next=%2Fdomains%2F%3Fq%3Da"
    cookie = answer.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("fr", True, "Lax")
    assert int(cookie["max-age"]) > 180 * 24 * 3600
    assert '<html lang="fr">' in asked(client, "de")
    choose(client, "en")
    assert '<html lang="en">' in asked(client, "de")


@pytest.mark.parametrize("bad", ["", "ru", "xx", "DE", "de\x00", "../de", "d" * 5000])
def test_only_languages_of_the_panel_can_be_chosen(bad: str) -> None:
    client = Client()
    assert client.post("/language/", {"language": bad}).status_code == 400
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ru"
    assert '<html lang="it">' in asked(client, "it")


def test_the_choice_needs_a_post_of_our_own_page() -> None:
    assert Client().get("/language/?language=de").status_code == 405
    assert Client(enforce_csrf_checks=True).post("/language/", {"language": "de"}).status_code == 403
    answer = Client().post("/language/", {"language": "de", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/login/"


def test_every_language_can_be_chosen_and_the_present_one_is_marked() -> None:
    page = asked(Client(), "it")
    for code, name in settings.LANGUAGES:
        mark = ' aria-current="true"' if code == "it" else ""
        assert f'name="language" value="{code}" lang="{code}"{mark}>{name}</button>' in page


def test_the_persons_choice_goes_before_cookie_and_browser() -> None:
    client = admin_client("alice@ops.example", superadmin=True)
    choose(client, "fr")
    assert '<html lang="fr">' in asked(client, "it", "/account/")
    answer = client.post("/account/", {"language": "de"}, follow=True)
    page = answer.content.decode()
    assert Account.objects.get().language == "de"
    assert "Sprache geändert." in page
    assert '<html lang="de">' in page
    assert "Zeitzone" in page
    assert '<option value="de" selected>Deutsch</option>' in page
    assert answer["Content-Language"] == "de"
    event = AuditEvent.objects.get(action="edit_preferences")
    assert (event.before, event.after) == ({"language": ""}, {"language": "de"})
    client.post("/account/", {"language": ""})
    assert Account.objects.get().language == ""
    assert '<html lang="fr">' in asked(client, "it", "/account/")


@pytest.mark.parametrize("bad", ["ru", "x" * 500, "de\x00", "DE"])
def test_an_unknown_language_is_refused_at_its_field(bad: str) -> None:
    client = admin_client("alice@ops.example", superadmin=True)
    answer = client.post("/account/", {"language": bad})
    assert answer.status_code == 200
    assert 'id="id_language_error"' in answer.content.decode()
    assert Account.objects.get().language == ""


def test_a_language_that_an_earlier_release_spoke() -> None:
    client = admin_client("alice@ops.example", superadmin=True)
    Account.objects.update(language="tlh")
    assert '<html lang="it">' in asked(client, "it", "/account/")


def test_error_pages_speak_too() -> None:
    client = admin_client("alice@ops.example", superadmin=True)
    Account.objects.update(language="de")
    for path, status in (("/nothing/", 404), ("/domains/none.example/", 404)):
        answer = client.get(path)
        assert answer.status_code == status
        assert '<html lang="de">' in answer.content.decode()


def test_caches_keep_languages_apart() -> None:
    vary = Client().get("/login/")["Vary"].lower()
    assert "accept-language" in vary
    assert "cookie" in vary


def test_nothing_of_a_language_stays_with_the_worker() -> None:
    asked(Client(), "de")
    assert translation.get_language() == "en"


def test_what_is_sent_bit_by_bit_is_in_one_language() -> None:
    def answer(_request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(gettext("Sign in") for _number in range(2))

    request = RequestFactory().get("/", headers={"Accept-Language": "de"})
    response = LanguageMiddleware(answer)(request)
    assert isinstance(response, StreamingHttpResponse)
    assert response.getvalue() == b"AnmeldenAnmelden"
    assert translation.get_language() == "en"


def test_numbers_and_dates_follow_the_language() -> None:
    shown = {}
    for code in CODES:
        with translation.override(code):
            shown[code] = number_format(1234567.5, 1, force_grouping=True)
    assert shown["en"] == "1,234,567.5"
    assert shown["de"] == shown["it"] == shown["es"].replace("\xa0", ".") == shown["pt-br"] == "1.234.567,5"
    assert shown["fr"].replace("\xa0", " ").replace("\u202f", " ") == "1 234 567,5"


@pytest.mark.parametrize("code", CODES)
def test_moments_are_asked_for_as_browsers_write_them(code: str) -> None:
    moment = dt.datetime(2026, 12, 24, 18, tzinfo=dt.UTC)
    with translation.override(code), timezone.override(dt.UTC):
        drawn = str(VacationForm(initial={"activefrom": moment})["activefrom"])
        assert 'value="2026-12-24T18:00"' in drawn
        assert MomentField().clean("2026-12-24T18:00") == moment


def test_the_panels_own_language_must_be_one_it_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE_CODE", "pt-BR")
    assert language("LANGUAGE_CODE", default="en") == "pt-br"
    monkeypatch.setenv("LANGUAGE_CODE", "tlh")
    with pytest.raises(ImproperlyConfigured, match="tlh"):
        language("LANGUAGE_CODE", default="en")


APPS = ("mailadmin", "domains", "aliases", "mailboxes")
EAGER = {"gettext", "ngettext", "pgettext", "npgettext"}


def eager_names(tree: ast.Module) -> set[str]:
    """Return the names under which a module imports the functions that translate at once."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = [alias for node in imports if node.module == "django.utils.translation" for alias in node.names]
    return {alias.asname or alias.name for alias in names if alias.name in EAGER}


def run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs when the module is imported: everything but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in (*child.decorator_list, *child.args.defaults, *filter(None, child.args.kw_defaults)):
                yield part
                yield from run_at_import(part)
        elif not isinstance(child, ast.Lambda):
            yield child
            yield from run_at_import(child)


def test_no_text_is_translated_when_a_module_is_imported() -> None:
    root = Path(settings.BASE_DIR)
    found = []
    for path in chain.from_iterable((root / app).rglob("*.py") for app in APPS):
        tree = ast.parse(path.read_text())
        names = eager_names(tree)
        found += [
            f"{path.relative_to(root)}:{node.lineno}"
            for node in run_at_import(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
        ]
    assert found == []


def test_commands_speak_english() -> None:
    """Whatever the panel's language: errors of the operations as well."""
    out = io.StringIO()
    with translation.override("de"):
        call_command("domain", "create", "example.com", stdout=out)
        with pytest.raises(CommandError) as caught:
            call_command("mailbox", "show", "nobody@example.com")
        assert translation.get_language() == "de"
    assert out.getvalue() == "Created domain example.com.\n"
    assert str(caught.value).startswith("mailbox: There is no “nobody@example.com” here.")
