from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VenuesConfig(AppConfig):
    name = "venues"
    verbose_name = _("Venues")

    def ready(self) -> None:
        from registry import rekeying
        from venues import documents

        rekeying.PARTS["documents"] = documents.encrypt_anew
