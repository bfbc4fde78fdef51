"""Messages that a vacation reply must not answer, and messages that it must: plain data for every way of delivery.

The world: DOMAIN has the mailboxes USER, who is away and answers every message, and COLLEAGUE, who is not; the alias
ALIAS leads to USER; ALIAS_DOMAIN is an alias domain of DOMAIN. Each case has a sender of its own where it can, and
its `message_id` is what a reply says in In-Reply-To.
"""

import re
import zlib
from dataclasses import dataclass

DOMAIN = "vc.example"
ALIAS_DOMAIN = "vcad.example"
USER = f"anna@{DOMAIN}"
COLLEAGUE = f"bert@{DOMAIN}"
ALIAS = f"desk@{DOMAIN}"

Header = tuple[str, str]
BOTH = ("sieve", "transport")


@dataclass(frozen=True)
class Case:
    """A message: envelope sender ("" the null sender) and recipient, its headers, whether it must be answered.

    From, To, Subject, Date and Message-ID are added where `headers` does not have them; an empty value leaves one out.
    """

    name: str
    sender: str
    headers: tuple[Header, ...]
    recipient: str
    answered: bool
    ways: tuple[str, ...] = BOTH
    text: str = "Hello\n"

    @property
    def message_id(self) -> str:
        return f"<{key(self.name)}@cases.example>"

    def message(self) -> bytes:
        """Return the message as it comes over the wire."""
        usual = {
            "From": self.sender or f"MAILER-DAEMON@{key(self.name)}.example",
            "To": self.recipient,
            "Subject": self.name,
            "Date": "Mon, 03 May 2027 09:00:00 +0000",
            "Message-ID": self.message_id,
        }
        named = {name.lower() for name, _value in self.headers}
        headers = [(name, value) for name, value in usual.items() if name.lower() not in named]
        lines = [f"{name}: {value}" for name, value in [*headers, *self.headers] if value]
        return "\r\n".join([*lines, "", *self.text.splitlines(), ""]).encode()


def key(name: str) -> str:
    """Return a local part or domain label of this case alone."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return f"{words}-{zlib.crc32(name.encode()):x}"


def never(name: str, *headers: Header, sender: str | None = None, to: str = USER, ways: tuple[str, ...] = BOTH) -> Case:
    """Return a case that must not be answered; the sender is a person of its own if none is given."""
    return Case(name, f"{key(name)}@out.example" if sender is None else sender, headers, to, False, ways)


def answered(
    name: str, *headers: Header, sender: str = "", to: str = USER, ways: tuple[str, ...] = BOTH, text: str = "Hello\n"
) -> Case:
    """Return a case that must be answered."""
    return Case(name, sender or f"{key(name)}@out.example", headers, to, True, ways, text)


def header(name: str, value: str) -> Case:
    """Return a case that this header alone keeps from being answered."""
    return never(f"{name}: {value}" if len(value) < 40 else name, (name, value))


def robot(local_part: str) -> Case:
    """Return a case whose sender's local part alone keeps it from being answered."""
    return never(f"from {local_part}", sender=f"{local_part}@{key(local_part)}.example")


LISTS = (
    header("List-Id", "Friends of mail <friends.lists.example>"),
    header("List-Help", "<mailto:friends-help@lists.example>"),
    header("List-Subscribe", "<mailto:friends-join@lists.example>"),
    header("List-Unsubscribe", "<https://lists.example/leave>"),
    header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    header("List-Post", "NO"),
    header("List-Owner", "<mailto:friends-admin@lists.example>"),
    header("List-Archive", "<https://lists.example/friends/>"),
    header("list-id", "<friends.lists.example>"),
    header("LIST-UNSUBSCRIBE", "<mailto:leave@lists.example>"),
    never("a folded List-Id", ("List-Id", "\r\n\tFriends of mail\r\n <friends.lists.example>")),
    header("Mailing-List", "contact friends-help@lists.example; run by ezmlm"),
    header("X-Mailing-List", "<friends@lists.example>"),
    header("X-BeenThere", "friends@lists.example"),
    header("X-Mailman-Version", "2.1.39"),
    header("Precedence", "bulk"),
    header("Precedence", "list"),
    header("Precedence", "junk"),
    header("Precedence", "BULK"),
    header("PRECEDENCE", "Junk"),
    header("Precedence", "auto_reply"),
    never("two Precedence headers", ("Precedence", "first-class"), ("Precedence", "list")),
    header("Feedback-ID", "17:spring:news:esp"),
    header("X-CSA-Complaints", "csa@esp.example"),
    header("X-Facebook-Notify", "friend_request"),
    header("X-Amazon-Mail-Relay-Type", "notification"),
)
AUTOMATIC = (
    header("Auto-Submitted", "auto-generated"),
    header("Auto-Submitted", "auto-replied"),
    header("Auto-Submitted", "auto-notified"),
    header("AUTO-SUBMITTED", "Auto-Replied"),
    header("Auto-Submitted", "auto-replied (vacation)"),
    header("Auto-Submitted", "auto-notified; owner-email=me@x.example"),
    header("Auto-Submitted", "something-new"),
    never("two Auto-Submitted headers", ("Auto-Submitted", "no"), ("Auto-Submitted", "auto-generated")),
    header("X-Auto-Response-Suppress", "All"),
    header("X-Auto-Response-Suppress", "OOF"),
    header("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"),
    header("x-auto-response-suppress", "all"),
    header("X-Autoreply", "yes"),
    header("X-Autorespond", "Away"),
    header("X-Autogenerated", "Reply"),
    header("X-Cron-Env", "<SHELL=/bin/sh>"),
)
BOUNCES = (
    never("the null sender", sender=""),
    never("the null sender with a person in From", ("From", "Person <person@null.example>"), sender=""),
    robot("MAILER-DAEMON"),
    robot("mailer-daemon"),
    never("MAILER-DAEMON in From alone", ("From", "Mail System <MAILER-DAEMON@mx.out.example>")),
    robot("postmaster"),
    robot("Postmaster"),
    never(
        "a delivery report with a sender",
        ("MIME-Version", "1.0"),
        ("Content-Type", 'multipart/report; report-type=delivery-status; boundary="b"'),
    ),
    never(
        "a read receipt",
        ("MIME-Version", "1.0"),
        ("Content-Type", 'Multipart/Report; report-type=disposition-notification; boundary="b"'),
    ),
    header("X-Failed-Recipients", "gone@far.example"),
)
ROBOTS = (
    *map(robot, ("noreply", "no-reply", "no_reply", "no.reply", "donotreply", "do-not-reply", "do_not_reply")),
    *map(robot, ("NoReply", "NO-REPLY", "noreply+a1b2", "noreply-eu", "calendar-noreply", "jobs.no-reply")),
    *map(robot, ("bounces+anna=vc.example", "bounce-1234", "friends-bounces", "owner-friends", "OWNER-friends")),
    *map(robot, ("friends-request", "Friends-Request", "request-17", "friends-owner")),
    *map(robot, ("listserv", "LISTSERV", "majordomo", "root", "cron", "nobody", "autoreply", "notifications")),
    never("noreply in From, with a name", ("From", "The Shop <noreply@shop.example>")),
    never("NoReply in From", ("From", "NoReply@shop2.example")),
    never("no-reply in Reply-To", ("Reply-To", '"Do not answer" <no-reply@shop3.example>')),
    never("a list's owner in Sender", ("Sender", "owner-friends@lists.example")),
)
LOOPS = (
    header("X-Loop", "Postfix Admin Virtual Vacation"),
    header("X-LOOP", USER),
    never("mail to oneself", sender=USER),
    never("mail to oneself in odd case", sender=f"Anna@{DOMAIN.upper()}"),
    never("mail to oneself by an alias", sender=ALIAS),
    never("mail to oneself at an alias domain", sender=f"anna@{ALIAS_DOMAIN}"),
    never("mail to oneself with an extension", sender=f"anna+home@{DOMAIN}"),
    never("mail from oneself to the alias", sender=USER, to=ALIAS),
    never("one's own address in From", ("From", f"Anna <{USER}>")),
    never("one's own address in From in odd case", ("From", f"<ANNA@{DOMAIN}>")),
    never("one's own alias in From", ("From", ALIAS)),
)
SPAM = (
    header("X-Spam-Flag", "YES"),
    header("x-spam-flag", "yes"),
    header("X-Spam-Status", "Yes, score=17.2 required=5.0 tests=BAYES_99"),
    header("X-SPAM-STATUS", "YES"),
    never("a folded X-Spam-Status", ("X-Spam-Status", "\r\n Yes, score=17.2\r\n\trequired=5.0")),
    header("X-Spam", "Yes"),
    header("X-Barracuda-Spam-Status", "Yes, SCORE=9.0"),
    header("X-DSPAM-Result", "Spam"),
    header("X-Bogosity", "Spam, tests=bogofilter"),
    header("X-CRM114-Status", "SPAM  ( pR: -12.3 )"),
    header("X-Spamd-Result", "default: True [20.10 / 15.00]"),
    header("X-Virus-Status", "Infected (Eicar)"),
    header("X-Antivirus-Status", "INFECTED"),
    header("X-MS-Exchange-Organization-SCL", "9"),
)
NOT_ADDRESSED = (
    never("Bcc", ("To", "someone@far.example")),
    never("Bcc without any To", ("To", "")),
    never("Bcc with undisclosed recipients", ("To", "undisclosed-recipients:;")),
    never("Bcc by the alias", ("To", "someone@far.example"), to=ALIAS),
    never("one's address as a name only", ("To", f'"{USER}" <someone@far.example>')),
    never("an address that ends like one's own", ("To", f"joanna@{DOMAIN}")),
    never("an address that begins like one's own", ("To", f"{USER}.far.example")),
    never("a colleague alone in To", ("To", COLLEAGUE)),
)
ANSWERED = (
    answered("plain"),
    answered("in Cc", ("To", "someone@far.example"), ("Cc", USER)),
    answered("one of many", ("To", f"one@far.example, {COLLEAGUE},\r\n Two <two@far.example>, Anna <{USER}>")),
    answered("through the alias", to=ALIAS),
    answered("through the alias domain", to=f"anna@{ALIAS_DOMAIN}"),
    answered("through the alias at the alias domain", to=f"desk@{ALIAS_DOMAIN}"),
    answered("with an extension", to=f"anna+shop@{DOMAIN}"),
    answered("odd case in the address", ("To", f"<ANNA@{DOMAIN.title()}>"), to=f"Anna@{DOMAIN.upper()}"),
    answered("odd case in the alias", ("To", f"DESK@{DOMAIN}"), to=f"Desk@{DOMAIN}"),
    answered("a name in To", ("To", f'"Anna (away), Miss" <{USER}>')),
    answered("a folded To", ("To", f"\r\n Anna\r\n\t<{USER}>")),
    answered("X-Spam-Flag: NO", ("X-Spam-Flag", "NO")),
    answered("X-Spam-Status: No", ("X-Spam-Status", "No, score=-1.9 required=5.0 tests=BAYES_00,YES_WORD")),
    answered("X-Spam-Level", ("X-Spam-Level", "*"), ("X-Virus-Scanned", "amavis at out.example")),
    answered("X-Spamd-Result: False", ("X-Spamd-Result", "default: False [1.10 / 15.00]")),
    answered("X-MS-Exchange-Organization-SCL: 1", ("X-MS-Exchange-Organization-SCL", "1")),
    answered(
        "headers of a list in the text", text="List-Id: <friends.lists.example>\nPrecedence: bulk\nX-Spam-Flag: YES\n"
    ),
    answered("words of a list in the subject", ("Subject", "List-Unsubscribe: noreply, X-Spam-Flag: YES")),
    answered("Auto-Submitted: no", ("Auto-Submitted", "no")),
    answered("Precedence: first-class", ("Precedence", "first-class")),
    answered("X-Auto-Response-Suppress: DR", ("X-Auto-Response-Suppress", "DR, RN, NRN")),
    answered("a quoted local part", sender='"quoted person"@out.example'),
    answered("a colleague", sender=COLLEAGUE),
    answered("a colleague at the alias domain", sender=f"bert@{ALIAS_DOMAIN}"),
    answered("the colleague in To too", ("To", f"{COLLEAGUE}, {USER}")),
    answered("the sender in Cc too", ("Cc", "writer@out.example"), sender="writer@out.example"),
    answered("a person with a robot's name", ("From", '"No-Reply MAILER-DAEMON" <person@out.example>')),
    answered("a person like a robot 1", sender="casino-reply@out.example"),
    answered("a person like a robot 2", sender="roberta.requester@out.example"),
    answered("a person like a robot 3", sender="owner@out.example"),
    answered("a person in Reply-To", ("Reply-To", "Person <other.person@out.example>")),
    answered("In-Reply-To", ("In-Reply-To", "<earlier@vc.example>"), ("References", "<earlier@vc.example>")),
    answered("no subject", ("Subject", "")),
    answered("no Message-ID", ("Message-ID", "")),
)

CASES = (*LISTS, *AUTOMATIC, *BOUNCES, *ROBOTS, *LOOPS, *SPAM, *NOT_ADDRESSED, *ANSWERED)
