"""The pages at a hundred times the size; see tests/growth."""

import pytest
from django.test import Client

from tests.growth.test_growth import clients as clients
from tests.growth.test_growth import growing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mysql]


def test_no_page_costs_more_of_a_hundred_thousand_rows(clients: dict[str, Client]) -> None:
    found = growing(clients, 100_000)
    assert not found, "\n" + "\n".join(found)
