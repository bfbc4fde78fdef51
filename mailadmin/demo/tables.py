"""The tables that a large demo fills, with the columns of its rows."""

_TABLES = {
    "domain": "domain description aliases mailboxes maxquota quota transport backupmx created modified active"
    " password_expiry",
    "alias_domain": "alias_domain target_domain created modified active description",
    "mailbox": "username password name maildir quota local_part domain created modified active smtp_active"
    " password_expiry",
    "alias": "address goto domain created modified active description",
    "mailadmin_alias_target": "target target_domain address",
    "quota2": "username bytes messages",
    "vacation": "email subject body cache domain created active modified activefrom activeuntil interval_time",
    "admin": "username password created modified active superadmin",
    "domain_admins": "username domain created active",
    "mailadmin_account": "login row_created must_change_password last_login language time_zone",
    "log": "id timestamp username domain action data",
    "mailadmin_audit_event": "id time actor_kind actor via ip request_id batch_id action target domain before after"
    " repeats log_id",
}
COLUMNS = {table: columns.split() for table, columns in _TABLES.items()}
