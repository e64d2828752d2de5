"""Regions as clerks type them: by name, or by the first 5 digits of the 법정동 code (2 for the province)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from registry import region_field, regions
from registry.models import User


class RegionInput(UnfoldAdminTextInputWidget):
    """Shows a code by its name, and lets the browser offer the names that fit what is typed."""

    template_name = "admin/components/region.html"

    def format_value(self, value: Any) -> str | None:
        return regions.called(value) if value else None

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"] |= {"list": f"{name}-names", "autocomplete": "off"}
        return context | {"names": f"{name}-names", "regions": regions.everywhere()}


class RegionField(region_field.RegionField):
    """With names to choose from, and shown by its name."""

    widget = RegionInput
    told = gettext_lazy("Type the name, such as 강남구, and choose. A legal district code does as well.")

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"label": gettext_lazy("Region"), "help_text": self.told} | more)

    def in_words(self, code: str) -> str:
        return regions.called(code)


def check_region(region: str, user: User, *, required: bool) -> str:
    """The region, if the clerk may write it. Raises ValidationError."""
    if not region and (required or user.region):
        raise ValidationError(_("Please enter the region."))
    if not region.startswith(user.region):
        name = regions.called(user.region)
        raise ValidationError(_("You may enter people and venues of this region only: {name}.").format(name=name))
    return region
