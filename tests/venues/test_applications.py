"""From the form of a new venue to the clerk's decision, and what the owner sees of it."""

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from django.utils import timezone

from registry.models import Event, Message, Role, Tag
from registry.sms import texts
from tests.factories import OperatorFactory, UserFactory, VenueFactory
from tests.queries import at_most
from tests.registry.clerks import desk_of, make_clerk
from tests.registry.crowds import at_once
from tests.venues.owners import NUMBER, an_application, an_owner, form, jpeg, pdf, upload, wanted
from venues import checking, onboarding
from venues.models import Application, Document, Operator, Remark, Staff, Venue

pytestmark = pytest.mark.django_db
PAGE = "/owner/applications/new/"


@pytest.fixture
def user():
    return an_owner()


@pytest.fixture
def owner(client, user):
    client.force_login(user)
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def desk():
    desk = desk_of(make_clerk(Role.VENUE_OFFICER))
    desk.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    return desk


def verb(name, application):
    return reverse(f"admin:venues_application_{name}", args=[application.pk])


# --- the owner's form


def test_it_shows_an_applicant_the_own_application_and_no_other(client):
    mine, other = an_application(), an_application(UserFactory())
    client.force_login(mine.applicant)
    assert client.get(f"/owner/applications/{mine.pk}/").status_code == 200
    assert client.get(f"/owner/applications/{other.pk}/").status_code == 404


def test_it_takes_an_application_with_its_document(owner, user):
    answer = owner.post(PAGE, form())
    application = Application.objects.get()
    assert answer.headers["Location"] == reverse("owner:application", args=[application.pk])
    assert (application.applicant, application.business_number, application.region) == (user, NUMBER, "11680")
    assert application.documents.get().kind == Document.Kind.IMAGE
    page = owner.get(answer.headers["Location"]).content.decode()
    assert "What happens next" in page and "Gangnam-gu, Seoul" in page and "Waiting for the agency" in page
    assert "시험 카페" in owner.get("/owner/").content.decode()
    assert not Venue.objects.exists() and Event.objects.get(tag=Tag.VENUE_APPLIED).actor == user


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("business_number", "120-88-00768", "A digit is wrong"),
        ("business_number", "", "ten digits of the business"),
        ("region", "중구", "Several districts fit"),
        ("region", "Atlantis", "We know no district"),
        ("category", "casino9", "Select a valid choice"),
        ("capacity", "-1", "At least 1"),
        ("proof_file", None, "Choose a photo or a PDF"),
        ("proof_file", upload(b"<svg onload=alert(1)>", "x.svg", "image/svg+xml"), "We can take photos"),
        ("proof_file", upload(b"<html><script>1</script>", "x.jpg"), "We can take photos"),
        ("proof_file", upload(pdf(script="1"), "x.pdf"), "contains scripts"),
        ("operator_name", "", "Enter the name of the business"),
        ("address", " ", "Enter the address"),
    ],
)
def test_it_says_what_is_wrong_and_keeps_what_was_typed(owner, field, value, said):
    sent = form(**{field: value})
    page = owner.post(PAGE, sent).content.decode()
    assert said in page and not Application.objects.exists()
    assert all(f'value="{sent[name]}"' in page for name in ("venue_name", "address") if name != field)


def test_it_answers_a_file_that_is_too_large_in_words_and_reads_none_that_is_far_too_large(owner, monkeypatch):
    from config import uploads
    from venues import documents

    monkeypatch.setattr(documents, "LARGEST", 1000)
    page = owner.post(PAGE, form(proof_file=upload(jpeg((400, 400), quality=95)))).content.decode()
    assert "larger than 10 MB" in page and 'value="시험 카페"' in page
    monkeypatch.setattr(uploads, "LARGEST", 1000)
    assert owner.post(PAGE, form()).status_code == 400
    assert not Document.objects.exists()


def test_it_keeps_the_document_when_something_else_was_wrong(owner):
    page = owner.post(PAGE, form(region="중구")).content.decode()
    kept = str(Document.objects.get().pk)
    assert "Your photo is kept" in page and f'value="{kept}"' in page
    assert owner.post(PAGE, form(proof_file=None, kept=kept)).status_code == 302
    assert str(Application.objects.get().documents.get().pk) == kept


def test_it_takes_no_document_of_somebody_else(owner, user):
    from venues import documents

    other = documents.keep(upload(jpeg()), by=UserFactory(), now=timezone.now())
    page = owner.post(PAGE, form(proof_file=None, kept=str(other.pk))).content.decode()
    assert "Choose a photo or a PDF" in page


def test_it_takes_another_proof_where_there_is_no_business_number(owner):
    page = owner.post(PAGE, form(by="other", business_number="")).content.decode()
    assert "Say what document you send" in page
    owner.post(PAGE, form(by="other", business_number="garbage", proof="교회 증명서", venue_name="시험 교회"))
    application = Application.objects.get()
    assert (application.business_number, application.proof) == ("", "교회 증명서")


def test_it_lets_an_owner_have_many_venues(owner, user):
    mine = OperatorFactory(name="내 상사", business_number=NUMBER)
    Staff.objects.create(operator=mine, user=user)
    other = OperatorFactory(name="남의 상사")
    assert "남의 상사" not in owner.get(PAGE).content.decode()
    assert owner.post(PAGE, form(operator=other.pk)).status_code == 200
    owner.post(PAGE, form(operator=mine.pk, operator_name="", business_number=""))
    venue = onboarding.approve(Application.objects.get(), by=UserFactory(clerk=True), now=timezone.now())
    assert venue.operator == mine and Operator.objects.count() == 2


def test_it_takes_no_flood(owner, user, monkeypatch):
    monkeypatch.setattr(onboarding, "MOST_OPEN", 1)
    an_application(user)
    answer = owner.post(PAGE, form())
    assert answer.status_code == 429 and "시험 카페" in answer.content.decode()


# --- the clerk


def test_it_makes_venue_and_owner_when_a_clerk_approves(owner, user, desk):
    owner.post(PAGE, form())
    application = Application.objects.get()
    assert desk.get(verb("approve", application)).status_code == 200 and not Venue.objects.exists()
    assert desk.post(verb("approve", application)).status_code == 302
    venue = Venue.objects.get()
    assert (venue.name, venue.category_id, venue.region, venue.capacity) == ("시험 카페", "cafe", "11680", 40)
    assert Staff.objects.get(operator=venue.operator).role == Staff.Role.OWNER
    assert owner.get(reverse("owner:venue", args=[venue.pk])).status_code == 200
    assert "Your venue is registered" in owner.get(f"/owner/applications/{application.pk}/").content.decode()
    message = Message.objects.get(purpose="notice")
    assert "승인" in message.text and "/owner/" in message.text and "시험" not in message.text
    assert Event.objects.get(tag=Tag.APPLICATION_APPROVED).detail == {"venue": venue.pk}
    second = desk.post(verb("reject", application), {"reason": "x"})  # of another clerk, at the same moment
    assert "decided or withdrawn already" in str(second.context["form"].non_field_errors())


def test_it_goes_back_and_forth_by_question_and_answer(owner, user, desk):
    application = an_application(user)
    assert desk.post(verb("ask_back", application), {"text": ""}).status_code == 200
    desk.post(verb("ask_back", application), {"text": "사진이 <b>흐립니다</b>."})
    page = owner.get(f"/owner/applications/{application.pk}/").content.decode()
    assert "The agency has a question" in page and "&lt;b&gt;" in page
    answer = owner.post(f"/owner/applications/{application.pk}/", {"text": ""})
    assert "Write an answer" in answer.content.decode()
    bad = {"text": "여기 있습니다.", "proof_file": upload(b"<svg/>", "x.svg")}
    page = owner.post(f"/owner/applications/{application.pk}/", bad).content.decode()
    assert "여기 있습니다." in page and "We can take photos" in page
    owner.post(f"/owner/applications/{application.pk}/", {"text": "여기 있습니다.", "proof_file": upload(jpeg())})
    application.refresh_from_db()
    assert application.status == Application.Status.WAITING and application.documents.count() == 1
    shown = desk.get(reverse("admin:venues_application_change", args=[application.pk])).content.decode()
    assert "여기 있습니다." in shown and "<b>흐립니다" not in shown
    answer = owner.post(f"/owner/applications/{application.pk}/", {"text": "noch etwas"})
    assert answer.status_code == 409 and Remark.objects.count() == 2


def test_it_tells_the_owner_why_an_application_was_rejected(owner, user, desk):
    application = an_application(user)
    assert desk.post(verb("reject", application), {"reason": ""}).status_code == 200
    desk.post(verb("reject", application), {"reason": "등록증의 주소가 다릅니다."})
    page = owner.get(f"/owner/applications/{application.pk}/").content.decode()
    assert "등록증의 주소가 다릅니다." in page and "Apply anew" in page
    assert "결과" in Message.objects.get(purpose="notice").text


def test_it_lets_the_owner_withdraw_until_it_is_decided(owner, user, desk):
    application = an_application(user)
    page = f"/owner/applications/{application.pk}/withdraw/"
    assert owner.get(page).status_code == 200 and Application.objects.open().exists()
    owner.post(page)
    application.refresh_from_db()
    assert application.status == Application.Status.WITHDRAWN
    second = desk.post(verb("approve", application)).context["form"]
    assert second.non_field_errors() and owner.get(page).status_code == 404


def test_it_gives_nobody_an_operator_for_having_typed_its_number(user, desk):
    OperatorFactory(name="남의 상사", business_number=NUMBER)
    application = an_application(user)
    page = desk.get(reverse("admin:venues_application_change", args=[application.pk])).content.decode()
    assert "남의 상사" in page
    answer = desk.post(verb("approve", application))
    assert answer.status_code == 200 and "belongs to an operator" in answer.context["form"].non_field_errors()[0]
    application.refresh_from_db()
    assert application.status == Application.Status.WAITING and not Staff.objects.exists()


def test_it_tells_the_clerk_of_doubles_by_number_and_place(user):
    VenueFactory(name="시험카페", address="시험로1", region="11680")
    VenueFactory(name="시험 카페", address="시험로 1", region="26350")
    first, second = an_application(user), an_application(an_owner("010-0000-0043"))
    checks = checking.check(first, today=timezone.localdate())
    assert [venue.region for venue in checks.same_place] == ["11680"]
    assert checks.same_number == [second] and checks.same_place_waiting == [second]
    assert checks.asks and checks.number_of is None


def test_it_shows_a_regions_clerk_that_region_alone(user):
    clerk = make_clerk(Role.VENUE_OFFICER, region="26")
    desk = desk_of(clerk)
    here, there = an_application(user, region="26350"), an_application(user)
    assert [row.pk for row in desk.get("/admin/venues/application/").context["cl"].result_list] == [here.pk]
    assert desk.get(reverse("admin:venues_application_change", args=[there.pk])).status_code == 404
    assert desk.post(verb("approve", there)).status_code in (403, 404)
    assert not Venue.objects.exists()


def test_it_lets_no_other_role_in_and_nobody_decide_for_themselves(user):
    application = an_application(user)
    assert desk_of(make_clerk(Role.REGISTRAR)).get("/admin/venues/application/").status_code == 403
    clerk = make_clerk(Role.VENUE_OFFICER, username="both")
    own = onboarding.apply(wanted(), [], by=clerk, now=timezone.now())
    desk = desk_of(clerk)
    assert desk.post(verb("approve", own)).status_code == 403
    assert desk.get(f"/admin/venues/application/{application.pk}/delete/").status_code in (403, 404)


def test_it_hands_the_document_to_clerks_alone_and_never_as_a_page(owner, user, desk):
    owner.post(PAGE, form(proof_file=upload(pdf(), "x.pdf")))
    application, document = Application.objects.get(), Document.objects.get()
    address = reverse("admin:venues_application_document", args=[application.pk, document.pk])
    answer = desk.get(address)
    assert answer.content.startswith(b"%PDF-") and answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment") and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox" and "no-store" in answer["Cache-Control"]
    assert Event.objects.get(tag=Tag.DOCUMENT_SEEN).target == f"document:{document.pk}"
    other = an_application(user)
    wrong = reverse("admin:venues_application_document", args=[other.pk, document.pk])
    assert desk.get(wrong).status_code == 404
    assert desk_of(make_clerk(Role.REGISTRAR, username="r")).get(address).status_code in (403, 404)
    far = desk_of(make_clerk(Role.VENUE_OFFICER, username="far", region="26"))
    assert far.get(address).status_code == 404
    assert owner.get(address).status_code == 302 and Event.objects.filter(tag=Tag.DOCUMENT_SEEN).count() == 1


def test_it_costs_the_same_however_many_applications_wait(desk, user):
    for n in range(8):
        an_application(user, venue_name=f"카페 {n}")
    with at_most(14):
        assert desk.get("/admin/venues/application/").status_code == 200


@pytest.mark.parametrize("site", ["https://munjigi.example", "https://pass.health-agency.example.go.kr"])
def test_it_fits_one_sms_whatever_it_tells(site):
    news = (texts.application_approved, texts.application_rejected, texts.application_asked)
    said = [text(f"{site}/owner/") for text in news] + [
        texts.staff_invitation(f"{site}/owner/join/{'x' * 22}/", "카페")
    ]
    assert len({*said}) == 4 or len(site) > 30
    for text in said:
        assert len(text.encode("euc-kr")) <= 90 and f"{site}/owner/" in text


@pytest.mark.django_db(transaction=True)
def test_it_decides_once_whoever_clicks_at_the_same_moment():
    application, clerk = an_application(), UserFactory(clerk=True)

    def decide(n):
        try:
            verbs[n]()
        except onboarding.Decided:
            return 0
        return 1

    now = timezone.now()
    verbs = [lambda: onboarding.approve(application, by=clerk, now=now)] * 2
    verbs += [lambda: onboarding.reject(application, reason="x", by=clerk, now=now)] * 2
    assert sum(at_once(decide, 4)) == 1
    assert Event.objects.filter(tag__in=[Tag.APPLICATION_APPROVED, Tag.APPLICATION_REJECTED]).count() == 1
    assert Venue.objects.count() <= 1
