"""A form that comes back because something in it is wrong takes its reader there, without scripts."""

from typing import Any

from django.forms import BoundField
from django.forms.renderers import TemplatesSetting


class Field(BoundField):
    """A field as it is shown: the first wrong one of its form has the focus, so that its error is heard."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Any = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        wrong = (one.name for one in self.form.visible_fields() if one.errors)
        if "aria-invalid" in attrs and self.name == next(wrong, ""):
            attrs["autofocus"] = True
        return attrs


class Renderer(TemplatesSetting):
    """Django's own, but for the fields."""

    bound_field_class = Field
