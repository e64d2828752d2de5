"""Addresses, one app a line."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

import checkins.pages
import venues.portal.urls
from config import health

handler500 = "config.problems.server_error"

urlpatterns = [
    path("", include("registry.pages.urls")),
    path("", include("gate.urls")),
    path("", include("venues.posters.address")),
    path("owner/", include(([*checkins.pages.urlpatterns, *venues.portal.urls.urlpatterns], "owner"))),
    path("scanner/", include("venues.door.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("registry.api.urls")),
    path("api/v1/", include("venues.api.urls")),
    path("api/v1/", include("checkins.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("health/deep", health.deep),
    path("metrics", health.metrics),
    path("i18n/", include("django.conf.urls.i18n")),
]
