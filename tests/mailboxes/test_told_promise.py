"""What forms tell of the storage that is left: counted now, but of a huge domain as the sweep counted."""

import pytest
from django.utils import timezone

from domains.models import DomainGuard
from mailboxes.quota import largest_quota, told_promise
from tests.people import make_domains, make_mailboxes

GB = 1024**3


@pytest.mark.django_db
@pytest.mark.parametrize(("mailboxes", "promised"), [(10, 2 * GB), (6_000, 7 * GB)])
def test_a_huge_domain_is_not_counted_for_a_form(mailboxes: int, promised: int) -> None:
    (domain,) = make_domains("example.com", quota=10 * 1024)
    make_mailboxes("anna@example.com", "bert@example.com", quota=GB)
    DomainGuard.objects.create(domain="example.com", mailboxes=mailboxes, promised=7 * GB, counted=timezone.now())
    assert told_promise(domain) == promised
    assert largest_quota(domain, promised=lambda: promised, present=GB).value == 10 * GB - promised + GB
