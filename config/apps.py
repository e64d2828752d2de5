from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConfigConfig(AppConfig):
    """Wiring as an app, for its management commands."""

    name = "config"
    default = True


class MunjigiAdminConfig(admin_apps.AdminConfig):
    """django.contrib.admin with our own site in place of the default one."""

    default = False
    default_site = "config.admin.Site"
