"""What a job does, and what it is given to do it with."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.utils.formats import number_format

from mailadmin.core.actor import Actor

PART = 1000
"""Rows of a part: what is written together, where a job is not all or nothing."""

Result = dict[str, Any]
"""What a job has done, as JSON values: `changed`, `same` and `refused` are counts, `told` are the first refusals."""


class Run(ABC):
    """A job under way, as the work sees it. Each method raises where the job was cancelled or is another worker's."""

    result: Result | None
    """What the parts before have done; None where none was planned yet."""

    @abstractmethod
    def step(self, done: int) -> None:
        """Say how many rows are done; does not write."""

    @abstractmethod
    def begin(self, total: int) -> None:
        """Say that the checks are over and changing begins."""

    @abstractmethod
    def plan(self, parts: Iterable[list[str]], result: Result, total: int) -> None:
        """Write down what each part has to do, and begin."""

    @abstractmethod
    def next_part(self) -> list[str] | None:
        """Return what the next part has to do; None when none is left."""

    @abstractmethod
    def end_part(self, result: Result) -> None:
        """Write what is done by now, in the transaction of the part."""

    @abstractmethod
    def rest(self) -> None:
        """Let others write, between two parts."""

    @abstractmethod
    def end(self, result: Result) -> None:
        """End the job, in the transaction of its change or of its last part."""


class Work(ABC):
    """A kind of job. `name` stands in jobs and forms; `values` are what the person chose, as JSON."""

    name: ClassVar[str]

    @abstractmethod
    def title(self, count: int, values: Mapping[str, Any]) -> str:
        """Return the work in words."""

    @abstractmethod
    def do(self, actor: Actor, arguments: Mapping[str, Any], run: Run) -> None:
        """Do all in one transaction, or nothing."""

    @abstractmethod
    def do_in_parts(self, actor: Actor, arguments: Mapping[str, Any], run: Run) -> None:
        """Do it in parts, each of which stays done; go on after the last one where there were some before."""


def grouped(number: int) -> str:
    """Return a number as people read it: 5,000."""
    return number_format(number, force_grouping=True)
