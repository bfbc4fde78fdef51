"""Which zone the database server keeps its local time in."""

import datetime as dt
import functools
import zoneinfo

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# Two moments of each year tell a zone's rules apart; TIMESTAMP ends in 2038.
_SAMPLES = [
    int(dt.datetime(year, month, 1, 12, tzinfo=dt.UTC).timestamp()) for year in range(2001, 2038) for month in (1, 7)
]


def server_zone(connection: BaseDatabaseWrapper) -> dt.tzinfo:
    """Return the zone of legacy date columns: MAILADMIN_DB_TIME_ZONE, else what the server answers; UTC on SQLite."""
    if settings.MAILADMIN_DB_TIME_ZONE:
        return zoneinfo.ZoneInfo(settings.MAILADMIN_DB_TIME_ZONE)
    return _ask(connection.alias) if connection.vendor == "mysql" else dt.UTC


@functools.cache
def _ask(alias: str) -> dt.tzinfo:
    """Return a zone that agrees with the server's FROM_UNIXTIME on all samples.

    The server's own name for its zone ("CEST", "SYSTEM") is no zone name, so its answers are compared instead.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"CAST(FROM_UNIXTIME({moment}) AS CHAR)" for moment in _SAMPLES))
        answers = cursor.fetchone()
    offsets = [
        int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()) - moment
        for text, moment in zip(answers, _SAMPLES, strict=True)
    ]
    if len(set(offsets)) == 1:
        return dt.timezone(dt.timedelta(seconds=offsets[0]))
    for name in sorted(zoneinfo.available_timezones(), key=lambda name: (not name.startswith("Europe/"), name)):
        zone = zoneinfo.ZoneInfo(name)
        if all(_offset(zone, moment) == offset for moment, offset in zip(_SAMPLES, offsets, strict=True)):
            return zone
    return dt.timezone(dt.timedelta(seconds=offsets[-1]))


def _offset(zone: zoneinfo.ZoneInfo, moment: int) -> float:
    offset = dt.datetime.fromtimestamp(moment, zone).utcoffset()
    return offset.total_seconds() if offset is not None else 0
