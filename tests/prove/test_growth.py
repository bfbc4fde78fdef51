"""The pages at a hundred times the size; see tests/growth."""

import pytest
from django.test import Client

from tests.growth.test_growth import clients as clients
from tests.growth.test_growth import growing
from tests.prove.report import write_section

TOLD = """Every page of every role, with all that its links lead to in lists, asked at 1,000 and at 100,000 rows of the
large tables, half of them in one domain: none reads more rows (MariaDB's own counters) or asks more queries.
There are fewer domains and admins. Left out: fragments typed into a filter, which end with their time, and
what a limit counts live."""

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mysql]


def test_no_page_costs_more_of_a_hundred_thousand_rows(clients: dict[str, Client]) -> None:
    found = growing(clients, 100_000)
    assert not found, "\n" + "\n".join(found)
    write_section("Pages of larger tables", TOLD)
