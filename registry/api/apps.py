"""Partner apps: the wallet's own phone check and pass, asked for by an app's server for a citizen on their phone.

The key is the server's. The keys of the pass are the phone's: it signs what its pass is renewed or ended with, so that
a server alone can do neither. Docs: docs/partners.md.
"""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import issuing, news, vault
from registry.api.bodies import SmallJSONParser
from registry.api.passes import CarriedShape, NewsShape, RenewalShape, changed
from registry.api.shapes import read
from registry.api.signatures import device_of, is_signed
from registry.api.verifications import BEGUN, STATUS, BeginShape, ConfirmShape, begun, given, told
from registry.api.wards import WardShape, somebody
from registry.callers import client_address
from registry.errors import DATABASE_AWAY, DomainError, Unavailable
from registry.models import Partner
from registry.partners import carrying, keys, use
from registry.phone import verification

AUTHORIZATION = OpenApiParameter("Authorization", str, OpenApiParameter.HEADER, description="Bearer and the app's key.")
TICKET = OpenApiParameter(
    "Munjigi-Ticket", str, OpenApiParameter.HEADER, description="As the last answer gave it: one for each citizen."
)
SIGNED = [
    AUTHORIZATION,
    OpenApiParameter("Munjigi-Device", str, OpenApiParameter.HEADER, description="The device that signs."),
    OpenApiParameter("Munjigi-Time", int, OpenApiParameter.HEADER, description="Milliseconds since the epoch."),
    OpenApiParameter("Munjigi-Signature", str, OpenApiParameter.HEADER, description="ES256 by the device's key."),
]
PRIVATE = {"Cache-Control": "no-store"}
NOT_FOR_APPS = ("masked_name", "review", "ended", "starts")  # nor why a pass is valid: what its holder alone reads
REFUSALS: dict[int, Any] = {
    401: OpenApiResponse(description="Problem `unknown_key`."),
    429: OpenApiResponse(description="Problem `too_many_a_minute`, `quota_used` or `too_many_requests` (Retry-After)."),
    503: OpenApiResponse(description="Problem `cannot_tell_now`, `busy` or `waiting`: come again (Retry-After)."),
}


class CannotTellNow(Unavailable):
    """Never to be shown as the absence of a pass."""

    code = "cannot_tell_now"
    message = _(
        "We cannot tell just now whether a pass is valid. This says nothing about the person: go on showing the strips "
        "that the phone holds, and ask again in a moment."
    )


class AppBeginShape(BeginShape):
    address = serializers.IPAddressField(help_text="The citizen's own address, as your server sees it.")


class UseShape(serializers.Serializer[dict[str, object]]):
    day = serializers.DateField()
    codes_a_day = serializers.IntegerField()
    requests_a_minute = serializers.IntegerField()
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="asked, confirmed, passes, ended, and refused: with the problem."
    )


class AppView(APIView):
    """Of the app whose key the request bears, as `self.app`. What is refused is counted; what we cannot tell is said to
    be that."""

    parser_classes = [SmallJSONParser]
    app: Partner

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.now = timezone.now()
        self.app = keys.partner_of(request.headers.get("Authorization", ""), Partner.Kind.APP, self.now)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, (*DATABASE_AWAY, Unavailable)):
            exc = CannotTellNow()
        elif hasattr(self, "app") and isinstance(exc, DomainError | ValidationError):
            code = exc.code if isinstance(exc, DomainError) else "malformed"
            with suppress(*DATABASE_AWAY):  # a count may be lacking, a true answer not
                use.refused(self.app, code, self.now)
        return super().handle_exception(exc)


class AppVerificationsView(AppView):
    @extend_schema(parameters=[AUTHORIZATION, TICKET], request=AppBeginShape, responses={202: BEGUN} | REFUSALS)
    def post(self, request: Request) -> Response:
        """Send a code to a citizen's number. The answer is the same whether or not the number is known."""
        data = read(AppBeginShape, request.data)
        phone = verification.korean_mobile(data["phone"])
        check = data.get("verification")
        return begun(carrying.begin(self.app, phone, address=data["address"], now=self.now, verification_id=check))


class AppVerificationView(AppView):
    @extend_schema(parameters=[AUTHORIZATION], responses={200: STATUS} | REFUSALS)
    def get(self, request: Request, pk: UUID) -> Response:
        """What became of the newest code of a check."""
        return told(verification.status(pk, self.now, self.app))


class AppConfirmView(AppView):
    @extend_schema(parameters=SIGNED, request=ConfirmShape, responses={200: CarriedShape} | REFUSALS)
    def post(self, request: Request, pk: UUID) -> Response:
        """Give the code back for strips. A phone that holds a pass in this app signs, and leaves name and date out."""
        device = device_of(request, now=self.now, partner=self.app) if is_signed(request) else None
        return passed(carrying.confirm(self.app, pk, **given(request, device), now=self.now))


class AppStripsView(AppView):
    @extend_schema(parameters=SIGNED, request=RenewalShape, responses={200: CarriedShape} | REFUSALS)
    def post(self, request: Request) -> Response:
        """Fresh strips for a phone that holds a pass in this app, in a request that the phone signed."""
        device = device_of(request, now=self.now, partner=self.app)
        day_keys = read(RenewalShape, request.data)["day_keys"]
        return passed(carrying.renew(self.app, device, day_keys=day_keys, now=self.now))


class AppWardsView(AppView):
    @extend_schema(parameters=SIGNED, request=WardShape, responses={200: CarriedShape} | REFUSALS)
    def post(self, request: Request) -> Response:
        """Carry the pass of a child or parent beside that of the phone that signs, as a device of its own."""
        device, (identity, given) = device_of(request, now=self.now, partner=self.app), somebody(request)
        address = client_address(request)
        return passed(carrying.add_ward(self.app, device, identity, **given, now=self.now, address=address))


class AppNewsView(AppView):
    @extend_schema(parameters=SIGNED, responses={200: NewsShape} | REFUSALS)
    def get(self, request: Request, mark: str) -> Response:
        """Whether the strips of a phone still say what we would sign now; `mark` is that of today's strip."""
        device = device_of(request, now=self.now, partner=self.app)
        return changed(news.since(device, mark, now=self.now), self.now)


class AppEndView(AppView):
    @extend_schema(parameters=SIGNED, request=None, responses={204: None} | REFUSALS)
    def post(self, request: Request) -> Response:
        """End the pass in this app on the phone that signed; the app forgets its keys and strips."""
        device = device_of(request, now=self.now, partner=self.app)
        carrying.end(self.app, device, now=self.now, address=client_address(request))
        return Response(status=204)


class AppUseView(AppView):
    @extend_schema(parameters=[AUTHORIZATION], responses={200: UseShape} | REFUSALS)
    def get(self, request: Request) -> Response:
        """What this app used today, and what it may."""
        app, day = self.app, vault.today(self.now)
        quotas = {"codes_a_day": app.daily_quota, "requests_a_minute": app.per_minute}
        return Response({"day": day.isoformat(), **quotas, "counts": use.of_day(app, day)}, headers=PRIVATE)


def passed(issue: issuing.Issue) -> Response:
    """The pass answer without what is for our own wallet alone."""
    content = {name: value for name, value in issue.answer().items() if name not in NOT_FOR_APPS}
    content["days"] = [{name: day[name] for name in day if name != "basis"} for day in content["days"]]
    return Response(content, headers=PRIVATE)


urlpatterns = [
    path("app/verifications", AppVerificationsView.as_view(), name="app-verifications"),
    path("app/verifications/<uuid:pk>", AppVerificationView.as_view(), name="app-verification"),
    path("app/verifications/<uuid:pk>/confirm", AppConfirmView.as_view(), name="app-verification-confirm"),
    path("app/strips", AppStripsView.as_view(), name="app-strips"),
    path("app/wards", AppWardsView.as_view(), name="app-wards"),
    path("app/news/<slug:mark>", AppNewsView.as_view(), name="app-news"),
    path("app/end", AppEndView.as_view(), name="app-end"),
    path("app/use", AppUseView.as_view(), name="app-use"),
]
