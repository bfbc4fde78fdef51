"""An alias of one's own, made in the browser: it takes mail and sends, until it ends by itself."""

import datetime as dt
import smtplib
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import BOSS_PASSWORD, field, fits, follow, make_people, on_phone, told, write_rules
from tests.servers.mailstack import MailStack, letter
from tests.servers.mariadb import MariaDB

pytestmark = pytest.mark.slow

DOMAIN = "own.example"
ANNA, KEEPER, SHOP = f"anna@{DOMAIN}", f"keeper@{DOMAIN}", f"anna-shop@{DOMAIN}"


@pytest.fixture
def anna(served: MailStack, window: Callable[..., Any]) -> Page:
    make_people(served, ANNA, KEEPER)
    served.panel.manage("alias", "create", f"@{DOMAIN}", "--target", KEEPER)
    write_rules(served, DOMAIN, own_aliases=1)
    return on_phone(served, window, ANNA)


def refusal(stack: MailStack, recipient: str) -> tuple[int, str]:
    """Return what Postfix says to a stranger's RCPT TO."""
    with stack.postfix.client() as client:
        client.ehlo()
        client.mail("stranger@out.example")
        code, text = client.rcpt(recipient)
        return code, text.decode()


def end(stack: MailStack, moment: dt.datetime) -> None:
    """Give the alias an end that no form could be waited for; nothing of the panel runs afterwards."""
    # PostgreSQL would take a text without a zone for its own.
    zone = "" if isinstance(stack.database, MariaDB) else "+00"
    stack.sql(f"UPDATE mailadmin_own_alias SET ends = '{moment:%Y-%m-%d %H:%M:%S}{zone}' WHERE address = '{SHOP}'")


def test_it_works_until_it_ends(served: MailStack, anna: Page) -> None:
    follow(anna, "Make an alias")
    follow(anna, "New alias")
    field(anna, "Address").fill("postmaster")
    anna.get_by_role("button", name="Create alias").click()
    expect(anna.get_by_role("alert")).to_contain_text("is kept for the people who run the domain")
    field(anna, "Address").fill("anna-shop")
    field(anna, "What it is for").fill("The shop")
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    field(anna, "Works until").fill(later.strftime("%Y-%m-%dT%H:%M"))
    fits(anna)
    anna.get_by_role("button", name="Create alias").click()
    told(anna, f"{SHOP} is yours: mail to it comes to you.")
    expect(anna.get_by_role("main")).to_contain_text("1 of 1 own alias is in use.")
    fits(anna)
    served.deliver("shop@out.example", SHOP, letter("by the alias", to=SHOP))
    served.wait_for_mail(ANNA, "by the alias")
    assert served.submit(ANNA, BOSS_PASSWORD, letter("from it", sender=SHOP, to="x@out.example"), SHOP) == {}

    served.panel.stop()
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    end(served, now + dt.timedelta(seconds=4))
    assert refusal(served, SHOP)[0] == 250
    deadline = time.monotonic() + 15
    while refusal(served, SHOP)[0] == 250 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert dt.datetime.now(dt.UTC) >= now + dt.timedelta(seconds=4)
    assert refusal(served, SHOP) == (550, f"5.1.1 <{SHOP}>: Recipient address rejected: This address is switched off")
    assert refusal(served, f"anna-shop+x@{DOMAIN}")[0] == 550
    assert refusal(served, f"anybody@{DOMAIN}")[0] == 250, "the catch-all takes what nobody has"
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        served.submit(ANNA, BOSS_PASSWORD, letter("no more", sender=SHOP, to="x@out.example"), SHOP)

    served.panel.start()
    anna.goto("/account/aliases/")
    expect(anna.get_by_role("row").filter(has_text=SHOP.partition("@")[0])).to_contain_text("Ended")
    fits(anna)
