"""Every change that a job can be, by its name."""

import aliases.bulk
import mailboxes.bulk
from mailadmin.jobs.bulk import BulkChange

CHANGES: dict[str, BulkChange] = {change.name: change for change in (*mailboxes.bulk.CHANGES, *aliases.bulk.CHANGES)}
