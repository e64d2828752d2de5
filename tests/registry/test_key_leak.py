"""A signing key that leaked: withdrawn by two, replaced at once, told to scanners and wallets."""

import pytest
from django.urls import reverse
from django.utils import timezone

from registry import approvals, signing
from registry.models import Approval, Event, Role, SigningKey, Tag
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    signing.make_keys_ahead(timezone.localdate())
    return SigningKey.objects.get(kid=signing.signer_for(timezone.localdate()).kid)


def test_it_takes_two_and_another_key_signs_from_then_on(key, django_capture_on_commit_callbacks):
    asker = desk_of(make_clerk(Role.SERVICE, username="asker"))
    page = reverse("admin:registry_signingkey_withdraw", args=[str(key)])
    assert asker.post(page, {"reason": "백업 매체 분실"}).status_code == 302
    assert signing.signer_for(timezone.localdate()).kid == bytes(key.kid)
    with django_capture_on_commit_callbacks(execute=True):
        approvals.grant(Approval.objects.get(), by=make_clerk(Role.SERVICE, username="second"), now=timezone.now())
    replacement = signing.signer_for(timezone.localdate())
    assert replacement.kid != bytes(key.kid)
    assert bytes(key.kid) not in signing.agency_keys()
    assert (replacement.since, replacement.until) == (key.signs_from, key.signs_until)
    assert Event.objects.get(tag=Tag.KEY_WITHDRAWN).reason == "백업 매체 분실"


def test_it_is_withdrawn_once(key):
    signing.withdraw(bytes(key.kid), by=None, reason="", now=timezone.now())
    with pytest.raises(signing.AlreadyWithdrawn):
        signing.withdraw(bytes(key.kid), by=None, reason="", now=timezone.now())


def test_its_page_is_for_the_service_role_alone(key):
    page = reverse("admin:registry_signingkey_withdraw", args=[str(key)])
    assert desk_of(make_clerk(Role.AUDITOR)).get(page).status_code == 403
    service = desk_of(make_clerk(Role.SERVICE, username="service"))
    assert service.get(reverse("admin:registry_signingkey_withdraw", args=["00ff"])).status_code == 404
