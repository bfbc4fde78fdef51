"""The Sieve script that the view makes of a vacation row."""

import datetime as dt
import itertools
import re

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aliases.models import Alias, AliasTarget
from domains.models import AliasDomain, Domain
from mailadmin.mailserver import lookups, sieve
from mailboxes.models import Mailbox, Vacation, VacationMore
from tests.mailserver.population import engine
from tests.mailserver.vacation_texts import BODIES, SUBJECTS

pytestmark = pytest.mark.django_db

USER = "carol@vac.example"
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def carol(db: None) -> None:
    Domain.objects.create(domain="vac.example", description="", transport="virtual")
    Mailbox.objects.create(
        username=USER, password="", name="", maildir="vac.example/carol/", local_part="carol", domain="vac.example"
    )


def vacation(**values: object) -> Vacation:
    row = {
        "subject": "Away",
        "body": "Back soon",
        "domain": "vac.example",
        "modified": timezone.now(),
        "activefrom": timezone.now() - DAY,
        "activeuntil": timezone.now() + DAY,
    }
    return Vacation.objects.create(email=USER, **(row | values))


def script() -> tuple[str, str] | None:
    """Return id and text as Dovecot's dictionary asks for them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {sieve.ID_VIEW} WHERE username = %s AND script_name = %s", [USER, "vacation"])
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(f"SELECT script_data FROM {sieve.SCRIPT_VIEW} WHERE username = %s AND id = %s", [USER, row[0]])
        return str(row[0]), str(cursor.fetchone()[0])


def text() -> str:
    found = script()
    assert found is not None
    return found[1]


def is_told_to_dovecot() -> bool:
    [row] = lookups.run_dovecot(lookups.USER_QUERY, USER)
    return row.get("sieve_before") == lookups.SIEVE_LOCATION


def strings(sieve_script: str) -> list[str]:
    """Return the strings of a script as Sieve reads them: backslashes first, then encoded characters."""
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', sieve_script)
    plain = [re.sub(r"\\(.)", r"\1", part) for part in quoted]
    return [
        re.sub(r"\$\{hex:([0-9a-f ]+)\}", lambda match: bytes.fromhex(match.group(1)).decode(), part) for part in plain
    ]


def quoted(plain: str, line_break: str) -> str:
    """Return the Sieve string of a text, as the script must have it."""
    plain = plain.replace("\r", "").replace("${", "${hex:24}{").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + plain.replace("\n", line_break) + '"'


def expected(subject: str, body: str, inside_body: str = "", addresses: tuple[str, ...] = (USER,)) -> str:
    """Return the whole script but for its handle, made without SQL."""
    own = "[" + ",".join(quoted(address, "") for address in addresses) + "]"

    def vacation(text: str) -> str:
        title = f" :subject {quoted(subject, ' ')}" if subject else ""
        end = quoted(text, "${hex:0d 0a}")
        return f'vacation :seconds 31536000 :handle "" :from "{USER}" :addresses {own}{title} {end};'

    replies = vacation(body)
    if inside_body:
        replies = f'if envelope :domain "from" ["vac.example"] {{{vacation(inside_body)}}} else {{{replies}}}'
    return (
        'require ["vacation","vacation-seconds","encoded-character","envelope"]; if not anyof ('
        f'{sieve._automatic()}, envelope "from" {own}, address "from" {own},'
        f' envelope :matches "from" "carol+*@vac.example") {{{replies}}}'
    )


def without_handle(sieve_script: str) -> str:
    return re.sub(r':handle "[0-9: -]*"', ':handle ""', sieve_script)


def test_a_vacation_is_one_line() -> None:
    vacation(body="Dear sender,\r\nI am away.\n.\nCarol\n")
    assert "\n" not in text() and "\r" not in text()
    assert strings(text())[-1] == "Dear sender,\r\nI am away.\r\n.\r\nCarol\r\n"


@pytest.mark.parametrize(
    "body",
    [
        'He said "away"',
        "ends in a backslash \\",
        '\\" ; discard ; "',
        '"; redirect "evil@out.example"; "',
        "${hex:22}; discard; ${hex:22}",
        "$${hex:24}{unicode:22}",
        "${unicode:22}",
        "100% o'clock; %s %(x)s",
        "umlauts äöü, emoji 😀, tab\tand bell\x07",
        "-- comment /* x */ # y",
        "",
    ],
)
def test_no_text_breaks_out(body: str) -> None:
    vacation(body=body, subject=body)
    found = text()
    assert strings(found)[-1] == body
    if body:
        assert strings(found)[-2] == body
    assert without_handle(found) == expected(body, body)


@pytest.mark.parametrize("changes", [{}, {"inside": True}])
@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_text_is_only_text(changes: dict[str, bool], data: st.DataObject) -> None:
    subject, body = data.draw(SUBJECTS), data.draw(BODIES)
    inside_body = data.draw(BODIES.filter(str.strip)) if changes else ""
    Vacation.objects.filter(email=USER).delete()
    VacationMore.objects.update_or_create(email=USER, defaults={"inside_body": inside_body})
    vacation(subject=subject, body=body)
    assert without_handle(text()) == expected(subject, body, inside_body)
    assert "\n" not in text() and "\r" not in text()


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="@%"), min_size=1, max_size=40))
def test_any_address_is_only_an_address(local_part: str) -> None:
    """Other programs may write any local part; a script that Sieve could not read would hold up the user's own too."""
    address = f"{local_part}@vac.example".lower()
    Alias.objects.exclude(address=USER).delete()
    AliasTarget.objects.all().delete()
    Vacation.objects.filter(email=USER).delete()
    Alias.objects.create(address=address, goto=USER, domain="vac.example")
    AliasTarget.objects.bulk_create([alias_target(USER, address)])
    vacation()
    assert without_handle(text()) == expected("Away", "Back soon", addresses=(USER, address))


def test_people_inside_get_another_text() -> None:
    for name in ("vacalias.example", "vacoff.example"):
        Domain.objects.create(domain=name, description="", transport="virtual")
    AliasDomain.objects.create(alias_domain="vacalias.example", target_domain="vac.example")
    AliasDomain.objects.create(alias_domain="vacoff.example", target_domain="vac.example", active=False)
    VacationMore.objects.create(email=USER, inside_body="Ask Bert")
    vacation()
    found = text()
    assert 'if envelope :domain "from" ["vac.example","vacalias.example"] {vacation ' in found
    first, _, second = found.partition(" else ")
    assert "Ask Bert" in first and "Back soon" not in first
    assert "Back soon" in second and "Ask Bert" not in second


@pytest.mark.parametrize("inside_body", ["", None])
def test_without_a_text_for_people_inside_all_get_the_same(inside_body: str | None) -> None:
    if inside_body is not None:
        VacationMore.objects.create(email=USER, inside_body=inside_body)
    vacation()
    assert "envelope :domain" not in text() and text().count("vacation :seconds") == 1


def test_the_subject_is_one_line() -> None:
    vacation(subject="Away\r\nBcc: everybody@out.example")
    assert strings(text())[-2] == "Away Bcc: everybody@out.example"


def test_an_empty_subject_is_left_to_sieve() -> None:
    vacation(subject="")
    assert ":subject" not in text()


@pytest.mark.parametrize(("interval", "seconds"), [(0, 31536000), (-1, 31536000), (1, 0), (2, 2), (86400, 86400)])
def test_the_interval(interval: int, seconds: int) -> None:
    vacation(interval_time=interval)
    assert f":seconds {seconds} " in text()


@pytest.mark.parametrize(
    ("begin", "end", "active", "due"),
    [
        (-DAY, DAY, True, True),
        (-DAY, DAY, False, False),
        (DAY, 2 * DAY, True, False),
        (-2 * DAY, -DAY, True, False),
        (-dt.timedelta(minutes=30), dt.timedelta(minutes=30), True, True),
        (dt.timedelta(minutes=30), DAY, True, False),
        (-DAY, -dt.timedelta(minutes=30), True, False),
    ],
)
def test_the_window_is_the_servers_now(begin: dt.timedelta, end: dt.timedelta, active: bool, due: bool) -> None:
    vacation(activefrom=timezone.now() + begin, activeuntil=timezone.now() + end, active=active)
    assert (script() is not None) == due
    assert is_told_to_dovecot() == due


def test_without_a_row_there_is_nothing() -> None:
    assert script() is None
    assert not is_told_to_dovecot()


def test_addresses_are_own_aliases_and_alias_domains() -> None:
    for name in ("vacalias.example", "vacoff.example"):
        Domain.objects.create(domain=name, description="", transport="virtual")
    AliasDomain.objects.create(alias_domain="vacalias.example", target_domain="vac.example")
    AliasDomain.objects.create(alias_domain="vacoff.example", target_domain="vac.example", active=False)
    for address, active in (
        (USER, True),
        ("info@vac.example", True),
        ("old@vac.example", False),
        ("@vac.example", True),
    ):
        Alias.objects.create(address=address, goto=USER, domain="vac.example", active=active)
        AliasTarget.objects.bulk_create([alias_target(USER, address)])
    vacation()
    listed = re.search(r":addresses \[(.*?)\]", text())
    assert listed is not None
    assert sorted(strings(listed.group(1))) == sorted(
        [USER, "info@vac.example", "carol@vacalias.example", "info@vacalias.example"]
    )


def alias_target(target: str, address: str) -> AliasTarget:
    return AliasTarget(target=target, target_domain=target.partition("@")[2], address=address)


def test_every_change_makes_another_id() -> None:
    row = vacation()
    ids = [script()]
    row.body = "Back later"
    row.save()
    ids.append(script())
    Alias.objects.create(address="new@vac.example", goto=USER, domain="vac.example")
    AliasTarget.objects.bulk_create([alias_target(USER, "new@vac.example")])
    ids.append(script())
    Alias.objects.filter(address="new@vac.example").update(active=False)
    ids.append(script())
    VacationMore.objects.create(email=USER, inside_body="Ask Bert")
    ids.append(script())
    VacationMore.objects.update(inside_body="Ask Emil")
    ids.append(script())
    Domain.objects.create(domain="vacalias.example", description="", transport="virtual")
    AliasDomain.objects.create(alias_domain="vacalias.example", target_domain="vac.example")
    ids.append(script())
    AliasDomain.objects.update(active=False)
    ids.append(script())
    Alias.objects.filter(address="new@vac.example").update(active=True)
    ids.append(script())
    AliasTarget.objects.filter(address="new@vac.example").delete()
    ids.append(script())
    names = [found[0] for found in ids if found]
    assert len(names) == 10 and all(before != after for before, after in itertools.pairwise(names))


@pytest.mark.parametrize("view", sieve.READ_VIEWS)
def test_the_views_use_keys(view: str) -> None:
    vacation()
    with connection.cursor() as cursor:
        if engine() == "pgsql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        word = "EXPLAIN QUERY PLAN" if engine() == "sqlite" else "EXPLAIN"
        cursor.execute(f"{word} SELECT * FROM {view} WHERE username = %s", [USER])
        rows = cursor.fetchall()
    if engine() == "mysql":
        assert [row for row in rows if row[3] in ("ALL", "index")] == []
    else:
        # SQLite reads the one row of the revision by scanning it.
        plan = [str(row[-1]) for row in rows]
        assert [line for line in plan if re.search(r"Seq Scan|^SCAN (?!r\b)", line)] == []
