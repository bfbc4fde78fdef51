"""The shared parts of the pages: template tags, the rail by role, and the contrast of the colours."""

import datetime as dt
import re
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.forms.renderers import Jinja2
from django.template import Context, Engine, engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import NoReverseMatch
from django.utils import translation
from django.utils.safestring import SafeString

from mailadmin.core import frame
from mailadmin.core.actor import Actor, ActorKind
from mailadmin.core.branding import contrast
from mailadmin.core.limits import Limit
from mailadmin.core.templatetags import panel

ROOT = Path(__file__).resolve().parents[2]
TOKENS = ROOT / "static/css/tokens.css"


class TestAddress:
    def test_breaks_after_the_at_sign_only(self) -> None:
        expected = 'anna@<wbr><span class="address__domain">example.com</span>'
        assert panel.address("anna@example.com") == expected

    def test_shows_international_domains_readable(self) -> None:
        assert "bücher.example" in panel.address("bob@xn--bcher-kva.example")

    def test_domain_alone_stays_as_it_is(self) -> None:
        assert panel.address("@example.com") == '<span class="address__domain">@example.com</span>'
        assert panel.address("example.com") == "example.com"

    @pytest.mark.parametrize("text", ["<b>@example.com", "a@<script>", SafeString("<i>@x")])
    def test_escapes_what_a_table_may_hold(self, text: str) -> None:
        assert not re.search(r"<(?!wbr>|/?span)", panel.address(text))

    def test_breaks_in_a_sentence_too(self) -> None:
        found = panel.addresses("Delete <b> anna@example.com now")
        assert found == 'Delete &lt;b&gt; anna@<wbr><span class="address__domain">example.com</span> now'


class TestUsage:
    @pytest.mark.parametrize(
        ("used", "limit", "text"),
        [
            (12, 50, "12 of 50 mailboxes"),
            (1234, 0, "1,234 mailboxes, no limit"),
            (0, -1, "0 mailboxes, none allowed"),
            (45, 50, "45 of 50 mailboxes · nearly full"),
            (50, 50, "50 of 50 mailboxes · full"),
            (51, 50, "51 of 50 mailboxes · full"),
            (2, -1, "2 mailboxes, none allowed · full"),
        ],
    )
    def test_words(self, used: int, limit: int, text: str) -> None:
        html = panel.usage(used, Limit(limit), "mailboxes")
        assert " ".join(re.sub(r"<[^>]*>", "", html).split()) == text

    def test_bytes_read_as_sizes(self) -> None:
        html = panel.usage(1024**3, 5 * 1024**3, in_bytes=True)
        assert "<strong>1 GB</strong> of 5 GB" in html and 'usage__fill" width="20%"' in html

    def test_bar_never_leaves_its_frame(self) -> None:
        assert 'usage__fill" width="100%"' in panel.usage(900, 10)


class TestRail:
    @pytest.mark.parametrize(
        ("url_name", "label"),
        [
            ("alias_domain_edit", "Domains"),
            ("mailbox_create", "Domains"),
            ("admin_list", "Admins"),
            ("log", "Log"),
        ],
    )
    def test_marks_the_place_a_page_belongs_to(self, url_name: str, label: str) -> None:
        place = frame.place_of("superadmin", url_name)
        assert place is not None and str(place.label) == label

    def test_longer_name_wins(self) -> None:
        assert frame.place_of("user", "account_vacation") is frame.VACATION

    def test_login_belongs_nowhere(self) -> None:
        assert frame.place_of("superadmin", "login") is None

    def test_domain_admins_see_no_admins(self) -> None:
        assert frame.ADMINS not in frame.PLACES["admin"]

    def test_strangers_see_no_rail(self) -> None:
        assert ActorKind.ANONYMOUS.value not in frame.PLACES


def around(name: str = "anna@example.com", kind: ActorKind = ActorKind.ADMIN, query: str = "", token: str = "t") -> str:
    """Return the frame around a page."""
    request = RequestFactory().get(f"/{query}")
    vars(request).update(actor=Actor(kind, name), resolver_match=SimpleNamespace(url_name="log"))
    return "".join(frame.frame_of(request, token).values())


class TestFrame:
    def test_holds_one_persons_name_and_token(self) -> None:
        assert "anna@example.com" in around(token="of-anna")
        bob = around("bob@example.com", token="of-bob")
        assert bob.count("bob@example.com") == 2 and bob.count('"of-bob"') == 2 and "anna" not in bob

    @pytest.mark.parametrize("kind", list(ActorKind))
    def test_shows_what_was_asked_and_a_name_as_text(self, kind: ActorKind) -> None:
        html = around('"<b>%(name)s%s\0', kind, "?q=%22%3Cscript%3E%25(name)s")
        assert html.count("&#34;&lt;b&gt;%(name)s%s\0") == 2 and "<b>" not in html
        assert ("&#34;&lt;script&gt;%(name)s" in html) is (kind is not ActorKind.USER) and "<script>" not in html

    def test_speaks_each_language(self) -> None:
        for code, word in (("en", "Sign out"), ("de", "Abmelden"), ("en", "Sign out")):
            with translation.override(code):
                assert f"{word}</button>" in around() and f'<html lang="{code}">' in around()

    def test_follows_the_role_and_the_settings(self, settings: Any) -> None:
        settings.MAILADMIN_NAME = "100% <Mail>"
        admin = around()
        assert 'href="/log/" aria-current="page"' in admin and 'href="/admins/"' not in admin
        assert 'href="/admins/"' in around(kind=ActorKind.SUPERADMIN)
        assert "100% &lt;Mail&gt;" in admin
        settings.MAILADMIN_NAME = "Other"
        assert "100%" not in around()

    def test_its_static_files_exist(self) -> None:
        names = re.findall(r'"/static/([^"]*)"', around())
        assert len(names) > 8 and all(map(finders.find, names))


class Sample(forms.Form):
    name = forms.CharField(help_text="As it appears.")
    password = forms.CharField(widget=forms.PasswordInput)
    amount = forms.IntegerField(required=False)
    kind = forms.ChoiceField(choices=[("a", "A")])
    text = forms.CharField(widget=forms.Textarea, required=False)
    until = forms.DateTimeField(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), required=False)
    way = forms.ChoiceField(widget=forms.RadioSelect, choices=[("x", "X"), ("<y>", "<Y>")])
    several = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, choices=[("x", "X")], required=False)
    active = forms.BooleanField(required=False)


class TestUrl:
    @pytest.mark.parametrize("value", ["anna@example.com", "@example.com", "example.com", "a/b@c.example", "%+0+@x", 7])
    @pytest.mark.parametrize("name", ["mailbox_detail", "domain_detail", "account", "job_detail"])
    def test_is_the_one_of_django(self, name: str, value: object) -> None:
        for source in (
            f'{{% url "{name}" value as found %}}<{{{{ found }}}}>',
            f'{{% url "{name}" as found %}}{{{{ found }}}}',
        ):
            mine = engines["django"].from_string(source).render({"value": value})
            assert mine == Engine().from_string(source).render(Context({"value": value}))

    def test_of_two_names_keeps_their_order(self) -> None:
        source = '{% url "alias_domain_edit" "example.com" "alias.example" %}'
        assert engines["django"].from_string(source).render() == "/domains/example.com/alias-domains/alias.example/"

    def test_refuses_what_has_no_page(self) -> None:
        with pytest.raises(NoReverseMatch):
            engines["django"].from_string('{% url "mailbox_detail" "example.com" %}').render()


NOW = dt.datetime(2026, 7, 1, 12, 30, tzinfo=dt.UTC)


def drawn_form(form: forms.Form) -> str:
    return render_to_string("partials/form.html", {"form": form, "submit": "Save"})


class TestForm:
    def test_every_id_that_a_control_names_exists(self) -> None:
        html = drawn_form(Sample({"amount": "x"}))
        named = {one for ids in re.findall(r'aria-(?:describedby|controls)="([^"]*)"', html) for one in ids.split()}
        assert named and named <= set(re.findall(r'\bid="([^"]*)"', html))

    def test_every_control_has_a_label(self) -> None:
        html = drawn_form(Sample())
        controls = re.findall(r'<(?:input|select|textarea)[^>]*\bid="([^"]*)"', html)
        assert len(controls) == 10 and all(f'for="{one}"' in html for one in controls)

    def test_error_names_its_field_and_replaces_the_help(self) -> None:
        html = drawn_form(Sample({}))
        assert 'href="#id_name"' in html and 'id="id_name_error"' in html
        assert 'id="id_name_helptext" hidden' in html

    @pytest.mark.parametrize("data", [None, {}, dict.fromkeys(Sample.base_fields, "<script>\"'&")])
    def test_controls_are_those_of_django(self, data: dict[str, str] | None) -> None:
        form = Sample(data, initial={"name": "<b>", "text": "\n</textarea>", "until": NOW, "active": True, "way": "x"})
        plain = Sample(data, initial=form.initial, renderer=Jinja2())
        for mine, its in zip(form, plain, strict=True):
            assert re.sub(r">\s+<", "><", str(mine)) == re.sub(r">\s+<", "><", str(its))
            assert mine.as_hidden() == its.as_hidden()

    def test_words_of_a_form_are_text_and_its_help_is_markup(self) -> None:
        field = forms.CharField(label="<script>", help_text="<em>Help</em>")
        html = drawn_form(type("Odd", (forms.Form,), {"x": field})({"x": ""}))
        assert "&lt;script&gt;" in html and "<script>" not in html and "<em>Help</em>" in html


@pytest.mark.parametrize("code", [400, 403, 404, 429, 500, 503])
def test_error_page_needs_nothing(code: int) -> None:
    html = render_to_string(f"{code}.html")
    assert f">{code}<" in html and "<h1>" in html


def test_no_template_needs_inline_style_or_script() -> None:
    inline = re.compile(
        r"\sstyle=|<style|<script(?![^>]*\bsrc=)|\son[a-z]+=|hx-on|javascript:",
        re.IGNORECASE,
    )
    guilty = [path.name for path in ROOT.glob("templates/**/*.*") if inline.search(path.read_text())]
    assert guilty == []


def colours() -> dict[str, tuple[str, str]]:
    """Return each colour token as (light, dark)."""
    pair = r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)"
    return {name: (light, dark) for name, light, dark in re.findall(pair, TOKENS.read_text())}


SURFACES = ("canvas", "surface", "sunken")
TEXT_PAIRS = [
    *product(("text", "muted", "accent", "accent-strong", "danger"), SURFACES),
    *product(("good", "attention", "info"), ("canvas", "surface")),
    *((tone, f"{tone}-soft") for tone in ("good", "attention", "danger", "info")),
    *product(
        ("text", "muted"),
        ("good-soft", "attention-soft", "danger-soft", "info-soft", "accent-soft"),
    ),
    ("accent", "info-soft"),
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
]
"""Text colour and what it stands on: at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

EDGE_PAIRS = [
    *product(("line-strong", "accent", "danger"), SURFACES),
    *product(("accent", "attention", "danger"), ("line",)),
    ("accent", "danger-soft"),
]
"""Borders of controls, bars and focus rings: at least 3 to 1 (WCAG 2.2, 1.4.11)."""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [*((*pair, 4.5) for pair in TEXT_PAIRS), *((*pair, 3.0) for pair in EDGE_PAIRS)],
)
def test_colours_can_be_told_apart(theme: str, front: str, back: str, least: float) -> None:
    at = ("light", "dark").index(theme)
    tokens = colours()
    assert round(contrast(tokens[front][at], tokens[back][at]), 2) >= least
