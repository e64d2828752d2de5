from django.urls import path

from checkins.api import views

urlpatterns = [
    path("scans", views.ScansView.as_view(), name="scans"),
    path("scan", views.ScanView.as_view(), name="scan"),
]
