from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "comptoir.notices"
