"""A form that comes back because something in it is wrong takes its reader there, without scripts."""

from typing import Any

from django.forms import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.functional import cached_property


class Field(BoundField):
    """A field as it is shown: the first wrong one of its form has the focus, and it alone, so that its error is heard.
    A form with `told_above` has it where its page tells of all errors in one place (owner/problems.html)."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Any = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        wrong = next((one.name for one in self.form.visible_fields() if one.errors), None)
        if wrong:
            attrs["autofocus"] = self.name == wrong and not getattr(self.form, "told_above", False)
        return attrs

    @cached_property
    def subwidgets(self) -> Any:
        """Shown one by one, the first has the focus."""
        parts = super().subwidgets
        for part in parts[1:]:
            part.data["attrs"].pop("autofocus", None)
        return parts


class Renderer(TemplatesSetting):
    """Django's own, but for the fields, and for the focus of several inputs of one field: the first has it."""

    bound_field_class = Field

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        widget = context.get("widget", {})
        options = (option for _name, group, _index in widget.get("optgroups", ()) for option in group)
        for part in [*widget.get("subwidgets", ()), *options][1:]:
            part["attrs"].pop("autofocus", None)
        return super().render(template_name, context, request)
