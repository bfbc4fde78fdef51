"""Address extensions, as Postfix has them with `recipient_delimiter = +`. The vacation program reads this too, without
Django.
"""


def without_extension(address: str) -> str:
    """Return `anna@example.com` for `anna+news@example.com`.

    An address that begins with the delimiter has no extension: nothing would be left of it (postconf(5),
    recipient_delimiter; Postfix's split_addr).
    """
    local_part, _at, domain = address.rpartition("@")
    plain, delimiter, _extension = local_part.partition("+")
    return f"{plain}@{domain}" if plain and delimiter else address
