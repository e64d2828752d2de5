"""Regions as clerks type them: by name, or by the first 5 digits of the 법정동 code (2 for the province)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from registry import regions
from registry.models import User

MOST_MEANT = 5  # districts that are named where several fit


class RegionInput(UnfoldAdminTextInputWidget):
    """Shows a code by its name, and lets the browser offer the names that fit what is typed."""

    template_name = "admin/components/region.html"

    def format_value(self, value: Any) -> str | None:
        return regions.called(value) if value else None

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"] |= {"list": f"{name}-names", "autocomplete": "off"}
        return context | {"names": f"{name}-names", "regions": regions.everywhere()}


class RegionField(forms.CharField):
    """The code of the district that was typed; with `province`, two digits for a whole one. Empty stays empty."""

    widget = RegionInput
    kept = ""  # what is on record, be it a code that is in no list: files and labs bring such
    told = gettext_lazy("Type the name, such as 강남구, and choose. A legal district code does as well.")

    def __init__(self, *, province: bool = False, **more: Any) -> None:
        self.province = province
        given: dict[str, Any] = {"label": gettext_lazy("Region"), "max_length": 60, "help_text": self.told}
        super().__init__(**given | more)

    def in_words(self, code: str) -> str:
        return regions.called(code)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if not text or text == self.kept:
            return text
        if self.province and (whole := regions.province(text)):
            return whole
        found = regions.find(text)
        if not found:
            raise ValidationError(_("We know no district of this name. Check the spelling, for example 강남구."))
        if len(found) > 1:
            named = " · ".join(str(region) for region in found[:MOST_MEANT]) + (" …" if found[MOST_MEANT:] else "")
            raise ValidationError(
                _("Several districts fit. Enter one of them in full: %(named)s"), params={"named": named}
            )
        return found[0].code


def check_region(region: str, user: User, *, required: bool) -> str:
    """The region, if the clerk may write it. Raises ValidationError."""
    if not region and (required or user.region):
        raise ValidationError(_("Please enter the region."))
    if not region.startswith(user.region):
        name = regions.called(user.region)
        raise ValidationError(_("You may enter people and venues of this region only: {name}.").format(name=name))
    return region
