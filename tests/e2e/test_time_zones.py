"""Three clocks at once: the database server two hours east of UTC, an admin in New York, a mailbox's owner in Tokyo."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.dateformat import format as show
from playwright.sync_api import Page, expect

from tests.e2e.people import (
    BOSS,
    BOSS_PASSWORD,
    PHONE,
    choose_time_zone,
    field,
    open_tab,
    settle,
    sign_in,
    told,
)
from tests.e2e.web import Web
from tests.servers.mailstack import MailStack, letter
from tests.servers.mariadb import MariaDB
from tests.servers.panel import Panel
from tests.servers.sink import Sink

pytestmark = pytest.mark.slow

NEW_YORK = ZoneInfo("America/New_York")
TOKYO = ZoneInfo("Asia/Tokyo")
PASSWORD = "around the clock"
DOMAIN = "zone.example"
ADMIN = f"admin@{DOMAIN}"
AWAY, LATER, OVER = (f"{name}@{DOMAIN}" for name in ("away", "later", "over"))
STRANGER = "stranger@zone.out.example"
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


def prepare(stack: MailStack) -> None:
    """Make a domain with an admin and three mailboxes."""
    web = Web(stack.panel.url).sign_in(BOSS, BOSS_PASSWORD)
    limits = dict.fromkeys(("mailboxes", "aliases", "maxquota", "quota"), "unlimited")
    web.post("/domains/new/", domain=DOMAIN, transport="virtual", active="on", **limits)
    web.post("/admins/new/", username=ADMIN, password=PASSWORD, domains=DOMAIN)
    for address in (AWAY, LATER, OVER):
        passwords = {"password": PASSWORD, "repeat": PASSWORD}
        local_part = address.partition("@")[0]
        web.post(f"/domains/{DOMAIN}/mailboxes/new/", local_part=local_part, active="on", **passwords)


def server_zone(stack: MailStack) -> dt.tzinfo:
    """Return the zone in which the tables of PostfixAdmin hold their times."""
    return dt.timezone(2 * HOUR) if isinstance(stack.database, MariaDB) else dt.UTC


def moments(stack: MailStack, query: str) -> list[dt.datetime]:
    """Return the dates of one row, read as the server's local time."""
    [row] = stack.sql(query)
    values = [value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value) for value in row]
    return [value if value.tzinfo else value.replace(tzinfo=server_zone(stack)) for value in values]


def stored_window(stack: MailStack, address: str) -> list[dt.datetime]:
    return moments(stack, f"SELECT activefrom, activeuntil FROM vacation WHERE email = '{address}'")


def typed(moment: dt.datetime, zone: ZoneInfo) -> str:
    """Return a moment as the control for it holds it, on the clock of that zone."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def shown(moment: dt.datetime, zone: ZoneInfo) -> str:
    return show(moment.astimezone(zone), "j M Y, H:i")


def said(moment: dt.datetime, zone: ZoneInfo) -> str:
    """Return a moment as sentences about a vacation tell it."""
    local = moment.astimezone(zone)
    this_year = local.year == dt.datetime.now(zone).year
    return show(local, "l j M, H:i" if this_year else "l j M Y, H:i")


def enter_vacation(page: Page, address: str, start: dt.datetime, end: dt.datetime) -> None:
    """Fill the form in on New York's clock."""
    page.goto(f"/mailboxes/{address}/vacation/")
    expect(page.get_by_role("main")).to_contain_text("Times are those of America/New_York, ")
    field(page, "Reply automatically").check()
    field(page, "From").fill(typed(start, NEW_YORK))
    field(page, "Until").fill(typed(end, NEW_YORK))
    field(page, "Subject").fill(f"Away: {address}")
    field(page, "Text").fill("Back soon.")
    page.get_by_role("button", name="Save vacation reply").click()


def end_a_minute_ago(stack: MailStack, address: str, now: dt.datetime) -> None:
    """Write the window of a vacation that has just ended, as another program would: on the server's clock."""
    start, end = ((now - ago).astimezone(server_zone(stack)).strftime("%F %T") for ago in (3 * HOUR, MINUTE))
    offset = "+00" if "postgres" in stack.panel.database_url else ""
    stack.sql(
        f"UPDATE vacation SET activefrom = '{start}{offset}', activeuntil = '{end}{offset}' WHERE email = '{address}'"
    )


def is_recent(moment: dt.datetime, now: dt.datetime) -> bool:
    return abs(moment - now) < 3 * MINUTE


def first_time(page: Page) -> tuple[dt.datetime, str]:
    """Return the first time told in the main part of a page: for programs and for people."""
    element = page.get_by_role("main").get_by_role("time").first
    return dt.datetime.fromisoformat(element.get_attribute("datetime") or ""), element.inner_text()


def is_shown(page: Page, zone: ZoneInfo, now: dt.datetime) -> None:
    """The newest time of the page is the present, told on the clock of the zone."""
    moment, text = first_time(page)
    assert is_recent(moment, now)
    assert moment.utcoffset() == now.astimezone(zone).utcoffset()
    assert text == shown(moment, zone)


def enter_windows(page: Page, now: dt.datetime) -> None:
    """An admin in New York enters one vacation that has begun, one to come, and one that may not have ended."""
    enter_vacation(page, AWAY, now - MINUTE, now + HOUR)
    told(page, f"Replies until {said(now + HOUR, NEW_YORK)}.")
    enter_vacation(page, LATER, now + HOUR, now + 2 * HOUR)
    told(page, f"from {said(now + HOUR, NEW_YORK)} until {said(now + 2 * HOUR, NEW_YORK)}.")
    enter_vacation(page, OVER, now - 3 * HOUR, now - MINUTE)
    expect(page.get_by_role("main")).to_contain_text("The end has already passed.")
    enter_vacation(page, OVER, now - 3 * HOUR, now + HOUR)
    told(page, f"until {said(now + HOUR, NEW_YORK)}.")


def are_stored(stack: MailStack, now: dt.datetime) -> None:
    """The tables hold what was entered, on the server's own clock; as they do for what the panel noted by itself."""
    assert stored_window(stack, AWAY) == [now - MINUTE, now + HOUR]
    assert stored_window(stack, LATER) == [now + HOUR, now + 2 * HOUR]
    assert stored_window(stack, OVER) == [now - 3 * HOUR, now + HOUR]
    [created] = moments(stack, f"SELECT created FROM mailbox WHERE username = '{AWAY}'")
    [logged] = moments(stack, f"SELECT MAX(timestamp) FROM log WHERE domain = '{DOMAIN}'")
    assert is_recent(created, now) and is_recent(logged, now)


def only_who_is_away_replies(stack: MailStack) -> None:
    for address in (AWAY, LATER, OVER):
        stack.deliver(STRANGER, address, letter("Are you there?", sender=STRANGER, to=address))
    for address in (AWAY, LATER, OVER):
        stack.wait_for_mail(address, "Are you there?")
    settle(stack)
    replies = [message.subject for message in stack.sink.messages if STRANGER in message.recipients]
    assert replies == [f"Away: {AWAY}"]


def owner_sees(page: Page, now: dt.datetime) -> None:
    """The owner in Tokyo reads the same moments on another clock, and saving the form moves nothing."""
    is_shown(page, TOKYO, now)
    region = page.get_by_role("region", name="Vacation reply")
    expect(region).to_contain_text(f"until {said(now + HOUR, TOKYO)}.")
    region.get_by_role("link", name="Change").click()
    expect(field(page, "From")).to_have_value(typed(now - MINUTE, TOKYO))
    expect(field(page, "Until")).to_have_value(typed(now + HOUR, TOKYO))
    page.get_by_role("button", name="Save vacation reply").click()
    told(page, f"until {said(now + HOUR, TOKYO)}.")


def test_each_clock_is_right(stack: MailStack, sink: Sink, window: Callable[..., Any]) -> None:
    prepare(stack)
    now = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
    # The zone of the browser's machine is yet another one, and does not count.
    desk = window(base_url=stack.panel.url, time_zone="Australia/Eucla").page()
    sign_in(desk, ADMIN, PASSWORD)
    choose_time_zone(desk, "America/New_York")
    enter_windows(desk, now)
    are_stored(stack, now)
    end_a_minute_ago(stack, OVER, now)
    desk.goto(f"/mailboxes/{OVER}/")
    expect(desk.get_by_role("main")).to_contain_text(f"ended on {said(now - MINUTE, NEW_YORK)}.")
    only_who_is_away_replies(stack)
    desk.goto(f"/domains/{DOMAIN}/")
    open_tab(desk, DOMAIN, "Log")
    is_shown(desk, NEW_YORK, now)
    phone = window(base_url=stack.panel.url, viewport=PHONE).page()
    sign_in(phone, AWAY, PASSWORD)
    choose_time_zone(phone, "Asia/Tokyo")
    owner_sees(phone, now)
    assert stored_window(stack, AWAY) == [now - MINUTE, now + HOUR]


def test_a_database_server_with_summer_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most servers keep their machine's zone, which MariaDB does not name: the offset is that of the moment stored."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    with MariaDB(time_zone="SYSTEM") as server:
        panel = Panel(server.create_database("summer"))
        panel.migrate()
        panel.manage("domain", "create", DOMAIN)
        panel.manage("mailbox", "create", AWAY, "--password-stdin", stdin=PASSWORD)
        window = ["--from", "2020-07-15 12:00", "--until", "2037-01-15 12:00"]
        panel.manage("mailbox", "vacation", AWAY, "--active", "--subject", "Away", "--body", "Back soon.", *window)
        text = "SELECT CAST(activefrom AS CHAR), CAST(activeuntil AS CHAR) FROM vacation"
        assert server.sql(text, database="summer") == [("2020-07-15 14:00:00", "2037-01-15 13:00:00")]
        told = panel.manage_json("mailbox", "vacation", AWAY)
        expected = [dt.datetime(2020, 7, 15, 12, tzinfo=dt.UTC), dt.datetime(2037, 1, 15, 12, tzinfo=dt.UTC)]
        assert [dt.datetime.fromisoformat(told[name]) for name in ("activefrom", "activeuntil")] == expected
