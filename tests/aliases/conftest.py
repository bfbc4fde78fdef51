"""The same people and addresses as in the tests of mailboxes."""

from tests.mailboxes.conftest import alice, anna, bob, charlie, world

__all__ = ["alice", "anna", "bob", "charlie", "world"]
