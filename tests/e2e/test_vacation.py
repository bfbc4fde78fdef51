"""Point by point what a vacation promises, set in the browser and answered by Dovecot.

For the other way see tests/prove.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import ENGINE
from tests.e2e import vacation_story
from tests.e2e.people import replies_to, settle
from tests.e2e.vacation_story import send
from tests.servers.mailstack import MailStack

pytestmark = pytest.mark.slow

AWAY_AND_SENT_ON = """
from aliases.services import update_alias
from mailboxes.vacation import set_vacation
set_vacation(cli, username="{user}", active=True, subject="Away", body="Back soon")
update_alias(cli, address="{user}", targets=["kept@elsewhere.example"])
"""


@pytest.mark.parametrize("stack", [ENGINE], indirect=True)
def test_from_the_browser_to_the_end(stack: MailStack, window: Callable[..., Any]) -> None:
    vacation_story.tell(stack, window(base_url=stack.panel.url).page(), "away.example")


@pytest.mark.parametrize("stack", [ENGINE], indirect=True)
def test_mail_that_is_only_sent_on_is_not_answered(stack: MailStack) -> None:
    """What the page says of it: without a copy here, no message comes to where the reply is made."""
    domain = "sent-on.example"
    user, sender = f"anna@{domain}", "asks@out.example"
    world = vacation_story.WORLD.format(domain=domain, password=vacation_story.PASSWORD)
    stack.panel.manage("shell", "-c", world + AWAY_AND_SENT_ON.format(user=user))
    send(stack, sender, user, "Only sent on")
    stack.sink.wait_for(lambda message: "kept@elsewhere.example" in message.recipients)
    settle(stack)
    assert replies_to(stack, sender) == 0
