"""Clerks who are invited: asked for here, granted by a second person, used by the link that is mailed."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminEmailInputWidget

from registry import approvals, regions
from registry.admin.desk import DeskAdmin, ReasonForm, clerk, evidence, posted
from registry.admin.users import ASKED, RolesForm
from registry.clerks import invitations
from registry.models import ClerkInvitation


class InvitationForm(RolesForm, forms.ModelForm):
    field_order = ("email", "roles", "region", "reason")

    email = forms.EmailField(
        label=_("Mail address"),
        widget=UnfoldAdminEmailInputWidget({"autofocus": True, "autocomplete": "off"}),
        help_text=_("Their address at work. The link goes there, and whoever reads it can use it."),
    )

    class Meta:
        model = ClerkInvitation
        fields = ("email", "roles", "region")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "roles" in self.fields:
            self.fields["roles"].required = True


@admin.register(ClerkInvitation)
class ClerkInvitationAdmin(DeskAdmin):
    form = InvitationForm
    list_display = ("email", "role_names", "shown_region", "inviter", "asked_at", "ends_at", "state")
    list_select_related = ("inviter", "joined")
    when_empty = _("Nobody has been invited yet. “Add” begins an invitation; a second person must grant it.")
    ordering = ("-asked_at",)
    sortable_by = ()
    region_path = "region"
    actions_detail = ("withdraw",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClerkInvitation]:
        """With what became of the request."""
        return super().get_queryset(request).annotate(asking=approvals.asking(invitations.DEED, ClerkInvitation))

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        return type(form.__name__, (form,), {"by": clerk(request)})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"region": clerk(request).region}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = ("email", "role_names", "shown_region", "inviter", "asked_at", "ends_at", "standing")
        return shown if obj else ("email", "roles", "region", "reason")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # it is taken back and asked for anew

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With one button: what is asked for is not edited further."""
        return super().render_change_form(request, context | {"show_save_and_continue": False}, *args, **kwargs)

    @display(description=_("roles"))
    def role_names(self, invitation: ClerkInvitation) -> str:
        return invitation.role_names

    @display(description=_("region"))
    def shown_region(self, invitation: ClerkInvitation) -> str:
        return regions.called(invitation.region) or str(_("the whole country"))

    @display(
        description=_("state"),
        label={"asked": "warning", "sent": "info", "joined": "success", "refused": "danger"},
    )
    def state(self, invitation: ClerkInvitation) -> tuple[str, Any]:
        if invitation.joined:
            return "joined", _("Joined as {username}").format(username=invitation.joined.username)
        if invitation.withdrawn_at:
            return "withdrawn", _("Taken back")
        if invitation.ends_at is None:
            ended = approvals.ended(invitation)
            return ("refused", ended) if ended else ("asked", _("Waits for a second person"))
        over = invitation.ends_at <= timezone.now()
        return ("past", _("Ended unused")) if over else ("sent", _("Link sent"))

    @display(description=_("state"))
    def standing(self, invitation: ClerkInvitation) -> str:
        """The same on the page of one, where there are no labels."""
        return str(self.state(invitation)[1])

    def save_model(self, request: HttpRequest, obj: ClerkInvitation, form: Any, change: bool) -> None:
        told = form.cleaned_data
        made = invitations.ask(
            told["email"], told["roles"], told["region"], reason=told["reason"], now=timezone.now(),
            **evidence(request),
        )  # fmt: skip
        obj.pk = made.pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The verb has written everything."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The access log has it."""

    def response_add(self, request: HttpRequest, obj: ClerkInvitation, post_url_continue: Any = None) -> HttpResponse:
        messages.success(request, ASKED)
        return HttpResponseRedirect(reverse("admin:registry_clerkinvitation_changelist"))

    def has_withdraw_permission(self, request: HttpRequest, object_id: str) -> bool:
        return request.user.has_perm("registry.add_clerkinvitation")

    def offers(self, deed: str, row: ClerkInvitation) -> bool:
        return row.joined_id is None and row.withdrawn_at is None

    @action(description=_("Take the invitation back"), icon="undo", permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        invitation = self.fetch(request, object_id)
        return self.ask(
            request,
            invitation,
            ReasonForm(posted(request)),
            title=_("Take the invitation back"),
            text=_("The link is dead at once; one that was not sent yet is never sent."),
            button=_("Take back"),
            do=lambda values: invitations.withdraw(  # type: ignore[func-returns-value]
                invitation, reason=values["reason"], now=timezone.now(), **evidence(request)
            ),
            done=_("The invitation is taken back."),
        )
