"""The scanners' part of /api/v1/."""

from django.urls import path

from venues.api import revocations, scanners

urlpatterns = [
    path("scanners/pair", scanners.PairView.as_view(), name="scanner-pair"),
    path("scanners/manifest", scanners.ManifestView.as_view(), name="scanner-manifest"),
    path("revocations/<str:day>/<int:segment>", revocations.RevocationsView.as_view(), name="revocations"),
]
