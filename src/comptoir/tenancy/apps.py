from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TenancyConfig(AppConfig):
    name = "comptoir.tenancy"

    def ready(self) -> None:
        """Have each migration end with what PostgreSQL leaves open to everybody being closed."""
        from .rls import close_what_is_open_by_default

        post_migrate.connect(close_what_is_open_by_default, sender=self)
