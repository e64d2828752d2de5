"""Those who sign in: their roles, region, second factor and locks. Nobody changes their own account, and what gives
power needs a second person (registry/clerks/accounts.py)."""

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminTextareaWidget,
)

from registry import audit, regions
from registry.admin.desk import ConfirmForm, DeskAdmin, ReasonForm, clerk, evidence, once, posted
from registry.admin.regions import RegionField
from registry.clerks import accounts, lockout, ways_in
from registry.errors import DomainError
from registry.models import Role, Tag, User

# Secrets of second factors, and tables that only confuse, have no page: roles stand in registry/clerks/roles.py.
for model in (StaticDevice, TOTPDevice, AccessAttempt, AccessFailureLog, AccessLog, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class RolesForm(forms.Form):
    """What somebody may do and where; both are decided by a second person. A clerk of a region gives roles there."""

    by: User

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Give no more than needed."),
    )
    region = RegionField(
        province=True, required=False, help_text=_("A district or a province, by name. Empty: the whole country.")
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=_("The second person reads it, and it is kept in the access log."),
    )

    def clean_region(self) -> str:
        region: str = self.cleaned_data["region"]
        if not self.by.covers(region):
            words = _("You may give roles within {region} only.")
            raise forms.ValidationError(words.format(region=regions.called(self.by.region)))
        return region


class AddressForm(ReasonForm):
    email = forms.EmailField(
        label=_("New mail address"),
        max_length=254,
        widget=UnfoldAdminEmailInputWidget({"autofocus": True, "autocomplete": "off"}),
        help_text=_("Their address at work. Ask them in person or by telephone, not by mail."),
    )
    field_order = ("email", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["reason"].widget.attrs["autofocus"]


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("In use")), ("locked", _("Locked after wrong tries")), ("closed", _("Closed"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        narrowed = {"open": {"is_active": True}, "closed": {"is_active": False}, "locked": {"is_locked": True}}
        return queryset.filter(**narrowed.get(self.value() or "", {}))


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Role.choices, ("owner", _("Venue portal"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "owner":
            return queryset.filter(is_staff=False)
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


ASKED = _("A second person has been asked. It is done once they grant it under “Approvals”.")


@admin.register(User)
class UserAdmin(DeskAdmin):
    """Accounts come by invitation (clerks) or from the venue portal (owners), and are closed, never deleted."""

    list_display = ("username", "full_name", "shown_roles", "shown_region", "last_login", "state")
    list_filter = (StateFilter, RoleFilter)
    search_fields = ("username__startswith", "last_name__startswith", "email__startswith")
    search_help_text = _("Beginning of the user name, the family name or the mail address")
    ordering = ("username",)
    sortable_by = ()
    actions_detail = (
        *("change_roles", "close_account", "open_account"),
        {
            "title": _("Signing in"),
            "icon": "key",
            "items": ["change_address", "send_password_link", "reset_second_factor", "unlock"],
        },
    )
    readonly_fields = (
        *("username", "shown_roles", "shown_region", "standing", "last_login", "date_joined"),
        "changes",
    )
    fieldsets = (
        (None, {"fields": ("username", ("last_name", "first_name"), "email")}),
        (_("What they may do"), {"fields": ("shown_roles", "shown_region", "standing")}),
        (_("Dates"), {"fields": (("last_login", "date_joined"), "changes")}),
    )

    @display(description=_("name"))
    def full_name(self, user: User) -> str:
        return f"{user.last_name}{user.first_name}" or "–"

    @display(description=_("roles"))
    def shown_roles(self, user: User) -> str:
        if not user.is_staff:
            return str(_("Venue portal"))
        names = {group.name for group in user.groups.all()}
        chief = [str(_("Superuser"))] if user.is_superuser else []
        return ", ".join(chief + [str(role.label) for role in Role if role.value in names]) or "–"

    @display(description=_("region"))
    def shown_region(self, user: User) -> str:
        return regions.called(user.region) or str(_("the whole country")) if user.is_staff else "–"

    @display(description=_("state"), label={"open": "success", "locked": "warning", "closed": "danger"})
    def state(self, user: User) -> tuple[str, Any]:
        if not user.is_active:
            return "closed", _("Closed")
        locked = getattr(user, "is_locked", False)
        return ("locked", _("Locked after wrong tries")) if locked else ("open", _("In use"))

    @display(description=_("state"))
    def standing(self, user: User) -> str:
        """The same on the page of one, where there are no labels."""
        return str(self.state(user)[1])

    @display(description=_("ways in"))
    @once
    def changes(self, user: User) -> str:
        return ways_in.changes_in_words(user)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Without Django's words on how a user name is typed: it is only read here."""
        return super().get_form(request, obj, change, **kwargs | {"help_texts": {"username": ""}})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A clerk's mail address is a way into the account: see `change_address`."""
        return (*self.readonly_fields, "email") if obj and obj.is_staff else self.readonly_fields

    def get_queryset(self, request: HttpRequest) -> Any:
        """A clerk of a region sees the clerks of that region."""
        users = super().get_queryset(request).prefetch_related("groups")
        users = users.annotate(is_locked=lockout.is_locked(timezone.now()))
        if not super().has_view_permission(request):
            return users.filter(is_staff=False)
        return users.filter(region__startswith=clerk(request).region)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # clerks are invited, owners sign up

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who appoints an operator's staff finds the accounts of owners there, clerks' nowhere."""
        appointing = request.path == reverse("admin:autocomplete") and request.user.has_perm("venues.add_staff")
        return appointing or super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody touches their own account, and only a superuser a superuser's."""
        allowed = super().has_change_permission(request, obj)
        if not allowed or obj is None:
            return allowed
        try:
            accounts.check_may_change(obj, clerk(request))
        except DomainError:
            return False
        return True

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            audit.record(Tag.CLERK_CHANGED, target=obj, fields=sorted(form.changed_data), **evidence(request))

    def has_act_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self.has_change_permission(request, self.get_object(request, object_id))

    def offers(self, deed: str, row: User) -> bool:
        when = {
            "change_roles": row.is_staff and row.is_active,
            "close_account": row.is_active,
            "open_account": not row.is_active,
            "change_address": row.is_staff and row.is_active,
            "send_password_link": row.is_staff and row.is_active,
            "reset_second_factor": row.is_active,
            "unlock": getattr(row, "is_locked", False),
        }
        return bool(when.get(deed, True))

    @action(description=_("Change roles"), icon="badge", permissions=["act"])
    def change_roles(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.fetch(request, object_id)
        if not user.is_staff:
            raise PermissionDenied  # an owner of the portal; clerks are invited
        form = RolesForm(posted(request), initial={"roles": sorted(user.roles), "region": user.region})
        form.by = clerk(request)
        return self.ask(
            request,
            user,
            form,
            title=_("Change roles"),
            text=_("A second person must grant it. Until then the roles stay as they are."),
            button=_("Ask the second person"),
            do=lambda values: _asked(
                accounts.ask_for_roles(
                    user, values["roles"], values["region"], reason=values["reason"], now=timezone.now(),
                    **evidence(request),
                )
            ),
            done=ASKED,
        )  # fmt: skip

    @action(description=_("Change the mail address"), icon="alternate_email", permissions=["act"])
    def change_address(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.fetch(request, object_id)
        if not user.is_staff:
            raise PermissionDenied  # an owner of the portal: no way in leads through the address
        words = _(
            "Links for {user} go there once a second person has granted it; the address of now ({email}) is told."
        )
        if not user.email:
            words = _("{user} has no mail address yet. Links go to this one once a second person has granted it.")
        return self.ask(
            request,
            user,
            AddressForm(posted(request)),
            title=_("Change the mail address"),
            text=words.format(user=user.username, email=user.email),
            button=_("Ask the second person"),
            do=lambda values: _asked(
                ways_in.ask_for_address(
                    user, values["email"], reason=values["reason"], now=timezone.now(), **evidence(request)
                )
            ),
            done=ASKED,
        )

    @action(description=_("Mail a link for a new password"), icon="mail", permissions=["act"])
    def send_password_link(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Where no link can be mailed that is told at once, and an address asked for where there is none."""
        user = self.fetch(request, object_id)
        try:
            ways_in.check_reachable(user)
        except DomainError as error:
            messages.error(request, str(error))
            deed = "change_address" if isinstance(error, ways_in.NoAddress) else "change"
            return HttpResponseRedirect(reverse(f"admin:registry_user_{deed}", args=[user.pk]))
        return self.ask(
            request,
            user,
            ReasonForm(posted(request)),
            title=_("Mail a link for a new password"),
            text=_(
                "Once a second person has granted it, a link goes to {email}. It is good once and for a day; "
                "nobody but its reader learns the password."
            ).format(email=user.email),
            button=_("Ask the second person"),
            do=lambda values: _asked(
                ways_in.ask_for_password_link(user, reason=values["reason"], now=timezone.now(), **evidence(request))
            ),
            done=ASKED,
        )

    @action(description=_("Close the account"), icon="person_off", permissions=["act"])
    def close_account(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.fetch(request, object_id)
        return self.ask(
            request,
            user,
            ReasonForm(posted(request)),
            title=_("Close the account"),
            text=_("All sessions end at once, and nobody can sign in with it. What was done with it stays on record."),
            button=_("Close"),
            do=lambda values: accounts.close(user, reason=values["reason"], **evidence(request)),  # type: ignore[func-returns-value]
            done=_("The account is closed."),
        )

    @action(description=_("Open the account again"), icon="person_check", permissions=["act"])
    def open_account(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.fetch(request, object_id)
        return self.ask(
            request,
            user,
            ReasonForm(posted(request)),
            title=_("Open the account again"),
            text=_("It comes back with the roles it had: {roles}. A second person must grant it.").format(
                roles=accounts.role_names(sorted(user.roles))
            ),
            button=_("Ask the second person"),
            do=lambda values: _asked(
                accounts.ask_to_open(user, reason=values["reason"], now=timezone.now(), **evidence(request))
            ),
            done=ASKED,
        )

    @action(description=_("Reset second factor"), icon="lock_reset", permissions=["act"])
    def reset_second_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.fetch(request, object_id)
        return self.ask(
            request,
            user,
            ReasonForm(posted(request)),
            title=_("Reset the second factor"),
            text=_(
                "Once a second person has granted it, the app and the backup codes no longer work. At the next sign-in "
                "{user} sets up a new one. Where the phone is lost, close the account until then."
            ).format(user=user.username),
            button=_("Ask the second person"),
            do=lambda values: _asked(
                ways_in.ask_to_reset(user, reason=values["reason"], now=timezone.now(), **evidence(request))
            ),
            done=ASKED,
        )

    @action(description=_("Lift sign-in lock"), icon="lock_open", permissions=["act"])
    def unlock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.fetch(request, object_id)
        return self.ask(
            request,
            user,
            ConfirmForm(posted(request)),
            title=_("Lift the sign-in lock"),
            text=_("Wrong tries for {user} are forgotten, so that they can try again at once.").format(
                user=user.username
            ),
            button=_("Lift"),
            do=lambda values: accounts.lift_lock(user, **evidence(request)),  # type: ignore[func-returns-value]
            done=_("The lock is lifted."),
        )


def _asked(_approval: Any) -> None:
    """The approval has a page of its own, for whoever decides."""
