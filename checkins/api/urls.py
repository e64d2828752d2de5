from django.urls import path

from checkins.api import own_visits, views, visits

urlpatterns = [
    path("scans", views.ScansView.as_view(), name="scans"),
    path("visits", visits.VisitsView.as_view(), name="visits"),
    path("pass/visits", own_visits.OwnVisitsView.as_view(), name="pass-visits"),
    path("posters/<str:code>", visits.PosterView.as_view(), name="poster"),
    path("scan", views.ScanView.as_view(), name="scan"),
]
