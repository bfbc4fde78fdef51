"""Lists as CSV (RFC 4180): streamed batch by batch, UTF-8, and harmless in a spreadsheet."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from mailadmin.core.columns import Column

R = TypeVar("R")

# Spreadsheets run a cell that begins so, see OWASP's "CSV Injection"; the wide forms are folded into these by some.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Without it Excel takes UTF-8 for the code page of the country.
_MARK = "\ufeff"


def wants_csv(request: HttpRequest) -> bool:
    """Return whether the list is asked for as a file (`format=csv`)."""
    return request.GET.get("format") == "csv"


def csv_export(name: str, columns: Sequence[Column[R]], batches: Iterable[Sequence[R]]) -> StreamingHttpResponse:
    """Return the rows as a file "NAME-DATE.csv", in the language and time zone of whoever asks.

    `batches` is taken one by one while the file is sent, so that memory holds one of them however long the list is.
    """
    answer = StreamingHttpResponse(_lines(columns, iter(batches)), content_type="text/csv; charset=utf-8")
    filename = f"{name}-{timezone.localdate().isoformat()}.csv"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=filename) or "attachment"
    return answer


def _lines(columns: Sequence[Column[R]], batches: Iterator[Sequence[R]]) -> Iterator[bytes]:
    """Return the file in parts; language and time zone are kept, for the rows are read after the view has ended."""
    language, zone = translation.get_language(), timezone.get_current_timezone()

    def parts() -> Iterator[bytes]:
        yield (_MARK + _written([[heading for column in columns for heading in column.cells]])).encode()
        while True:
            # Closed before each part is sent: whoever sends it may do other things meanwhile.
            with translation.override(language), timezone.override(zone):
                batch = next(batches, None)
                if batch is None:
                    return
                text = _written([_cells(columns, row) for row in batch])
            yield text.encode(errors="replace")

    return parts()


def _cells(columns: Sequence[Column[R]], row: R) -> list[str | int]:
    return [safe_cell(cell(row)) for column in columns for cell in column.cells.values()]


def safe_cell(value: object) -> str | int:
    """Return a value as a spreadsheet shows it and does not run it: text that would be a formula gets a ' before it.

    Numbers stay numbers, moments are local time, yes and no are words.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return value
    if isinstance(value, dt.datetime):
        moment = timezone.localtime(value) if timezone.is_aware(value) else value
        return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    text = str(value)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text


def _written(rows: Iterable[Sequence[str | int]]) -> str:
    # Text is always quoted: a semicolon or tab in it begins no new cell where those separate.
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()
