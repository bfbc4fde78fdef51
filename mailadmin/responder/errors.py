"""What keeps a reply from being sent now."""


class TryLater(Exception):
    """The database or the mail server is away, or the configuration is wrong: Postfix shall come again."""


class Refused(Exception):
    """The mail server takes nothing for this address, and will not later either."""
