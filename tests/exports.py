"""Reading the files that lists are exported to."""

import csv
import io

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"]


def exported(client: Client, path: str) -> list[dict[str, str]]:
    """Return the rows of the file at the path, by heading, as a spreadsheet reads them."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.streaming
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith('attachment; filename="')
    text = answer.getvalue().decode("utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:], newline=""), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(set(rows[0])) == len(rows[0])
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def export_cost(client: Client, path: str) -> tuple[int, int, int]:
    """Return the queries before the first line, those of the file, and how many rows it has."""
    with CaptureQueriesContext(connection) as first:
        answer = client.get(path)
    assert answer.streaming
    rows, biggest = -1, 0
    with CaptureQueriesContext(connection) as rest:
        for part in answer:
            rows += part.count(b"\r\n")
            biggest = max(biggest, len(part))
    # A part is one batch: memory does not grow with the list.
    assert biggest < 400_000
    return len(first), len(rest), rows
