"""The files that browsers fetch, as production serves them."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

_COMMENT = re.compile(rb"/\*.*?\*/", re.DOTALL)
_INDENT = re.compile(rb"\s*\n\s*")


def shorten(css: bytes) -> bytes:
    """Return a stylesheet without its comments and indentation; what it says stays."""
    return _INDENT.sub(b"\n", _COMMENT.sub(b"", css)).strip() + b"\n"


class _ShortCss:
    """A storage whose files are read shortened."""

    def __init__(self, storage: Any) -> None:
        self.storage = storage

    def open(self, path: str) -> "ContentFile[bytes]":
        with self.storage.open(path) as file:
            return ContentFile(shorten(file.read()))


class PanelStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names by content, compressed; our stylesheets without what only their authors need."""

    def post_process(self, paths: dict[str, tuple[Any, str]], *args: Any, **options: Any) -> Iterator[Any]:
        own = {
            name: (_ShortCss(storage), path) if re.fullmatch(r"css/\w+\.css", name) else (storage, path)
            for name, (storage, path) in paths.items()
        }
        yield from super().post_process(own, *args, **options)
