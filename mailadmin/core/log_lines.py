"""Lines of the panel's own log, without what nobody may read there."""

import logging
import re

_TOKEN = re.compile(r"(/set-up/)[^/\s?\"']+")


class MaskedFormatter(logging.Formatter):
    """Leaves the tokens of one-time links out: Django logs the address of a request that it refuses."""

    def format(self, record: logging.LogRecord) -> str:
        return _TOKEN.sub(r"\1***", super().format(record))
