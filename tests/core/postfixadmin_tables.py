"""PostfixAdmin's tables as its newest version makes them on MariaDB: facts that ours are compared with.

Each line is: column, type, null, default (- is none), extra.
"""
# ruff: noqa: E501

COLUMNS = """
admin
  active | tinyint(1) | NO | 1
  created | datetime | NO | '2000-01-01 00:00:00'
  email_other | varchar(255) | NO | ''
  modified | datetime | NO | '2000-01-01 00:00:00'
  password | varchar(255) | NO | -
  phone | varchar(30) | NO | ''
  superadmin | tinyint(1) | NO | 0
  token | varchar(255) | NO | ''
  token_validity | datetime | NO | '2000-01-01 00:00:00'
  totp_secret | varchar(255) | YES | NULL
  username | varchar(255) | NO | -
admin_preferences
  pref_key | varchar(64) | NO | ''
  pref_value | varchar(2048) | NO | ''
  username | varchar(255) | NO | ''
alias
  active | tinyint(1) | NO | 1
  address | varchar(255) | NO | -
  created | datetime | NO | '2000-01-01 00:00:00'
  description | varchar(255) | NO | ''
  domain | varchar(255) | NO | -
  goto | text | NO | -
  modified | datetime | NO | '2000-01-01 00:00:00'
alias_domain
  active | tinyint(1) | NO | 1
  alias_domain | varchar(255) | NO | ''
  created | datetime | NO | '2000-01-01 00:00:00'
  description | varchar(255) | NO | ''
  modified | datetime | NO | '2000-01-01 00:00:00'
  target_domain | varchar(255) | NO | ''
config
  id | int(11) | NO | - | auto_increment
  name | varchar(20) | NO | ''
  value | varchar(20) | NO | ''
dkim
  created | datetime | NO | '2000-01-01 00:00:00'
  description | varchar(255) | YES | ''
  domain_name | varchar(255) | NO | -
  id | int(11) | NO | - | auto_increment
  modified | datetime | NO | '2000-01-01 00:00:00'
  private_key | text | YES | NULL
  public_key | text | YES | NULL
  selector | varchar(63) | NO | 'default'
dkim_signing
  author | varchar(255) | NO | ''
  created | datetime | NO | '2000-01-01 00:00:00'
  dkim_id | int(11) | NO | -
  id | int(11) | NO | - | auto_increment
  modified | datetime | NO | '2000-01-01 00:00:00'
domain
  active | tinyint(1) | NO | 1
  aliases | int(10) | NO | 0
  backupmx | tinyint(1) | NO | 0
  created | datetime | NO | '2000-01-01 00:00:00'
  description | varchar(255) | NO | -
  domain | varchar(255) | NO | -
  mailboxes | int(10) | NO | 0
  maxquota | bigint(20) | NO | 0
  modified | datetime | NO | '2000-01-01 00:00:00'
  password_expiry | int(11) | YES | 0
  quota | bigint(20) | NO | 0
  transport | varchar(255) | NO | -
domain_admins
  active | tinyint(1) | NO | 1
  created | datetime | NO | '2000-01-01 00:00:00'
  domain | varchar(255) | NO | -
  id | int(11) | NO | - | auto_increment
  username | varchar(255) | NO | -
fetchmail
  active | tinyint(1) | NO | 0
  created | timestamp | NO | '2000-01-01 00:00:00'
  date | timestamp | NO | '2000-01-01 00:00:00'
  domain | varchar(255) | YES | ''
  extra_options | text | YES | NULL
  fetchall | tinyint(1) unsigned | NO | 0
  id | int(11) unsigned | NO | - | auto_increment
  keep | tinyint(1) unsigned | NO | 0
  mailbox | varchar(255) | NO | -
  mda | varchar(255) | YES | NULL
  modified | timestamp | NO | current_timestamp()
  poll_time | int(11) unsigned | NO | 10
  protocol | enum('POP3','IMAP','POP2','ETRN','AUTO') | YES | NULL
  returned_text | text | YES | NULL
  src_auth | enum('password','kerberos_v5','kerberos','kerberos_v4','gssapi','cram-md5','otp','ntlm','msn','ssh','any') | YES | NULL
  src_folder | varchar(255) | NO | -
  src_password | varchar(255) | NO | -
  src_port | int(11) | NO | 0
  src_server | varchar(255) | NO | -
  src_user | varchar(255) | NO | -
  sslcertck | tinyint(1) | NO | 0
  sslcertpath | varchar(255) | YES | ''
  sslfingerprint | varchar(255) | YES | ''
  usessl | tinyint(1) unsigned | NO | 0
log
  action | varchar(255) | NO | -
  data | text | NO | -
  domain | varchar(255) | NO | -
  id | int(11) | NO | - | auto_increment
  timestamp | datetime | NO | '2000-01-01 00:00:00'
  username | varchar(255) | NO | -
mailbox
  active | tinyint(1) | NO | 1
  created | datetime | NO | '2000-01-01 00:00:00'
  domain | varchar(255) | NO | -
  email_other | varchar(255) | NO | ''
  local_part | varchar(255) | NO | -
  maildir | varchar(255) | NO | -
  modified | datetime | NO | '2000-01-01 00:00:00'
  name | varchar(255) | NO | -
  password | varchar(255) | NO | -
  password_expiry | datetime | NO | '2000-01-01 00:00:00'
  phone | varchar(30) | NO | ''
  quota | bigint(20) | NO | 0
  smtp_active | tinyint(1) | NO | 1
  token | varchar(255) | NO | ''
  token_validity | datetime | NO | '2000-01-01 00:00:00'
  totp_secret | varchar(255) | YES | NULL
  username | varchar(255) | NO | -
mailbox_app_password
  description | varchar(255) | YES | NULL
  id | int(11) | NO | - | auto_increment
  password_hash | varchar(255) | YES | NULL
  username | varchar(255) | YES | NULL
quota
  current | bigint(20) | NO | 0
  path | varchar(100) | NO | -
  username | varchar(255) | NO | -
quota2
  bytes | bigint(20) | NO | 0
  messages | int(11) | NO | 0
  username | varchar(100) | NO | -
totp_exception_address
  created | timestamp | NO | current_timestamp()
  description | varchar(255) | YES | NULL
  id | int(11) | NO | - | auto_increment
  ip | varchar(46) | NO | -
  modified | timestamp | NO | current_timestamp()
  username | varchar(255) | YES | NULL
vacation
  active | tinyint(1) | NO | 1
  activefrom | timestamp | NO | '2000-01-01 00:00:00'
  activeuntil | timestamp | NO | '2038-01-18 00:00:00'
  body | text | NO | -
  cache | text | NO | -
  created | datetime | NO | '2000-01-01 00:00:00'
  domain | varchar(255) | NO | -
  email | varchar(255) | NO | -
  interval_time | int(11) | NO | 0
  modified | timestamp | NO | current_timestamp()
  subject | varchar(255) | NO | -
vacation_notification
  notified | varchar(255) | NO | ''
  notified_at | timestamp | NO | current_timestamp()
  on_vacation | varchar(255) | NO | -
"""

INDEXES = """
admin_preferences (username,pref_key) unique
admin (username) unique
alias_domain (active)
alias_domain (alias_domain) unique
alias_domain (target_domain)
alias (address) unique
alias (domain)
config (id) unique
config (name) unique
dkim_signing (author)
dkim_signing (dkim_id)
dkim_signing (id) unique
dkim (domain_name,description)
dkim (id) unique
domain_admins (id) unique
domain_admins (username,domain,active)
domain_admins (username)
domain (domain) unique
fetchmail (domain)
fetchmail (id) unique
log (domain,timestamp)
log (id) unique
log (timestamp)
mailbox_app_password (id) unique
mailbox (domain)
mailbox (username) unique
quota2 (username) unique
quota (username,path) unique
totp_exception_address (id) unique
totp_exception_address (ip,username) unique
vacation_notification (on_vacation,notified) unique
vacation (email) unique
vacation (email)
"""

FOREIGN_KEYS = {
    ("dkim", "domain", "CASCADE"),
    ("dkim_signing", "dkim", "CASCADE"),
    ("vacation_notification", "vacation", "CASCADE"),
}
