from django.apps import AppConfig


class CutoverConfig(AppConfig):
    name = "comptoir.cutover"
