"""Addresses of the screens of mailboxes."""

from django.urls import path

from mailboxes import forwarding_views, views

urlpatterns = [
    path("domains/<domain:domain>/mailboxes/", views.mailbox_list, name="mailbox_list"),
    path("domains/<domain:domain>/mailboxes/new/", views.mailbox_create, name="mailbox_create"),
    path("domains/<domain:domain>/mailboxes/new/check/", views.mailbox_check, name="mailbox_check"),
    path("mailboxes/<address:address>/", views.mailbox_detail, name="mailbox_detail"),
    path("mailboxes/<address:address>/edit/", views.mailbox_edit, name="mailbox_edit"),
    path("mailboxes/<address:address>/password/", views.mailbox_password, name="mailbox_password"),
    path("mailboxes/<address:address>/password/ask/", views.mailbox_ask, name="mailbox_ask"),
    path("mailboxes/<address:address>/handover/", views.mailbox_handover, name="mailbox_handover"),
    path("mailboxes/<address:address>/set-up-link/", views.mailbox_setup_link, name="mailbox_setup_link"),
    path("mailboxes/<address:address>/forwarding/", forwarding_views.mailbox_forwarding, name="mailbox_forwarding"),
    path("account/forwarding/", forwarding_views.account_forwarding, name="account_forwarding"),
    path("mailboxes/<address:address>/toggle/", views.mailbox_toggle, name="mailbox_toggle"),
    path("mailboxes/<address:address>/repair/", views.mailbox_repair, name="mailbox_repair"),
    path("mailboxes/<address:address>/delete/", views.mailbox_delete, name="mailbox_delete"),
]
