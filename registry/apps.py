from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = _("Registry")

    def ready(self) -> None:
        """What registers deeds for a second person, and work in the background, is known to web and worker alike."""
        from registry import rekeying, signing  # noqa: F401 -- they register
        from registry.clerks import ways_in  # noqa: F401
        from registry.imports import work  # noqa: F401
