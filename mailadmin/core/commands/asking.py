"""What a command asks for: a password, and whether something shall be deleted."""

import getpass
import sys
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from mailadmin.core.passwords import PasswordPolicy, generate_password


def read_password(options: Mapping[str, Any], policy: PasswordPolicy | None = None) -> str:
    """Return the new password: from standard input, made here, or typed twice. It is never an argument.

    policy: how long one that is made here has to be.
    """
    if options["generate_password"]:
        return generate_password((policy or PasswordPolicy.of_installation()).generated_length)
    if options["password_stdin"]:
        return _password_line()
    if not sys.stdin.isatty():
        raise CommandError(
            _("There is no terminal to ask for the password: use --password-stdin or --generate-password.")
        )
    password = getpass.getpass(_("Password: "))
    if getpass.getpass(_("The same again: ")) != password:
        raise CommandError(_("password: The two differ."))
    return password


def _password_line() -> str:
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        raise CommandError(_("password: Standard input must be UTF-8.")) from None
    if not line:
        raise CommandError(_("password: Standard input was empty."))
    return line.removesuffix("\n").removesuffix("\r")


def confirm(options: Mapping[str, Any], name: str) -> None:
    """Ask for the name of what is deleted, unless `--yes`; raises CommandError for any other answer."""
    if options["yes"]:
        return
    if not sys.stdin.isatty():
        raise CommandError(_("There is no terminal to ask for confirmation: add --yes to delete %s.") % name)
    try:
        answer = input(_("Type %s to delete it: ") % name)
    except EOFError:
        answer = ""
    if answer.strip().lower() != name:
        raise CommandError(_("The name differs; nothing was deleted."))
