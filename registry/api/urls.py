"""The registry's part of /api/v1/."""

from registry.api import apps, keys, labs, me, passes, receipts, verifications, wards

urlpatterns = [
    *verifications.urlpatterns,
    *passes.urlpatterns,
    *keys.urlpatterns,
    *me.urlpatterns,
    *wards.urlpatterns,
    *receipts.urlpatterns,
    *labs.urlpatterns,
    *apps.urlpatterns,
]
