"""Taking over a mail server of two tables, `user` and `alias`, whose passwords are AES (docs/import-two-table.md)."""
