"""What is switched off is refused, and nothing else: asked of real Postfix and Dovecot."""

import imaplib
import poplib
import smtplib
from collections.abc import Callable, Iterator

import pytest

from mailadmin.mailserver import lookups, recipients
from mailadmin.mailserver.lookups import Lookup
from tests.mailserver.conftest import statements
from tests.servers.mailstack import MailStack, letter
from tests.servers.postfix import cool_down, postmap
from tests.servers.processes import HOST, wait_until

ROWS = """
INSERT INTO domain (domain, description, transport, active) VALUES
 ('sw.example', '', 'virtual', '1'), ('swoff.example', '', 'virtual', '0'), ('swad.example', '', 'virtual', '1'),
 ('swadoff.example', '', 'virtual', '1'), ('swadlost.example', '', 'virtual', '1'),
 ('swadrow.example', '', 'virtual', '0');
INSERT INTO domain (domain, description, transport, backupmx) VALUES
 ('swopen.example', '', 'virtual', '1'), ('swlist.example', '', 'virtual', '1');
INSERT INTO alias_domain (alias_domain, target_domain, active) VALUES
 ('swad.example', 'sw.example', '1'), ('swadoff.example', 'sw.example', '0'),
 ('swadlost.example', 'swoff.example', '1'), ('swadrow.example', 'sw.example', '1');
INSERT INTO mailbox (username, password, name, maildir, local_part, domain, active, smtp_active) VALUES
 ('on@sw.example', '{PLAIN}secret', '', 'sw/on/', 'on', 'sw.example', '1', '1'),
 ('keeper@sw.example', '{PLAIN}secret', '', 'sw/keeper/', 'keeper', 'sw.example', '1', '1'),
 ('bare@sw.example', '{PLAIN}secret', '', 'sw/bare/', 'bare', 'sw.example', '1', '1'),
 ('home@sw.example', '{PLAIN}secret', '', 'sw/home/', 'home', 'sw.example', '1', '1'),
 ('mute@sw.example', '{PLAIN}secret', '', 'sw/mute/', 'mute', 'sw.example', '1', '0'),
 ('off@sw.example', '{PLAIN}secret', '', 'sw/off/', 'off', 'sw.example', '0', '1'),
 ('offbare@sw.example', '{PLAIN}secret', '', 'sw/offbare/', 'offbare', 'sw.example', '0', '1'),
 ('offfwd@sw.example', '{PLAIN}secret', '', 'sw/offfwd/', 'offfwd', 'sw.example', '0', '1'),
 ('o''neil@sw.example', '{PLAIN}secret', '', 'sw/o''neil/', 'o''neil', 'sw.example', '1', '1'),
 ('a&b=c_d-e@sw.example', '{PLAIN}secret', '', 'sw/a&b=c_d-e/', 'a&b=c_d-e', 'sw.example', '1', '1'),
 ('user@swoff.example', '{PLAIN}secret', '', 'swoff/user/', 'user', 'swoff.example', '1', '1');
INSERT INTO alias (address, goto, domain, active) VALUES
 ('on@sw.example', 'on@sw.example', 'sw.example', '1'), ('keeper@sw.example', 'keeper@sw.example', 'sw.example', '1'),
 ('mute@sw.example', 'mute@sw.example', 'sw.example', '1'), ('home@sw.example', 'on@sw.example', 'sw.example', '0'),
 ('off@sw.example', 'off@sw.example', 'sw.example', '0'), ('offfwd@sw.example', 'on@sw.example', 'sw.example', '1'),
 ('@sw.example', 'keeper@sw.example', 'sw.example', '1'), ('list@sw.example', 'on@sw.example', 'sw.example', '1'),
 ('#$&''*=?^_`{|}~.-@sw.example', 'on@sw.example', 'sw.example', '1'),
 ('quiet@sw.example', 'on@sw.example', 'sw.example', '0'), ('tooff@sw.example', 'off@sw.example', 'sw.example', '1'),
 ('toquiet@sw.example', 'quiet@sw.example', 'sw.example', '1'),
 ('user@swoff.example', 'user@swoff.example', 'swoff.example', '1'),
 ('known@swlist.example', 'known@swlist.example', 'swlist.example', '1');
"""
TAKEN = [
    "on@sw.example",
    "on+tag@sw.example",
    "bare@sw.example",
    "home@sw.example",
    "list@sw.example",
    "nobody@sw.example",
    "tooff@sw.example",
    "on@swad.example",
    "list+tag@swad.example",
    "bare@swad.example",
    "nobody@swad.example",
    "anyone@swopen.example",
    "known@swlist.example",
]
REFUSED = [
    "off@sw.example",
    "off+tag@sw.example",
    "OFF@sw.example",
    "offbare@sw.example",
    "offfwd@sw.example",
    "quiet@sw.example",
    "off@swad.example",
    "offbare+tag@swad.example",
    "quiet@swad.example",
    "on@swadoff.example",
    "nobody@swadoff.example",
    "user@swadlost.example",
    "on@swadrow.example",
    "user@swoff.example",
    "unknown@swlist.example",
    "on@elsewhere.example",
]
# Where each of them ends up, though all are taken: never in the catch-all's mailbox.
ENDS = {
    "bare@sw.example": "bare@sw.example",
    "bare+tag@swad.example": "bare@sw.example",
    "home@sw.example": "home@sw.example",
    "list@swad.example": "on@sw.example",
    "nobody@sw.example": "keeper@sw.example",
    "nobody+tag@swad.example": "keeper@sw.example",
}


@pytest.fixture(scope="module")
def stack(mailstack: MailStack) -> Iterator[MailStack]:
    for statement in statements(ROWS):
        mailstack.database.sql(statement, database=mailstack.name)
    yield mailstack
    for table in ("alias", "mailbox", "alias_domain", "domain"):
        column = "alias_domain" if table == "alias_domain" else "domain"
        mailstack.database.sql(f"DELETE FROM {table} WHERE {column} LIKE 'sw%.example'", database=mailstack.name)


@pytest.fixture
def ask(stack: MailStack) -> Callable[[Lookup, str], list[str]]:
    """The lookups as postmap answers them."""
    directory = stack.config / "postfix"
    cool_down(directory)

    def by_postmap(lookup: Lookup, key: str) -> list[str]:
        map_type = stack.postfix.postconf("mailadmin_sql").removeprefix("proxy:").partition(":")[0]
        answer = postmap(directory, f"{map_type}:{directory}/sql/{lookup.name}.cf", [key]).get(key)
        return [answer] if answer else []

    return by_postmap


def reply_to(stack: MailStack, recipient: str) -> int:
    """Return what Postfix says to a stranger's RCPT TO."""
    with stack.postfix.client() as client:
        client.ehlo()
        client.mail("stranger@out.example")
        return client.rcpt(recipient)[0]


@pytest.mark.parametrize("recipient", TAKEN)
def test_what_is_on_is_taken(stack: MailStack, ask: recipients.Ask, recipient: str) -> None:
    assert reply_to(stack, recipient) == 250
    assert recipients.refusal(recipient.lower(), ask) == ""


@pytest.mark.parametrize("recipient", REFUSED)
def test_what_is_off_is_refused(stack: MailStack, ask: recipients.Ask, recipient: str) -> None:
    status = reply_to(stack, recipient)
    assert status in (550, 554)
    assert recipients.refusal(recipient.lower(), ask).startswith(str(status))


def test_mail_arrives_where_the_lookups_say(stack: MailStack, ask: recipients.Ask) -> None:
    for recipient in ENDS:
        stack.deliver("stranger@out.example", recipient, letter(recipient, to=recipient))
    for recipient, end in ENDS.items():
        stack.wait_for_mail(end, recipient)
        [destination] = recipients.resolve(recipient, ask)
        assert destination.address.replace("+tag", "") == end
        assert destination.fate is recipients.Fate.MAILBOX


@pytest.mark.parametrize("recipient", ["tooff@sw.example", "toquiet@sw.example"])
def test_an_alias_to_something_off_bounces_and_spares_the_catch_all(stack: MailStack, recipient: str) -> None:
    stack.sink.clear()
    stack.deliver("stranger@out.example", recipient, letter(f"for {recipient}", to=recipient))
    bounce = stack.sink.wait_for(lambda mail: mail.recipients == ("stranger@out.example",))
    assert bounce.sender == "<>" or bounce.sender == ""
    assert f"for {recipient}" not in stack.subjects("keeper@sw.example")


@pytest.mark.parametrize("user", ["off@sw.example", "offbare@sw.example", "user@swoff.example"])
def test_who_is_off_cannot_sign_in_or_send(stack: MailStack, user: str) -> None:
    with pytest.raises(imaplib.IMAP4.error, match="Authentication failed"):
        stack.imap(user, "secret")
    with pytest.raises(smtplib.SMTPAuthenticationError) as refusal:
        stack.submit(user, "secret", letter("no", sender=user, to="x@out.example"))
    assert refusal.value.smtp_code == 535


def test_without_smtp_active_a_user_reads_but_does_not_send(stack: MailStack) -> None:
    stack.imap("mute@sw.example", "secret").logout()
    with pytest.raises(smtplib.SMTPAuthenticationError):
        stack.submit("mute@sw.example", "secret", letter("no", to="x@out.example"))


@pytest.mark.parametrize("sender", ["on@sw.example", "on+tag@sw.example", "on@swad.example", "list@sw.example"])
def test_a_user_sends_from_what_is_theirs(stack: MailStack, sender: str) -> None:
    assert stack.submit("on@sw.example", "secret", letter("mine", to="x@out.example"), sender) == {}


@pytest.mark.parametrize("sender", ["keeper@sw.example", "home@sw.example", "off@sw.example", "boss@elsewhere.example"])
def test_a_user_does_not_send_from_what_is_not(stack: MailStack, sender: str) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        stack.submit("on@sw.example", "secret", letter("not mine", to="x@out.example"), sender)
    assert [code for code, _text in refusal.value.recipients.values()] == [553]


@pytest.mark.parametrize("service", ["smtp_port", "submission_port", "smtps_port"])
def test_nobody_relays_without_a_password(stack: MailStack, service: str) -> None:
    port = getattr(stack.postfix, service)
    with encrypted(stack, port, from_the_start=service == "smtps_port") as client:
        client.ehlo("client.out.example")
        client.mail("on@sw.example")
        assert client.rcpt("x@out.example")[0] in (553, 554)
        assert client.rcpt("on@sw.example")[0] == (250 if service == "smtp_port" else 553)


def encrypted(stack: MailStack, port: int, *, from_the_start: bool) -> smtplib.SMTP:
    if from_the_start:
        return smtplib.SMTP_SSL(HOST, port, timeout=30, context=stack.ca.context())
    client = smtplib.SMTP(HOST, port, timeout=30)
    client.starttls(context=stack.ca.context())
    return client


def test_only_tls_lets_a_password_through(stack: MailStack) -> None:
    for port in (stack.postfix.smtp_port, stack.postfix.submission_port):
        with stack.postfix.client(port) as client:
            client.ehlo()
            assert not client.has_extn("auth")
    with pytest.raises(imaplib.IMAP4.error):
        stack.dovecot.imap().login("on@sw.example", "secret")
    pop = poplib.POP3(HOST, stack.dovecot.pop3_port, timeout=30)
    pop.user("on@sw.example")
    with pytest.raises(poplib.error_proto):
        pop.pass_("secret")
    pop = poplib.POP3(HOST, stack.dovecot.pop3_port, timeout=30)
    pop.stls(stack.ca.context())
    pop.user("on@sw.example")
    assert pop.pass_("secret").startswith(b"+OK")


def test_a_message_over_the_quota_is_refused(stack: MailStack) -> None:
    stack.database.sql("UPDATE mailbox SET quota = 20000 WHERE username = 'bare@sw.example'", database=stack.name)
    big = letter("big", to="bare@sw.example", text="A line of text that is not very long.\n" * 1000)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        stack.deliver("stranger@out.example", "bare@sw.example", big)
    assert refusal.value.recipients["bare@sw.example"][0] == 552
    stack.deliver("stranger@out.example", "bare@sw.example", letter("small", to="bare@sw.example"))
    stack.wait_for_mail("bare@sw.example", "small")


def test_use_is_written_to_quota2(stack: MailStack) -> None:
    def use() -> tuple[int, int]:
        rows = stack.database.sql(
            "SELECT bytes, messages FROM quota2 WHERE username = 'on@sw.example'", database=stack.name
        )
        return rows[0] if rows else (0, 0)

    before = use()
    for subject in ("one", "two"):
        stack.deliver("stranger@out.example", "on@sw.example", letter(subject, to="on@sw.example"))
    wait_until(lambda: use()[1] == before[1] + 2, "quota2")
    assert use()[0] > before[0]


@pytest.mark.parametrize("recipient", [b"us\xe9r@sw.example", "usér@sw.example".encode(), "😀@sw.example".encode()])
def test_odd_recipients_get_a_final_answer(stack: MailStack, recipient: bytes) -> None:
    with stack.postfix.client() as client:
        client.ehlo()
        client.mail("stranger@out.example")
        assert client.sock is not None
        client.sock.sendall(b"RCPT TO:<" + recipient + b">\r\n")
        assert client.getreply()[0] in (501, 550, 553)


@pytest.mark.parametrize("user", ["o'neil@sw.example", "a&b=c_d-e@sw.example"])
def test_every_character_of_a_local_part_works(stack: MailStack, user: str) -> None:
    stack.deliver("stranger@out.example", user, letter("odd but right", to=user))
    stack.wait_for_mail(user, "odd but right")
    client = stack.imap(user, "secret")
    assert client.select()[1] == [b"1"]
    client.logout()
    assert stack.submit(user, "secret", letter("sent", sender=user, to="x@out.example")) == {}


def test_every_character_of_an_alias_works(stack: MailStack) -> None:
    stack.deliver("stranger@out.example", "#$&'*=?^_`{|}~.-@sw.example", letter("odd alias"))
    stack.wait_for_mail("on@sw.example", "odd alias")


@pytest.mark.parametrize(
    "user", ["usér@sw.example", "😀@sw.example", "o'n@sw.example", 'o"n@sw.example', "on@sw.example@x"]
)
def test_odd_users_are_told_no(stack: MailStack, user: str) -> None:
    client = imaplib.IMAP4_SSL(HOST, stack.dovecot.imaps_port, ssl_context=stack.ca.context(), timeout=30)
    client._encoding = "utf-8"  # type: ignore[attr-defined]
    with pytest.raises(imaplib.IMAP4.error, match=r"(?i)authentication"):
        client.authenticate("PLAIN", lambda _challenge: f"\0{user}\0secret".encode())


def test_the_lookups_of_the_test_are_those_that_run(stack: MailStack) -> None:
    for lookup in lookups.VIRTUAL_ALIAS_MAPS:
        assert f"{lookup.name}.cf" in stack.postfix.postconf("virtual_alias_maps")
