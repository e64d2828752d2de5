from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CheckinsConfig(AppConfig):
    name = "checkins"
    verbose_name = _("Entry log")

    def ready(self) -> None:
        """What is done in the background or needs a second person is known to every process."""
        from checkins.tracing import asking, finding, notices  # noqa: F401 -- they register
