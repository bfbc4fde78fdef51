"""Vacation replies by Dovecot, longer than `make test` looks: texts of every kind, and a minute of two people away."""

from hypothesis import HealthCheck, given, settings

from tests.mailserver import test_vacation_fuzz, test_vacation_reply
from tests.mailserver.test_vacation_fuzz import LOCAL_PARTS
from tests.mailserver.vacation_texts import BODIES, SUBJECTS
from tests.prove.report import write_section
from tests.servers.mailstack import MailStack

fuzzed, stack = test_vacation_fuzz.fuzzed, test_vacation_reply.stack
EXAMPLES = 300
WATCHED = 60


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SUBJECTS, BODIES.filter(bool), BODIES.filter(bool), LOCAL_PARTS)
def test_the_reply_is_the_text(fuzzed: MailStack, subject: str, body: str, inside_body: str, local_part: str) -> None:
    test_vacation_fuzz.reply_is_the_text(fuzzed, subject, body, inside_body, local_part)


def test_two_vacations_do_not_answer_each_other(stack: MailStack) -> None:
    test_vacation_reply.write_to_each_other(stack, seconds=WATCHED)
    write_section(
        "Vacation replies by Dovecot",
        f"{EXAMPLES} vacations with random subjects, texts for people outside and inside the domain, and alias names:"
        f" `sievec` took every script, and both replies of each carried exactly the text and no header but the usual"
        f" ones. Two people who answer every message wrote to each other: one reply to each, and no other within"
        f" {WATCHED} seconds.",
    )
