from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo company, for those who look."""

    name = "demo"
