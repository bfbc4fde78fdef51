"""Addresses of changes of many rows, and of jobs."""

from django.urls import path

from mailadmin.jobs import views

urlpatterns = [
    path("domains/<domain:domain>/mailboxes/bulk/", views.mailbox_bulk, name="mailbox_bulk"),
    path("domains/<domain:domain>/aliases/bulk/", views.alias_bulk, name="alias_bulk"),
    path("jobs/", views.job_list, name="job_list"),
    path("jobs/<slug:job>/", views.job_detail, name="job_detail"),
    path("jobs/<slug:job>/cancel/", views.job_cancel, name="job_cancel"),
]
