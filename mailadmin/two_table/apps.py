from django.apps import AppConfig


class TwoTableConfig(AppConfig):
    name = "mailadmin.two_table"
