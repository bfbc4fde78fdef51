"""Every kind of job, by its name."""

import aliases.bulk
import domains.bulk
import mailboxes.bulk
from mailadmin.jobs.bulk import BulkChange
from mailadmin.jobs.work import Work

CHANGES: dict[str, BulkChange] = {change.name: change for change in (*mailboxes.bulk.CHANGES, *aliases.bulk.CHANGES)}
"""The changes of many rows of a list."""
KINDS: dict[str, Work] = {**CHANGES, domains.bulk.DeleteDomain.name: domains.bulk.DeleteDomain()}
