"""Who works at an operator's doors: inviting, joining by the link of the SMS, removing."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods
from phonenumber_field.phonenumber import PhoneNumber

from registry.callers import client_address
from registry.errors import DomainError
from registry.models import User
from registry.models.people import mask_phone
from venues import accounts, staffing
from venues.models import Invitation, Operator, Staff
from venues.portal.phone_check import PhoneForm
from venues.portal.reasons import ReasonField
from venues.portal.sign_in import SignedIn
from venues.portal.sign_up import BACKEND, AccountForm

ROLES = [
    (Staff.Role.DOOR.value, _("Door: sees today’s counts and the scanners")),
    (Staff.Role.MANAGER.value, _("Manager: also pairs scanners, changes the profile, closes and opens")),
]


class InviteForm(PhoneForm):
    role = forms.ChoiceField(
        label=_("What they may do"), choices=ROLES, initial=Staff.Role.DOOR.value, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].help_text = _("We send a link there by SMS; it is good for seven days and for one person.")
        self.fields["phone"].widget.attrs["autocomplete"] = "off"
        self.fields["phone"].error_messages["required"] = _("Enter their mobile number.")


class RemoveForm(forms.Form):
    reason = ReasonField(
        missing=_("Give the reason, for example: left."),
        example=_("For your own records, for example: left."),
    )


def _owned(request: SignedIn, operator_id: int) -> Operator:
    """An operator whose staff this user may change; a stranger, and staff who are no owner, get 404."""
    return get_object_or_404(Operator.objects.owned_by(request.user), pk=operator_id)


def _called(user: User) -> str:
    """A member of staff as the owner knows them: by user name, and the end of the number."""
    account = getattr(user, "account", None)
    return f"{user.username} · {mask_phone(account.phone)}" if account else user.username


@login_required
@never_cache
@require_GET
def members(request: SignedIn, operator_id: int) -> HttpResponse:
    """Who works here, and who was invited."""
    operator = _owned(request, operator_id)
    rows = operator.staff.select_related("user__account").order_by("role", "user__username")
    context = {
        "operator": operator,
        "rows": [(staff, _called(staff.user), staff.user_id == request.user.pk) for staff in rows],
        "invitations": list(operator.invitations.good(timezone.now()).order_by("-created_at")),  # type: ignore[attr-defined]
    }
    return render(request, "owner/staff.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def invite(request: SignedIn, operator_id: int) -> HttpResponse:
    operator = _owned(request, operator_id)
    form = InviteForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            staffing.invite(
                operator, phone=form.cleaned_data["phone"], role=Staff.Role(form.cleaned_data["role"]),
                by=request.user, now=timezone.now(), address=client_address(request),
            )  # fmt: skip
        except DomainError as error:
            form.add_error(None, str(error))
            status = error.status
        else:
            messages.success(request, gettext("The invitation is on its way by SMS."))
            return redirect("owner:staff", operator_id=operator.pk)
    return render(request, "owner/invite.html", {"operator": operator, "form": form}, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def withdraw_invitation(request: SignedIn, operator_id: int, invitation_id: int) -> HttpResponse:
    """POST alone does it. Whoever comes here otherwise, such as after signing in anew, is led to its button."""
    operator = _owned(request, operator_id)
    if request.method != "POST":
        return redirect("owner:staff", operator_id=operator.pk)
    invitation = get_object_or_404(Invitation, operator=operator, pk=invitation_id)
    try:
        staffing.withdraw(invitation, by=request.user, now=timezone.now(), address=client_address(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("The invitation was withdrawn; its link no longer works."))
    return redirect("owner:staff", operator_id=operator.pk)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def remove(request: SignedIn, operator_id: int, staff_id: int) -> HttpResponse:
    """Ask for the reason, then end their part."""
    operator = _owned(request, operator_id)
    staff = get_object_or_404(operator.staff.select_related("user__account"), pk=staff_id)
    form = RemoveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            staffing.remove(staff, by=request.user, reason=form.cleaned_data["reason"], address=client_address(request))
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, gettext("“{name}” was removed.").format(name=staff.user.username))
            return redirect("owner:staff", operator_id=operator.pk)
    context = {"operator": operator, "staff": staff, "called": _called(staff.user), "form": form}
    return render(request, "owner/remove_staff.html", context)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Where the SMS leads: with the account one has, or with a new one for the number that the link was sent to."""
    now = timezone.now()
    try:
        invitation = staffing.invitation_of(token, now=now)
    except DomainError as error:
        return render(request, "owner/invitation_over.html", {"error": error}, status=error.status)
    phone = PhoneNumber.from_string(invitation.phone)
    context = {"invitation": invitation, "known": accounts.of_number(phone) is not None}
    posted = request.method == "POST"
    if request.user.is_authenticated:
        return _join_as(request, invitation, context) if posted else render(request, "owner/join.html", context)
    form = AccountForm(request.POST if posted and not context["known"] else None)
    status = 200
    if posted and not context["known"] and form.is_valid():
        try:
            _join_new(request, invitation, phone, form)
        except DomainError as error:
            form.add_error("username" if isinstance(error, accounts.NameTaken) else None, str(error))
            status = error.status
        else:
            return redirect("owner:home")
    return render(request, "owner/join.html", context | {"form": form}, status=status)


def _join_as(request: HttpRequest, invitation: Invitation, context: dict[str, Any]) -> HttpResponse:
    """With the account that is signed in."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 -- the caller asked whether somebody is signed in
    try:
        staffing.join(invitation, user=user, now=timezone.now(), address=client_address(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("You now work for {name}.").format(name=invitation.operator.name))
    return redirect("owner:home")


def _join_new(request: HttpRequest, invitation: Invitation, phone: PhoneNumber, form: AccountForm) -> None:
    """With a new account; both or neither."""
    values, now, address = form.cleaned_data, timezone.now(), client_address(request)
    with transaction.atomic():
        user = accounts.sign_up(
            phone=phone, name=values["name"], username=values["username"], password=values["password"],
            now=now, address=address,
        )  # fmt: skip
        staffing.join(invitation, user=user, now=now, address=address)
    login(request, user, backend=BACKEND)
