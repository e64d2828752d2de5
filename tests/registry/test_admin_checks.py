"""The desk before there is a database: a fresh one must be migrated by a project that checks itself first."""

from django.contrib import admin
from django.core import checks

from config.admin import Site


def test_it_asks_the_database_nothing_while_the_project_is_checked():
    assert checks.run_checks(tags=["admin"]) == []  # outside `django_db`, pytest-django refuses any query


def test_it_is_the_site_that_asks_for_a_second_factor():
    admin.site.urls  # noqa: B018 -- the lazy default site is made at the first use
    assert isinstance(admin.site._wrapped, Site)
