"""The registry's part of /api/v1/."""

from registry.api import me, passes, verifications

urlpatterns = [*verifications.urlpatterns, *passes.urlpatterns, *me.urlpatterns]
