"""The registry's part of /api/v1/."""

from registry.api import me, passes, receipts, verifications, wards

urlpatterns = [
    *verifications.urlpatterns,
    *passes.urlpatterns,
    *me.urlpatterns,
    *wards.urlpatterns,
    *receipts.urlpatterns,
]
