"""Two people on vacation write to each other, answered by Postfix's program, on PostgreSQL: watched for a minute."""

import time

from tests.mailserver.replies import AUTOREPLY
from tests.mailserver.test_vacation_transport import OTHER, WORLD, set_vacation, settle
from tests.mailserver.vacation_cases import USER
from tests.servers.ca import CertificateAuthority
from tests.servers.mailstack import MailStack, letter
from tests.servers.postgres import Postgres
from tests.servers.sink import Sink

WATCHED = 60.0


def test_two_replies_and_no_more(postgres: Postgres, sink: Sink, ca: CertificateAuthority) -> None:
    settings = {"MAILADMIN_VACATION": "transport", "MAILADMIN_VACATION_DOMAIN": AUTOREPLY}
    with MailStack(postgres, sink, ca, settings=settings) as stack:
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
