"""The program that Postfix's pipe(8) hands mail to where MAILADMIN_VACATION is `transport`: it sends vacation replies.

It starts anew for each message, so it imports neither Django nor what of the standard library is slow to load (`re`,
`socket`, `email` and `smtplib` would each double its cost), and it asks the database through the client library that
Postfix's own maps use. `manage.py mailconfig` copies it beside Postfix's configuration; it needs Python 3.9 and nothing
of the panel.

Sources: RFC 3834 (automatic replies), RFC 5322 (messages), RFC 2047 (encoded words), RFC 5321 (SMTP), pipe(8).
"""
