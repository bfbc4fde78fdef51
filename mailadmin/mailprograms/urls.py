"""Addresses of the pages about mail programs; what programs ask themselves is answered by the middleware."""

from django.urls import path

from mailadmin.mailprograms import views

urlpatterns = [
    path("account/mail-programs/", views.account_mail_programs, name="account_mail_programs"),
    path("mailboxes/<address:address>/mail-programs/", views.mailbox_mail_programs, name="mailbox_mail_programs"),
    path("domains/<domain:domain>/mail-programs/", views.domain_mail_programs, name="domain_mail_programs"),
    path("mail-programs/<address:address>/", views.phone_set_up, name="phone_set_up"),
    path("mail-programs/<address:address>/mail.mobileconfig", views.phone_profile, name="phone_profile"),
]
