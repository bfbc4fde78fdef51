from django.apps import AppConfig


class MailserverConfig(AppConfig):
    name = "mailadmin.mailserver"
    default_auto_field = "django.db.models.BigAutoField"
