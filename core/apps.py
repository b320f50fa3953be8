from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        """SQLite searches as PostgreSQL does."""
        from core.folding import search_beyond_ascii

        search_beyond_ascii()
