"""Addresses of people's pages."""

from django.urls import path

from mailadmin.accounts.views import admins, app_passwords, history, own, recovery, session, set_up, strength, vacation

account_urls = [
    path("login/", session.login, name="login"),
    path("logout/", session.logout, name="logout"),
    path("language/", session.language, name="language"),
    path("recover/", recovery.recover, name="recover"),
    path("recover/asked/", recovery.recover_asked, name="recover_asked"),
    path("set-up/done/", set_up.set_up_done, name="set_up_done"),
    path("set-up/<str:token>/", set_up.set_up, name="set_up"),
    path("set-up/<str:token>/strength/", set_up.set_up_strength, name="set_up_strength"),
    path("account/", own.account, name="account"),
    path("account/password/", own.account_password, name="account_password"),
    path("account/recovery/", recovery.account_recovery, name="account_recovery"),
    path("account/password/strength/", strength.password_strength, name="password_strength"),
    path("account/history/", history.account_history, name="account_history"),
    path("account/not-me/", history.account_not_me, name="account_not_me"),
    path("account/app-passwords/", app_passwords.account_app_passwords, name="account_app_passwords"),
    path("account/app-passwords/new/", app_passwords.account_app_password_create, name="account_app_password_create"),
    path("account/app-passwords/only/", app_passwords.account_app_passwords_only, name="account_app_passwords_only"),
    path(
        "account/app-passwords/<int:app_password>/revoke/",
        app_passwords.account_app_password_revoke,
        name="account_app_password_revoke",
    ),
    path(
        "mailboxes/<address:address>/app-passwords/",
        app_passwords.mailbox_app_passwords,
        name="mailbox_app_passwords",
    ),
    path(
        "mailboxes/<address:address>/app-passwords/only/",
        app_passwords.mailbox_app_passwords_only,
        name="mailbox_app_passwords_only",
    ),
    path(
        "mailboxes/<address:address>/app-passwords/<int:app_password>/revoke/",
        app_passwords.mailbox_app_password_revoke,
        name="mailbox_app_password_revoke",
    ),
    path("account/vacation/", vacation.account_vacation, name="account_vacation"),
    path("account/vacation/off/", vacation.account_vacation_off, name="account_vacation_off"),
    path("mailboxes/<address:address>/vacation/", vacation.mailbox_vacation, name="mailbox_vacation"),
    path("mailboxes/<address:address>/vacation/off/", vacation.mailbox_vacation_off, name="mailbox_vacation_off"),
]

admin_urls = [
    path("admins/", admins.admin_list, name="admin_list"),
    path("admins/new/", admins.admin_create, name="admin_create"),
    path("admins/<str:username>/", admins.admin_detail, name="admin_detail"),
    path("admins/<str:username>/edit/", admins.admin_edit, name="admin_edit"),
    path("admins/<str:username>/password/", admins.admin_password, name="admin_password"),
    path("admins/<str:username>/set-up-link/", admins.admin_setup_link, name="admin_setup_link"),
    path("admins/<str:username>/ask/", admins.admin_ask, name="admin_ask"),
    path("admins/<str:username>/toggle/", admins.admin_toggle, name="admin_toggle"),
    path("admins/<str:username>/delete/", admins.admin_delete, name="admin_delete"),
]

urlpatterns = [*account_urls, *admin_urls]
