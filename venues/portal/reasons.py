"""Why an owner ends something: asked in the same way wherever it is asked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ReasonField(forms.CharField):
    """A line for the owner's own records; `missing` and `example` say what such a reason is."""

    def __init__(self, *, missing: Any, example: Any) -> None:
        super().__init__(
            label=_("Reason"),
            max_length=200,
            error_messages={"required": missing},
            help_text=example,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
