"""Addresses of the waiting room's pages; included at the root. `/waiting/place` is answered by the middleware."""

from django.urls import path

from gate import views

urlpatterns = [
    path("waiting/", views.waiting, name="waiting"),
    path("status/", views.status, name="status"),
]
