"""Addresses of the scanner page; included under `scanner/`."""

from django.urls import path

from . import views

app_name = "scanner"

urlpatterns = [
    path("", views.page, name="page"),
    path("sw.js", views.service_worker, name="worker"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
]
