"""What the actions of the history are called in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SIGN_INS = ("sign_in", "sign_in_failed", "sign_out", "recovery_sent", "recovery_refused")

ACTIONS: dict[str, str | Promise] = {
    "create_domain": _("Domain created"),
    "edit_domain": _("Domain changed"),
    "edit_domain_state": _("Domain switched"),
    "delete_domain": _("Domain deleted"),
    "create_mailbox": _("Mailbox created"),
    "edit_mailbox": _("Mailbox changed"),
    "edit_mailbox_state": _("Mailbox switched"),
    "delete_mailbox": _("Mailbox deleted"),
    "edit_vacation": _("Vacation reply changed"),
    "edit_password": _("Password changed"),
    "ask_password": _("New password asked for"),
    "restart_passwords": _("Old passwords given more time"),
    "rehash_password": _("Password stored anew"),
    "create_setup_link": _("Set-up link made"),
    "create_alias": _("Alias created"),
    "edit_alias": _("Alias changed"),
    "edit_alias_state": _("Alias switched"),
    "delete_alias": _("Alias deleted"),
    "create_alias_domain": _("Alias domain created"),
    "edit_alias_domain": _("Alias domain changed"),
    "edit_alias_domain_state": _("Alias domain switched"),
    "delete_alias_domain": _("Alias domain deleted"),
    "create_admin": _("Admin created"),
    "edit_admin": _("Admin changed"),
    "edit_admin_state": _("Admin switched"),
    "delete_admin": _("Admin deleted"),
    "leave_old_panel": _("Old panel left"),
    "edit_preferences": _("Preferences changed"),
    "sign_in": _("Signed in"),
    "sign_in_failed": _("Sign-in refused"),
    "sign_out": _("Signed out"),
    "recovery_sent": _("Recovery link sent"),
    "recovery_refused": _("Recovery asked for, no link sent"),
}

FIELDS: dict[str, str | Promise] = {
    "active": _("Switched on"),
    "activefrom": _("From"),
    "activeuntil": _("Until"),
    "address": _("Address"),
    "admins": _("Admins"),
    "alias_domain": _("Alias domain"),
    "alias_domains": _("Alias domains"),
    "aliases": _("Aliases"),
    "backupmx": _("Backup MX"),
    "body": _("Text"),
    "deleted_aliases": _("Aliases deleted with it"),
    "deleted_mailboxes": _("Mailboxes deleted with it"),
    "description": _("Description"),
    "domain": _("Domain"),
    "domains": _("Domains"),
    "email": _("Address"),
    "email_other": _("Recovery address"),
    "forward_max": _("Addresses that one person may forward to"),
    "forward_outside": _("People may forward to other domains"),
    "goto": _("Targets"),
    "granted": _("May manage"),
    "imap_host": _("IMAP server"),
    "inside_body": _("Text inside the domain"),
    "interval_time": _("Seconds between replies"),
    "kind": _("Kind"),
    "language": _("Language"),
    "link_until": _("Works until"),
    "local_part": _("Local part"),
    "maildir": _("Maildir"),
    "mailboxes": _("Mailboxes"),
    "maxquota": _("Largest quota of a mailbox"),
    "must_change": _("Must choose a new password"),
    "name": _("Name"),
    "own_aliases": _("Aliases that one person may make"),
    "password": _("Password"),
    "password_days": _("Days until a new password is due"),
    "password_expiry": _("Password expires"),
    "password_history": _("Last passwords that may not come back"),
    "password_min_length": _("Least length of a password"),
    "password_min_strength": _("Least strength of a password"),
    "pop3_host": _("POP3 server"),
    "quota": _("Quota"),
    "scheme": _("Password scheme"),
    "smtp_active": _("May send"),
    "smtp_host": _("SMTP server"),
    "subject": _("Subject"),
    "superadmin": _("Superadmin"),
    "target_domain": _("Target domain"),
    "time_zone": _("Time zone"),
    "transport": _("Transport"),
    "username": _("Address"),
}


def action_label(action: str) -> str:
    """Return an action in words; one that only an earlier release knew as it stands."""
    return str(ACTIONS.get(action, action))


def field_label(name: str) -> str:
    """Return the name of a value in words."""
    return str(FIELDS.get(name, name))
