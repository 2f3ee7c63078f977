"""The registry as an app, and what an app with a face is."""

from importlib import import_module

from django.apps import AppConfig


class FacedConfig(AppConfig):
    """An app that says what it is in its `face.py`."""

    default = False  # this class stands beside each app's own, and Django would not know which of the two to take

    def __init_subclass__(cls) -> None:
        cls.default = True

    def ready(self) -> None:
        """Say it, once."""
        import_module(f"{self.name}.face").register()


class RegistryConfig(AppConfig):
    default = True
    name = "bihuan.kernel.registry"
    label = "registry"
