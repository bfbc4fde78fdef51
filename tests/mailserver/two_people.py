"""A domain with an alias domain, two people, and an alias of the first: rows that a mail server reads."""

from tests.mailserver.conftest import statements
from tests.servers.mailstack import MailStack


def write_two_people(
    stack: MailStack, domain: str, alias_domain: str, *, user: str, colleague: str, alias: str
) -> None:
    """Write the rows; the addresses are all of `domain`, and "secret" is the password of both people."""
    mailboxes = ", ".join(_mailbox(address) for address in (user, colleague))
    aliases = ((user, user), (alias, user), (colleague, colleague))
    gotos = ", ".join(f"('{address}', '{target}', '{domain}')" for address, target in aliases)
    rows = f"""
INSERT INTO domain (domain, description, transport) VALUES
 ('{domain}', '', 'virtual'), ('{alias_domain}', '', 'virtual');
INSERT INTO alias_domain (alias_domain, target_domain) VALUES ('{alias_domain}', '{domain}');
INSERT INTO mailbox (username, password, name, maildir, local_part, domain) VALUES {mailboxes};
INSERT INTO alias (address, goto, domain) VALUES {gotos};
INSERT INTO mailadmin_alias_target (target, address, target_domain) VALUES ('{user}', '{alias}', '{domain}')
"""
    for statement in statements(rows):
        stack.database.sql(statement, database=stack.name)


def _mailbox(address: str) -> str:
    local_part, _at, domain = address.partition("@")
    return f"('{address}', '{{PLAIN}}secret', '', '{domain}/{local_part}/', '{local_part}', '{domain}')"


def delete_two_people(stack: MailStack, domain: str, alias_domain: str) -> None:
    """Delete the rows, and the vacations of the two."""
    for table in ("vacation", "alias", "mailbox", "domain"):
        stack.sql(f"DELETE FROM {table} WHERE domain IN ('{domain}', '{alias_domain}')")
    stack.sql(f"DELETE FROM alias_domain WHERE alias_domain = '{alias_domain}'")
    stack.sql(f"DELETE FROM mailadmin_alias_target WHERE target_domain = '{domain}'")
    stack.sql(f"DELETE FROM mailadmin_vacation WHERE email LIKE '%@{domain}'")
