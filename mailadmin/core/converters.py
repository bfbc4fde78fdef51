"""Domains and addresses in URLs: lenient, because a row of another program must have a page too."""

from mailadmin.core.addresses import address_key, domain_key
from mailadmin.core.errors import Invalid


class DomainConverter:
    """A domain name in any spelling, handed to the view in stored form; what no row can hold is 404."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        try:
            return domain_key(value)
        except Invalid as error:
            raise ValueError(error.message) from None

    def to_url(self, value: str) -> str:
        return str(value)


class AddressConverter:
    """An address in any spelling, handed to the view in stored form; `@domain` is the catch-all.

    Older rows may have a slash in the local part.
    """

    regex = ".*@[^/@]+"

    def to_python(self, value: str) -> str:
        try:
            return address_key(value)
        except Invalid as error:
            raise ValueError(error.message) from None

    def to_url(self, value: str) -> str:
        return str(value)
