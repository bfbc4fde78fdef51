"""Vacation replies by Postfix's program: from the browser to the last reply, and two people for a minute."""

import time
from collections.abc import Callable
from typing import Any

from tests.e2e import vacation_story
from tests.mailserver.replies import AUTOREPLY
from tests.mailserver.test_vacation_transport import OTHER, WORLD, set_vacation, settle
from tests.mailserver.vacation_cases import USER
from tests.servers.ca import CertificateAuthority
from tests.servers.mailstack import MailStack, letter
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.sink import Sink

WATCHED = 60.0
SETTINGS = {"MAILADMIN_VACATION": "transport", "MAILADMIN_VACATION_DOMAIN": AUTOREPLY}


def test_from_the_browser_to_the_end(
    mariadb: MariaDB, sink: Sink, ca: CertificateAuthority, window: Callable[..., Any]
) -> None:
    with MailStack(mariadb, sink, ca, settings=SETTINGS) as stack:
        stack.panel.start()
        page = window(base_url=stack.panel.url).page()
        vacation_story.tell(stack, page, "program.example", at_the_end=lambda: stack.panel.manage("vacation_expire"))


def test_two_replies_and_no_more(postgres: Postgres, sink: Sink, ca: CertificateAuthority) -> None:
    with MailStack(postgres, sink, ca, settings=SETTINGS) as stack:
        stack.panel.manage("shell", "-c", WORLD)
        set_vacation(stack, USER, subject="Anna away")
        set_vacation(stack, OTHER, subject="Carla away")
        for sender, recipient in ((USER, OTHER), (OTHER, USER)):
            stack.deliver(sender, recipient, letter(f"from {sender}", sender=sender, to=recipient))
        stack.wait_for_mail(USER, "Carla away", timeout=60)
        stack.wait_for_mail(OTHER, "Anna away", timeout=60)
        settle(stack)
        time.sleep(WATCHED)
        assert sorted(stack.subjects(USER)) == ["Carla away", f"from {OTHER}"]
        assert sorted(stack.subjects(OTHER)) == ["Anna away", f"from {USER}"]
        assert not stack.postfix.queue().strip()
        assert sink.messages == []
