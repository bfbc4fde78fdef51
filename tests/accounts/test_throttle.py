"""Tries of one name counted and forgotten at the same moment, as by somebody who presses the button twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from mailadmin.accounts.models import Throttle
from mailadmin.accounts.throttle import Throttled, count_try, forget_tries

PEOPLE, TIMES = 6, 40


@pytest.mark.django_db(transaction=True)
def test_none_meets_a_deadlock() -> None:
    def signs_in(_number: int) -> int:
        waited = 0
        try:
            for _time in range(TIMES):
                try:
                    count_try("anna@example.com", "192.0.2.1")
                except Throttled:
                    waited += 1
                forget_tries("anna@example.com", "192.0.2.1")
        finally:
            connection.close()
        return waited

    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(signs_in, range(PEOPLE)))
    assert not Throttle.objects.filter(failures__gt=PEOPLE).exists()
