"""Addresses of the citizen's pages; included at the root."""

from django.urls import path

from . import outages, views

urlpatterns = [
    path("", views.landing, name="landing"),
    path("pass/", views.wallet, name="wallet"),
    path("pass/sw.js", views.service_worker, name="wallet-worker"),
    path("pass/manifest.webmanifest", views.manifest, name="wallet-manifest"),
    path("outages/", outages.every, name="outages"),
    path("outages/<int:pk>/", outages.statement, name="outage"),
    path("api/v1/pass/time", views.server_time, name="pass-time"),
]
