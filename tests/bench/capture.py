"""The SQL that pages send, without what identifies the person; runs inside the panel, see inside.py."""

from typing import Any

from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mailadmin.accounts.backends import find_credential
from mailadmin.accounts.credentials import AccountKind
from mailadmin.accounts.models import Account
from mailadmin.accounts.signin import BACKEND


def signed_in(login: str) -> Client:
    """Return a client signed in with an existing admin or mailbox."""
    kind, _colon, name = login.partition(":")
    credential = find_credential(AccountKind(kind), name)
    assert credential is not None, login
    account, _made = Account.objects.get_or_create(login=login, defaults={"row_created": credential.created})
    account.credential = credential
    client = Client()
    client.force_login(account, backend=BACKEND)
    return client


def queries_to_identify(client: Client) -> int:
    """Return how many queries find out who asks: the first ones of every request."""
    request = HttpRequest()
    request.session = client.session
    with CaptureQueriesContext(connection) as captured:
        request.session.get("x")
        get_user(request)
    return len(captured)


def statements(client: Client, path: str, data: dict[str, str] | None, first: int) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path) if data is None else client.post(path, data)
        if hasattr(answer, "streaming_content"):
            list(answer.streaming_content)
    assert answer.status_code in (200, 302), (path, answer.status_code)
    return [query["sql"] for query in captured.captured_queries[first:]]


def capture(people: dict[str, str], pages: list[dict[str, Any]]) -> dict[str, list[list[str]]]:
    """Return the statements of each page by its number, for each of its posts; `people` are logins by role."""
    clients = {who: signed_in(login) for who, login in people.items()}
    first = {who: queries_to_identify(client) for who, client in clients.items()}
    found = {}
    for page in pages:
        client, who = clients[page["who"]], page["who"]
        turns = page["posts"] or [None]
        for data in turns:  # What is asked once per process is asked; what is in another state is changed.
            statements(client, page["path"], data, 0)
        found[page["number"]] = [statements(client, page["path"], data, first[who]) for data in turns]
    return found
