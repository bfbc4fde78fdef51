from django.apps import AppConfig


class SweepConfig(AppConfig):
    name = "mailadmin.sweep"
