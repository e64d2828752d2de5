"""The agency's signing keys: which signs which days. Private halves are never shown; day keys stay in the vault."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import action, display

from registry import approvals, jobs
from registry.admin.desk import ConfirmForm, ReadOnlyAdmin, ReasonForm, evidence, posted
from registry.models import SigningKey

MAY_CHANGE = "registry.change_signingkey"


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin):
    """A list without pages: all there is to know stands in the row."""

    of_the_country = True
    list_display = ("name", "signs_from", "signs_until", "created_at", "withdrawn_at", "withdrawing")
    when_empty = _("No key yet. Keys are made by the background work, a while ahead.")
    list_display_links = None
    ordering = ("-signs_from",)
    sortable_by = ()
    actions_list = ("encrypt_anew",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("private_key")

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)
        return shown if self.may(request, MAY_CHANGE) else shown[:-1]

    def get_urls(self) -> list[Any]:
        withdraw = self.admin_site.admin_view(self.withdraw)
        return [path("<str:kid>/withdraw/", withdraw, name="registry_signingkey_withdraw"), *super().get_urls()]

    @display(description=_("key"))
    def name(self, key: SigningKey) -> str:
        return str(key)

    @display(description=_("leaked?"))
    def withdrawing(self, key: SigningKey) -> str:
        if key.withdrawn_at:
            return "–"
        address = reverse("admin:registry_signingkey_withdraw", args=[str(key)])
        link = '<a class="text-link" href="{0}" aria-label="{1}: {2}">{2}</a>'
        return format_html(link, address, key, pgettext_lazy("signing key", "Withdraw"))

    def page_of(self, obj: Any) -> str:
        return reverse("admin:registry_signingkey_changelist")

    def withdraw(self, request: HttpRequest, kid: str) -> HttpResponse:
        """Ask a second person to end a key that leaked."""
        if not self.may(request, MAY_CHANGE):
            raise PermissionDenied
        try:
            key = SigningKey.objects.filter(pk=bytes.fromhex(kid)).first()
        except ValueError:
            key = None
        if key is None:
            raise Http404

        def do(values: dict[str, Any]) -> None:
            reason, who = values["reason"], evidence(request)
            approvals.ask("withdraw_key", target=key, reason=reason, now=timezone.now(), **who)

        return self.ask(
            request,
            key,
            ReasonForm(posted(request)),
            title=_("Withdraw a signing key that leaked"),
            text=_(
                "A second person must grant it. From then on scanners with network do not accept passes signed by this "
                "key; wallets fetch new ones the next time they are opened. Who has no network is told “open the pass "
                "once with network” and may be let in by hand. Posters made in the days of this key must be printed "
                "anew."
            ),
            button=_("Ask a second person"),
            do=do,
            done=_("A second person is asked."),
        )

    def has_encrypt_anew_permission(self, request: HttpRequest) -> bool:
        return bool(settings.MASTER_KEYS_BEFORE) and self.may(request, MAY_CHANGE)

    @action(description=_("Encrypt under the new master key"), icon="lock_reset", permissions=["encrypt_anew"])
    def encrypt_anew(self, request: HttpRequest) -> HttpResponse:
        def do(values: dict[str, Any]) -> HttpResponse:
            job = jobs.begin("rekey", now=timezone.now(), **evidence(request))
            return HttpResponseRedirect(reverse("admin:registry_job_change", args=[job.pk]))

        return self.ask(
            request,
            SigningKey(),
            ConfirmForm(posted(request)),
            title=_("Encrypt under the new master key"),
            text=_(
                "Everything that is encrypted under the key before is written anew, while work goes on. When the job "
                "is done, take that key out of MASTER_KEYS_BEFORE."
            ),
            button=_("Begin"),
            do=do,
        )
