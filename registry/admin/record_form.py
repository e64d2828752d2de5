"""What a pass record's page takes: of each kind its own fields, with the days checked against each other."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.citizens import record_rules, records
from registry.errors import DomainError
from registry.models import PassRecord

Kind = PassRecord.Kind
OF_KIND = {  # the fields that a kind has beyond the common ones
    Kind.VACCINATION: ("day", "vaccine", "dose"),
    Kind.PCR_NEGATIVE: ("result_at",),
    Kind.RECOVERY: ("day",),
    Kind.EXEMPTION: ("day", "immunodeficiency"),
}
EMPTY: dict[str, Any] = {"day": None, "vaccine": None, "dose": None, "result_at": None, "immunodeficiency": False}

ASKED = {  # what a kind that has the field needs
    "day": _("Please enter the day."),
    "vaccine": _("Please choose the vaccine."),
    "dose": _("Please enter which dose it was: 1, 2, 3 …"),
    "result_at": _("Please enter day and time of the result."),
}


class RecordForm(forms.ModelForm):
    """One fact about one person. What its kind does not have is emptied, what it needs is asked for, and marked."""

    class Meta:
        model = PassRecord
        fields = (
            "citizen", "kind", "day", "vaccine", "dose", "result_at", "immunodeficiency", "issuer",
            "certificate_number",
        )  # fmt: skip
        widgets = {"citizen": forms.HiddenInput, "kind": forms.HiddenInput}

    chosen: PassRecord.Kind | None = None  # which kind the page is for, set by the desk

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.chosen and not self.is_bound:
            self.initial["kind"] = self.chosen.value
        if self.instance._state.adding:  # so that the page names the person whose record it will be
            self.instance.citizen_id = self.data.get("citizen") or self.initial.get("citizen")
        for name, text in ASKED.items():
            if name in self.fields:
                self.fields[name].required = self.chosen is not None and name in OF_KIND[self.chosen]
                self.fields[name].error_messages["required"] = text

    def clean_dose(self) -> int | None:
        dose = self.cleaned_data["dose"]
        if dose is not None:
            self._ask("dose", record_rules.check_dose_number, dose)
        return dose

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = cleaned.get("kind")
        if kind not in OF_KIND:
            return cleaned
        for name in EMPTY.keys() - set(OF_KIND[kind]):
            self._put(cleaned, name, EMPTY[name])
            self.errors.pop(name, None)
        if kind == Kind.PCR_NEGATIVE and cleaned.get("result_at"):
            self._put(cleaned, "day", timezone.localtime(cleaned["result_at"]).date())
        self._check_times(kind, cleaned)
        return cleaned

    def _put(self, cleaned: dict[str, Any], name: str, value: Any) -> None:
        """Also into what the page of this kind has no field for."""
        cleaned[name] = value
        setattr(self.instance, name, value)

    def _check_times(self, kind: str, cleaned: dict[str, Any]) -> None:
        day, result_at, now = cleaned.get("day"), cleaned.get("result_at"), timezone.now()
        field = "result_at" if kind == Kind.PCR_NEGATIVE else "day"
        if day and self._ask(field, record_rules.check_day, kind, day, today=timezone.localdate(now)) and result_at:
            self._ask(field, record_rules.check_result, result_at, now=now)

    def _ask(self, field: str, rule: Callable[..., None], *values: Any, **more: Any) -> bool:
        """Whether a rule lets the values pass; what it says otherwise is said at the field."""
        try:
            rule(*values, **more)
        except DomainError as error:
            self.add_error(field, str(error))
            return False
        return True

    def _get_validation_exclusions(self) -> set[str]:
        """A constraint is looked at only where all that its condition names is: this one is about standing records."""
        return super()._get_validation_exclusions() - {"revoked_at"}  # type: ignore[misc]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc] # Django's hook, which the stubs leave out
        if not self.errors:
            day = "result_at" if self.instance.kind == Kind.PCR_NEGATIVE else "day"
            rules = ((day, records.check_born), ("dose", records.check_doses), ("day", records.check_intervals))
            all(self._ask(field, rule, self.instance) for field, rule in rules)
