from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VenuesConfig(AppConfig):
    name = "venues"
    verbose_name = _("Venues")

    def ready(self) -> None:
        """What is done in the background or needs a second person, and what is encrypted, is known to every process."""
        from registry import rekeying
        from venues import documents, policies  # noqa: F401 -- it registers itself

        rekeying.PARTS["documents"] = documents.encrypt_anew
