"""Applying for a venue, and following what becomes of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from stdnum.kr import brn

from registry import region_field, regions
from registry.callers import client_address
from registry.errors import DomainError
from venues import onboarding
from venues.models import Application, Category, Operator, Remark, validate_business_number
from venues.portal.proofs import ProofForm
from venues.portal.sign_in import SignedIn

BUSINESS, OTHER = "business", "other"


class RegionField(region_field.RegionField):
    """With the names that the page's list offers."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            label=_("District"),
            error_messages={"required": _("Enter the district, for example 강남구 or Gangnam-gu.")},
            help_text=_("Type a part of the name, for example 강남, and choose."),
            widget=forms.TextInput(attrs={"list": "regions", "autocomplete": "off"}),
            **more,
        )


class VenueNameField(forms.CharField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Name of the venue"),
            max_length=80,
            error_messages={"required": _("Enter the name as guests know it.")},
            help_text=_("As guests know it; it is shown on the scanner."),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )


class VenueFields(forms.Form):
    """What a venue is, as applications and its profile both ask."""

    address = forms.CharField(
        label=_("Address"),
        max_length=160,
        error_messages={"required": _("Enter the address of the venue.")},
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    capacity = forms.IntegerField(
        label=_("Capacity (optional)"),
        required=False,
        min_value=1,
        max_value=200_000,
        error_messages={
            "invalid": _("Enter a number, or leave it empty."),
            "min_value": _("At least 1, or empty."),
            "max_value": _("At most 200,000."),
        },
        help_text=_("How many people may be inside at a time."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class CategoryField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Category.objects.all(),
            label=_("Category"),
            empty_label=_("Please choose"),
            error_messages={"required": _("Choose what kind of venue it is.")},
            help_text=_("It decides what is asked at the door."),
            **kwargs,
        )


class ApplicationForm(ProofForm, VenueFields):
    told_above = True

    operator = forms.ModelChoiceField(
        Operator.objects.none(),
        label=_("Who runs the venue"),
        required=False,
        empty_label=_("Another business or body"),
    )
    operator_name = forms.CharField(
        label=_("Name of the business or body"),
        max_length=80,
        required=False,
        help_text=_("As it stands on the registration."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    by = forms.ChoiceField(
        label=_("What shows that it exists"),
        choices=[(BUSINESS, _("A business registration")), (OTHER, _("We have no business number (church, club, …)"))],
        initial=BUSINESS,
        widget=forms.RadioSelect,
    )
    business_number = forms.CharField(
        label=_("Business registration number"),
        max_length=20,
        required=False,
        help_text=_("Ten digits, for example 123-45-67890."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "data-business-number": ""}),
    )
    proof = forms.CharField(
        label=_("What document you send instead"),
        max_length=120,
        required=False,
        help_text=_("For example: certificate of the church, statutes of the club, 고유번호증."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    venue_name = VenueNameField()
    category = CategoryField()
    region = RegionField()
    field_order = ("venue_name", "category", "region", "address", "capacity", "operator", "operator_name", "by",
                   "business_number", "proof", "proof_file", "kept")  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["operator"]
        field.queryset = Operator.objects.owned_by(self.user).order_by("name")  # type: ignore[attr-defined]
        self.has_operators = field.queryset.exists()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("operator") or "operator" in self.errors:
            return values
        if not values.get("operator_name"):
            self.add_error("operator_name", _("Enter the name of the business or body."))
        if values.get("by") == OTHER:
            values["business_number"] = ""
            if not values.get("proof"):
                self.add_error("proof", _("Say what document you send."))
        else:
            values["proof"] = ""
            self._clean_number(values)
        return values

    def _clean_number(self, values: dict[str, Any]) -> None:
        number = values.get("business_number", "")
        if not number:
            self.add_error("business_number", _("Enter the ten digits of the business registration number."))
            return
        try:
            validate_business_number(number)
        except ValidationError:
            self.add_error(
                "business_number", _("A digit is wrong: this cannot be a business registration number. Compare it.")
            )
        else:
            values["business_number"] = brn.compact(number)

    def wanted(self) -> onboarding.Wanted:
        values = self.cleaned_data
        names = ("operator", "operator_name", "business_number", "proof", "venue_name", "category", "region", "address")
        return onboarding.Wanted(**{name: values[name] for name in names}, capacity=values["capacity"])


class AnswerForm(ProofForm):
    document_needed = False
    text = forms.CharField(
        label=_("Your answer"),
        max_length=2000,
        error_messages={"required": _("Write an answer to the question.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    field_order = ("text", "proof_file")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def apply(request: SignedIn) -> HttpResponse:
    """The form of a new venue; on to the page of the application."""
    posted = request.method == "POST"
    form = ApplicationForm(*((request.POST, request.FILES) if posted else ()), user=request.user)
    status = 200
    if posted and form.is_valid():
        try:
            application = onboarding.apply(
                form.wanted(), form.proofs, by=request.user, now=timezone.now(), address=client_address(request)
            )
        except DomainError as error:
            form.add_error(None, str(error))
            status = error.status
        else:
            messages.success(request, gettext("Your application was sent."))
            return redirect("owner:application", application_id=application.pk)
    context = {"form": form, "regions": regions.everywhere(), "number_texts": NUMBER_TEXTS}
    return render(request, "owner/apply.html", context, status=status)


NUMBER_TEXTS = {
    "right": _("The digits fit together."),
    "wrong": _("A digit is wrong: compare the number with the registration."),
}


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def show(request: SignedIn, application_id: int) -> HttpResponse:
    """What was sent, where it stands, what happens next; and the answer to a question. A stranger gets 404."""
    found = Application.objects.of(request.user).select_related("category", "venue__category", "operator")
    application = get_object_or_404(found, pk=application_id)
    posted = request.method == "POST"
    form = AnswerForm(*((request.POST, request.FILES) if posted else ()), user=request.user)
    status = 200
    if posted and form.is_valid():
        try:
            onboarding.answer(
                application, form.cleaned_data["text"], form.proofs,
                by=request.user, now=timezone.now(), address=client_address(request),
            )  # fmt: skip
        except DomainError as error:
            form.add_error(None, str(error))
            status = error.status
        else:
            messages.success(request, gettext("Your answer was sent."))
            return redirect("owner:application", application_id=application.pk)
    context = {
        "application": application,
        "region": regions.called(application.region),
        "remarks": list(application.remarks.all()),
        "documents": list(application.documents.order_by("at")),
        "form": form,
        "question": _question(application),
    }
    return render(request, "owner/application.html", context, status=status)


def _question(application: Application) -> Remark | None:
    """The question that waits for an answer."""
    if application.status != Application.Status.ASKED:
        return None
    return application.remarks.filter(kind=Remark.Kind.QUESTION).last()


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedIn, application_id: int) -> HttpResponse:
    """Ask once more, then take it back."""
    application = get_object_or_404(Application.objects.of(request.user).open(), pk=application_id)
    if request.method != "POST":
        return render(request, "owner/withdraw.html", {"application": application})
    try:
        onboarding.withdraw(application, by=request.user, now=timezone.now(), address=client_address(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("Your application was withdrawn."))
    return redirect("owner:application", application_id=application.pk)
