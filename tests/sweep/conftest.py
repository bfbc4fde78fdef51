"""Real workers, as the tests of jobs have them."""

from tests.jobs.conftest import start_worker

__all__ = ["start_worker"]
