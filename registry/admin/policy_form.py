"""The rules of a policy version as a form: one row for each kind of record, none of it typed as JSON."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from registry import vault
from registry.admin.desk import DayInput
from registry.admin.meanwhile import Meanwhile
from registry.models import PolicyVersion
from registry.policymaking import checks
from registry.validity import MOST_DAYS, Basis, Rules, Tier

TIERS = 3
NOTICES = ("citizen_notice_ko", "citizen_notice_en", "venue_notice_ko", "venue_notice_en")
COUNTS = {
    "primary_counts": Basis.PRIMARY,
    "pcr_counts": Basis.PCR_NEGATIVE,
    "recovery_counts": Basis.RECOVERY,
    "exemption_counts": Basis.EXEMPTION,
}
PARTS = {  # of the form, by what the names of their fields begin with
    "primary_": _("Primary course"), "tier": _("Doses after the primary course"), "pcr_": _("Negative PCR test"),
    "recovery_": _("Recovery"), "exemption_": _("Medical exemption"), "immunodeficiency_": _("Medical exemption"),
}  # fmt: skip
DAYS = _("Days after it. From day 0: at once. Without a last day: no end.")


def _counts() -> forms.BooleanField:
    return forms.BooleanField(label=_("counts"), required=False, widget=UnfoldBooleanSwitchWidget)


def _from(**more: Any) -> forms.IntegerField:
    return _number(label=_("from day"), **more)


def _until(**more: Any) -> forms.IntegerField:
    return _number(**{"label": _("through day, 24:00")} | more, required=False)


def _number(*, least: int = 0, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(min_value=least, max_value=MOST_DAYS, widget=UnfoldAdminIntegerFieldWidget, **more)


def _tier_fields() -> dict[str, forms.Field]:
    """A row for doses after the primary course: which ones, and from and until when they count."""
    found: dict[str, forms.Field] = {}
    for n in range(1, TIERS + 1):
        found[f"tier{n}_first"] = _number(label=_("from dose"), least=1, required=False)
        found[f"tier{n}_last"] = _number(label=_("through dose"), least=1, required=False)
        found[f"tier{n}_from"] = _from(required=False)
        found[f"tier{n}_until"] = _until()
    return found


class RulesForm(Meanwhile):
    """Fields for `PolicyVersion.rules`, filled from it and written to it."""

    primary_counts, pcr_counts, recovery_counts, exemption_counts = _counts(), _counts(), _counts(), _counts()
    primary_from, primary_until = _from(), _until()
    locals().update(_tier_fields())
    pcr_hours = _number(label=_("hours after the result"))
    pcr_end_of_day = forms.BooleanField(
        label=_("to the end of the day"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    recovery_from, recovery_until = _from(), _until()
    exemption_from, exemption_until = _from(), _until()
    immunodeficiency_until = _until(label=_("immunodeficiency: through day, 24:00"))
    exempt_born_from = forms.DateField(
        label=_("born on or after"),
        required=False,
        widget=DayInput,
        help_text=_("Who is born on this day or later needs no record. Empty: nobody is exempt by age."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = self.initial.get("rules") or self.instance.rules
        if given:
            self.initial = values_of(Rules.from_json(given)) | dict(self.initial)

    def unfolded(self, row: Any) -> dict[str, Any]:
        return dict.fromkeys(RulesForm.base_fields) | values_of(Rules.from_json(row.rules)) if row.rules else {}

    def called(self, name: str) -> str:
        label = super().called(name)
        part = next((part for prefix, part in PARTS.items() if name.startswith(prefix)), None)
        return label if part is None else f"{part}: {label}"

    def rules(self) -> Rules | None:
        """The rules as filled in; None where a field lacks a value."""
        values = self.cleaned_data
        for n in self._used():
            if values.get(f"tier{n}_from") is None and f"tier{n}_from" not in self.errors:
                self.add_error(f"tier{n}_from", _("Enter a day; 0: at once."))
        plain = (
            "primary_from", "primary_until", "pcr_hours", "pcr_end_of_day", "recovery_from", "recovery_until",
            "exemption_from", "exemption_until", "immunodeficiency_until", "exempt_born_from",
        )  # fmt: skip
        if self.errors:
            return None
        tiers = [[values[f"tier{n}_{part}"] for part in ("first", "last", "from", "until")] for n in self._used()]
        ignored = frozenset(basis for field, basis in COUNTS.items() if not values[field])
        return Rules(
            **{name: values[name] for name in plain}, boosters=tuple(Tier(*tier) for tier in tiers), ignored=ignored
        )

    def _used(self) -> list[int]:
        """The numbers of the rows for doses that hold one."""
        return [n for n in range(1, TIERS + 1) if self.cleaned_data.get(f"tier{n}_first")]

    def say(self, problems: Iterable[checks.Problem]) -> None:
        """Each problem beside its field. Rows for doses are counted without those not used."""
        for problem in problems:
            field = problem.field
            if field.startswith("tier"):
                number, _sep, part = field.removeprefix("tier").partition("_")
                field = f"tier{self._used()[int(number) - 1]}_{part}"
            self.add_error(field or None, problem.message)


class PolicyForm(RulesForm):
    """A draft. `of_revision` is what the page was made from: of two who write at once the second is told, also where
    the first changed the rows of the categories, which are no fields of this form."""

    of_revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = PolicyVersion
        fields = (
            "title", "effective_on", "floor_from", "reverify_days", "due_earliest", "due_latest", "grace_days",
            "renewal_opens_days", "outage_extension_days", *NOTICES,
        )  # fmt: skip
        widgets = dict.fromkeys(NOTICES, UnfoldAdminTextareaWidget({"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["of_revision"] = self.instance.revision

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.instance.pk and values.get("of_revision") not in (None, self.instance.revision):
            self._tell_that_it_changed()
        for who in ("citizen", "venue"):
            languages = [f"{who}_notice_{language}" for language in ("ko", "en")]
            if any(values.get(name) for name in languages):
                for name in languages:
                    if not values.get(name):
                        self.add_error(name, _("Enter the text in both languages, or in none."))
        found = self.rules()
        if found is not None:
            self.instance.rules = found.as_json()
            self.say(checks.of_rules(found))
        if "effective_on" in values:
            self.say(self._problems_of_days(values["effective_on"], values.get("floor_from")))
        return values

    def _tell_that_it_changed(self) -> None:
        """Nothing is saved, and what was typed stays; sent again it is."""
        data = cast(QueryDict, self.data).copy()
        data[self.add_prefix("of_revision")] = str(self.instance.revision)
        self.data = data
        words = _(
            "Somebody else has changed this draft since you opened it. Nothing of yours is saved yet. What is another "
            "now is told here, and in the rows of the venues that ask for a pass: look at it, and save again."
        )
        self.add_error(None, words)

    def _problems_of_days(self, effective_on: date, floor: date | None) -> list[checks.Problem]:
        asked = PolicyVersion(number=self.instance.number, effective_on=effective_on, floor_from=floor)
        today = vault.today(timezone.now())
        return checks.of_days(asked, PolicyVersion.objects.published(), today=today)


def values_of(rules: Rules) -> dict[str, Any]:
    """The form's fields as the rules have them."""
    names = set(RulesForm.base_fields) & set(Rules.__dataclass_fields__)
    values = {name: getattr(rules, name) for name in names}
    values |= {field: basis not in rules.ignored for field, basis in COUNTS.items()}
    for n, tier in enumerate(rules.boosters, 1):
        parts = {"first": tier.first, "last": tier.last, "from": tier.since, "until": tier.until}
        values |= {f"tier{n}_{part}": value for part, value in parts.items()}
    return values


def fieldsets() -> tuple[tuple[Any, dict[str, Any]], ...]:
    """The fields of a draft, a group for each kind."""
    tiers = tuple(tuple(f"tier{n}_{part}" for part in ("first", "last", "from", "until")) for n in range(1, TIERS + 1))
    return (
        (None, {"fields": ("title", ("effective_on", "floor_from"), "of_revision")}),
        (PARTS["primary_"], {"fields": (("primary_counts", "primary_from", "primary_until"),), "description": DAYS}),
        (
            PARTS["tier"],
            {
                "fields": tiers,
                "description": _(
                    "Dose 1 is the first after the primary course; without a last dose a row is for all further ones. "
                    "Days are those after the dose, 0: at once; without a last day: no end. Without a row none counts."
                ),
            },
        ),
        (
            PARTS["pcr_"],
            {
                "fields": (("pcr_counts", "pcr_hours", "pcr_end_of_day"),),
                "description": _(
                    "To the end of the day on which the hours fall, or else of the last day that they fill."
                ),
            },
        ),
        (
            PARTS["recovery_"],
            {"fields": (("recovery_counts", "recovery_from", "recovery_until"),), "description": DAYS},
        ),
        (
            PARTS["exemption_"],
            {
                "fields": (("exemption_counts", "exemption_from", "exemption_until", "immunodeficiency_until"),),
                "description": DAYS,
            },
        ),
        (_("Exemption by age"), {"fields": ("exempt_born_from",)}),
        (_("Phone check"), PHONE_CHECK),
        (
            _("Notice for citizens"),
            {
                "fields": (("citizen_notice_ko", "citizen_notice_en"),),
                "description": _("Shown on everybody’s own page from publishing until the day it comes into force."),
            },
        ),
        (
            _("Notice for venues"),
            {
                "fields": (("venue_notice_ko", "venue_notice_en"),),
                "description": _("Shown in the portal beside what changes for each venue, until that day."),
            },
        ),
    )


PHONE_CHECK = {
    "fields": (
        ("reverify_days", "due_earliest", "due_latest"),
        ("grace_days", "renewal_opens_days", "outage_extension_days"),
    )
}
