"""What a clerk keeps at the desk for the next time."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models.people import User


class SavedFilter(models.Model):
    """A list as a clerk wants to find it again: its filters and order, under a name of the clerk's own. What was
    searched for is left out: it may be somebody's name or number."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_filters", verbose_name=_("user"))
    desk = models.CharField(_("list"), max_length=60)  # "app.model"
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(_("filter"), max_length=1000)  # as it stands in the address

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "desk", "name"], name="one_saved_filter_of_a_name")]

    def __str__(self) -> str:
        return self.name
