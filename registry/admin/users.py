"""Those who sign in: roles, region, and the second factor given anew. Nobody changes their own."""

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from axes.utils import reset as lift_lock
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from registry import audit
from registry.admin.desk import ConfirmForm, DeskAdmin, ReasonForm, clerk, evidence
from registry.clerks import second_factor
from registry.models import Role, Tag, User

# Secrets of second factors, and tables that only confuse, have no page: roles stand in registry/clerks/roles.py.
for model in (StaticDevice, TOTPDevice, AccessAttempt, AccessFailureLog, AccessLog, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class RoleField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, group: Any) -> str:
        return str(Role(group.name).label)


def roles_field() -> RoleField:
    return RoleField(
        Group.objects.filter(name__in=Role.values).order_by("pk"),
        label=_("Roles"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Give no more than needed."),
    )


class UserForm(UserChangeForm):
    groups = roles_field()

    def clean_region(self) -> str:
        region = self.cleaned_data["region"]
        if region and not (region.isdigit() and len(region) in (2, 5)):
            raise forms.ValidationError(_("A region is 5 digits, or 2 for a province. Empty: the whole country."))
        return region


@admin.register(User)
class UserAdmin(DjangoUserAdmin, DeskAdmin):
    form = UserForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "is_staff", "shown_roles", "region", "last_login", "is_active")
    list_filter = ("is_staff", "is_active", "groups")
    filter_horizontal = ()
    ordering = ("username",)
    sortable_by = ()
    actions_detail = ("reset_second_factor", "unlock")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": (("last_name", "first_name"), "email")}),
        (_("What they may do"), {"fields": (("is_active", "is_staff"), "groups", "region")}),
        (_("Dates"), {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2")}),)

    @display(description=_("name"))
    def full_name(self, user: User) -> str:
        return f"{user.last_name}{user.first_name}"

    @display(description=_("roles"))
    def shown_roles(self, user: User) -> str:
        names = {group.name for group in user.groups.all()}
        return ", ".join(str(role.label) for role in Role if role.value in names)

    def get_queryset(self, request: HttpRequest) -> Any:
        users = super().get_queryset(request).prefetch_related("groups")
        return users if super().has_view_permission(request) else users.filter(is_staff=False)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who appoints an operator's staff finds the accounts of owners there, clerks' nowhere."""
        appointing = request.path == reverse("admin:autocomplete") and request.user.has_perm("venues.add_staff")
        return appointing or super().has_view_permission(request, obj)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            return roles_field()
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody gives themselves a role, and only a superuser touches a superuser."""
        allowed = super().has_change_permission(request, obj)
        if obj is None or clerk(request).is_superuser:
            return allowed
        return allowed and obj.pk != clerk(request).pk and not obj.is_superuser

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        before = sorted(User.objects.get(pk=form.instance.pk).roles)
        super().save_related(request, form, formsets, change)
        user = User.objects.get(pk=form.instance.pk)
        if not change or {"groups", "is_staff", "is_active", "region"} & set(form.changed_data):
            detail: dict[str, Any] = {
                "before": before,
                "after": sorted(user.roles),
                "staff": user.is_staff,
                "region": user.region,
            }
            audit.record(Tag.ROLES_CHANGED, target=user, **evidence(request), active=user.is_active, **detail)

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """A password that somebody else has set is evidence."""
        answer = super().user_change_password(request, id, form_url)
        if request.method == "POST" and isinstance(answer, HttpResponseRedirect):
            audit.record(Tag.PASSWORD_SET, target=self.fetch(request, id), **evidence(request))
        return answer

    def has_act_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self.has_change_permission(request, self.get_object(request, object_id))

    @action(description=_("Reset second factor"), icon="lock_reset", permissions=["act"])
    def reset_second_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.fetch(request, object_id)
        return self.ask(
            request,
            user,
            ReasonForm(request.POST or None),
            title=_("Reset the second factor"),
            text=_("The app and the backup codes no longer work. At the next sign-in {user} sets up a new one.").format(
                user=user.username
            ),
            button=_("Reset"),
            do=lambda values: second_factor.reset(user, reason=values["reason"], **evidence(request)),  # type: ignore[func-returns-value]
            done=_("The second factor is reset."),
        )

    @transaction.atomic
    def lift(self, request: HttpRequest, user: User) -> None:
        audit.record(Tag.LOCK_LIFTED, target=user, **evidence(request))
        lift_lock(username=user.username)

    @action(description=_("Lift sign-in lock"), icon="lock_open", permissions=["act"])
    def unlock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = self.fetch(request, object_id)
        return self.ask(
            request,
            user,
            ConfirmForm(request.POST) if request.method == "POST" else ConfirmForm(),
            title=_("Lift the sign-in lock"),
            text=_("Wrong tries for {user} are forgotten, so that they can try again at once.").format(
                user=user.username
            ),
            button=_("Lift"),
            do=lambda values: self.lift(request, user),
            done=_("The lock is lifted."),
        )
