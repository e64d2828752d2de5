from django.contrib.admin.apps import AdminConfig


class MunjigiAdminConfig(AdminConfig):
    """django.contrib.admin with our own site in place of the default one."""

    default_site = "config.admin.Site"
