"""Addresses of the history."""

from django.urls import path

from mailadmin.audit import views

urlpatterns = [path("log/", views.log, name="log")]
