"""The access log: who looked at or changed what, when, from where and why."""

from django.contrib import admin

from registry.admin.desk import ReadOnlyAdmin
from registry.models import Event


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("at", "tag", "actor", "address", "target", "reason")
    list_select_related = ("actor",)
    list_filter = ("tag",)
    search_fields = ("target__exact", "actor__username__exact")
    ordering = ("-at",)
    sortable_by = ()
    fields = ("at", "tag", "actor", "address", "target", "reason", "detail")
