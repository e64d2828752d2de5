"""A district as people type it, in a form of the desk or of the portal."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from registry import regions

MOST_MEANT = 5  # districts that are named where several fit


class RegionField(forms.CharField):
    """The code of the district that was typed; with `province`, two digits for a whole one. Empty stays empty, and what
    the form began with stays as well, be it a code that is in no list: files and labs bring such."""

    kept = ""

    def __init__(self, *, province: bool = False, **more: Any) -> None:
        self.province = province
        super().__init__(**{"max_length": 60} | more)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        self.kept = form.get_initial_for_field(self, field_name) or ""
        return super().get_bound_field(form, field_name)

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
