"""Mail is looked up as if nothing happened while a domain changes; the large one is in tests/prove."""

import pytest
from django.test import Client

from tests.jobs.conftest import StartWorker
from tests.jobs.firm import active, make_firm, queued, wait_for
from tests.jobs.looking import Looking
from tests.people import admin_client

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = 1500


@pytest.fixture
def alice(transactional_db: None) -> Client:
    make_firm(COUNT)
    return admin_client("alice@ops.example", superadmin=True)


@pytest.mark.parametrize("in_parts", ["", "1"])
def test_no_lookup_waits_for_a_change(alice: Client, start_worker: StartWorker, in_parts: str) -> None:
    job = queued(alice, "mailboxes_off", in_parts=in_parts)
    # Its transaction is open for about two seconds.
    start_worker(pause=0.6)
    wait_for(job, lambda row: row.state == "running")
    looking = Looking(["m00000@example.com", "m01499@example.com", "no@example.com", "no@other.example"])
    looking.start()
    wait_for(job, lambda row: row.has_ended)
    looking.end()
    assert (job.state, active()) == ("done", 0)
    assert not looking.errors
    assert looking.seconds > 1 > looking.slowest, (looking.seconds, looking.slowest)
