"""Django's sessions in the database, read by a query whose SQL is made once: every page asks it."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from mailadmin.core.prepared import prepared


@prepared
def _session(key: str) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key)


class SessionStore(DatabaseSessions):
    """The store that SESSION_ENGINE names."""

    def _get_session_from_db(self) -> Session | None:
        found = _session.first(self.session_key) if self.session_key else None
        if found and found.expire_date > timezone.now():
            return found
        self._session_key = None
        return None
