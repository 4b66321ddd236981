from django.apps import AppConfig


class LookConfig(AppConfig):
    """Templates, static files and template tags that every face shares."""

    name = "comptoir.look"
    label = "look"
