from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "comptoir.kit"

    def ready(self) -> None:
        """Let every field know our lookups."""
        from . import lookups  # noqa: F401 - registers itself
