"""What Debian's PostfixAdmin writes in each of its settings, and what is written beside it: both read both."""

import json
import subprocess

import pytest

from mailadmin.adopt.scheme import dominant
from mailadmin.core import passwords
from tests.bench.postfixadmin import CODE

# Nothing here depends on the database of the run, so one run is enough.
pytestmark = pytest.mark.mysql

PASSWORD = "correct horse battery"
SETTINGS = [
    "md5crypt",
    "md5",
    "system",
    "sha512.b64",
    "php_crypt",
    "php_crypt:DES",
    "php_crypt:MD5",
    "php_crypt:BLOWFISH:5",
    "php_crypt:SHA256",
    "php_crypt:SHA512",
    "php_crypt:SHA512::{SHA512-CRYPT}",
    "dovecot:SSHA512",
    "dovecot:SHA512-CRYPT",
    "dovecot:BLF-CRYPT",
    "dovecot:CRAM-MD5",
]
# As docs/passwords.md says: these read what they write and nothing that should be written.
LOST = ["cleartext", "authlib"]
# PostfixAdmin's own functions, asked for each setting: a new password, and whether a stored one fits.
SCRIPT = """
define('POSTFIXADMIN_CLI', 1);
require $argv[1] . '/common.php';
$answers = [];
foreach (json_decode(stream_get_contents(STDIN), true) as [$setting, $password, $stored]) {
    $CONF['encrypt'] = $setting;
    $CONF['dovecotpw'] = '/usr/bin/doveadm pw';
    $CONF['authlib_default_flavor'] = 'SHA';
    Config::write('encrypt', $setting);
    try { $answers[] = $stored === '' ? pacrypt($password) : pacrypt($password, $stored) === $stored; }
    catch (Exception $refused) { $answers[] = false; }
}
echo json_encode($answers);
"""


def ask(questions: list[tuple[str, str, str]]) -> list[str | bool]:
    """Return a new password of PostfixAdmin for each setting, or whether a stored one fits."""
    command = ["php", "-d", "display_errors=0", "-r", SCRIPT, "--", str(CODE)]
    done = subprocess.run(command, input=json.dumps(questions), capture_output=True, text=True, timeout=120, check=True)
    answers: list[str | bool] = json.loads(done.stdout)
    return answers


def written_beside(stored: str) -> str:
    """Return a password as it is written where all others are as this one."""
    scheme = dominant({passwords.scheme_of(stored): 1})
    return passwords.hash_password(PASSWORD, scheme) if scheme else passwords.hash_password(PASSWORD, "ARGON2ID")


def test_both_panels_read_what_both_write() -> None:
    theirs = [str(one) for one in ask([(setting, PASSWORD, "") for setting in [*SETTINGS, *LOST]])]
    default = {"cleartext": "PLAIN"}
    for setting, stored in zip([*SETTINGS, *LOST], theirs, strict=True):
        assert passwords.verify_password(PASSWORD, stored, default_scheme=default.get(setting, "")), setting
    ours = [written_beside(stored) for stored in theirs]
    fits = ask([(one, PASSWORD, stored) for one, stored in zip([*SETTINGS, *LOST], ours, strict=True)])
    unread = [one for one, yes in zip([*SETTINGS, *LOST], fits, strict=True) if yes is not True]
    assert unread == LOST
    wrong = ask([(one, "another horse", stored) for one, stored in zip(SETTINGS, ours, strict=False)])
    assert wrong == [False] * len(SETTINGS)
