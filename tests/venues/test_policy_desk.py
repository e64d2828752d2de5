"""The policy desk: a draft is written in a form, compared, previewed, published by two, and taken back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry import approvals, figures, policy
from registry.models import Approval, Citizen, Event, Job, PolicyVersion, Role, Tag
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import desk_of, make_clerk
from tests.registry.policies import draft, form, page_of, previewed
from venues import policies
from venues.models import CategoryRule

pytestmark = pytest.mark.django_db
ADD = "/admin/registry/policyversion/add/"


@pytest.fixture
def author():
    return make_clerk(Role.POLICY_MAKER, username="author")


@pytest.fixture
def second():
    return make_clerk(Role.POLICY_MAKER, username="second")


@pytest.fixture
def client(author):
    return desk_of(author)


@pytest.fixture(autouse=True)
def fresh():
    policy.forget()
    yield
    policy.forget()


def in_days(n):
    return timezone.localdate() + timedelta(days=n)


def test_it_takes_a_draft_from_the_form_to_being_in_force(client, author, second):
    assert client.post(ADD, form(primary_until=90)).status_code == 302
    version = PolicyVersion.objects.get(title="시험")
    assert version.author == author and version.published_at is None
    assert policy.rules_of(version).primary_until == 90
    asking = page_of(version, "publish")
    assert "미리보기" in str(client.post(asking, {"reason": "x"}).context["form"].non_field_errors())
    assert client.post(page_of(version, "preview")).status_code == 302
    previewed(version, by=author)
    assert client.post(asking, {"reason": "기간 단축"}).status_code == 302
    approval = Approval.objects.get(deed="policy_publish")
    asked = desk_of(second).get(reverse("admin:registry_approval_change", args=[approval.pk])).content.decode()
    assert "0명이 유효한 방역패스를 잃고" in asked
    granting = reverse("admin:registry_approval_grant", args=[approval.pk])
    assert client.post(granting, {"words": ""}).status_code == 403
    assert desk_of(second).post(granting, {"words": "확인"}).status_code == 302
    version.refresh_from_db()
    assert version.published_at and version.approver == second
    policy.forget()
    assert policy.in_force_on(version.effective_on).number == version.number
    assert client.get(page_of(version)).status_code == 200
    assert client.post(page_of(version), form(title="anders")).status_code == 403


def test_it_lets_no_author_publish_whoever_asked(author, second):
    version = previewed(draft(by=author), by=author)
    approval = policies.ask_to_publish(version, reason="x", by=second, now=timezone.now())
    with pytest.raises(policies.publishing.OwnPolicy):
        approvals.grant(approval, by=author, now=timezone.now())
    version.refresh_from_db()
    approval.refresh_from_db()
    assert version.published_at is None and approval.state == Approval.State.ASKED


def test_it_publishes_nothing_that_was_changed_after_it_was_asked_for(client, author, second):
    version = previewed(draft(by=author), by=author)
    approval = policies.ask_to_publish(version, reason="x", by=author, now=timezone.now())
    rules = CategoryRule.objects.filter(policy=version).order_by("category__position")
    rows = {"category_rules-TOTAL_FORMS": len(rules), "category_rules-INITIAL_FORMS": len(rules)}
    for n, rule in enumerate(rules):
        rows |= {f"category_rules-{n}-id": rule.pk, f"category_rules-{n}-policy": version.pk}
        if rule.category_id != "gym":
            rows[f"category_rules-{n}-asks"] = "on"
    answer = client.post(page_of(version), form(**rows))
    assert answer.status_code == 302, answer.context["errors"]
    assert not rules.get(category="gym").asks and rules.get(category="cafe").asks
    with pytest.raises(policies.preview.DraftChanged):
        approvals.grant(approval, by=second, now=timezone.now())


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"primary_from": 15, "primary_until": 10}, "primary_until"),
        ({"primary_from": ""}, "primary_from"),
        ({"tier1_last": 1}, "tier1_last"),
        ({"tier1_last": 2, "tier2_first": 2, "tier2_from": 0}, "tier2_first"),
        ({"tier1_last": 1, "tier3_first": 3, "tier3_from": 0}, "tier3_first"),
        ({"tier2_first": 5}, "tier2_from"),
        ({"pcr_hours": -1}, "pcr_hours"),
        ({"effective_on": "2022-01-04"}, "effective_on"),
        ({"floor_from": "2022-01-04"}, "floor_from"),
        ({"venue_notice_ko": "바뀝니다"}, "venue_notice_en"),
    ],
)
def test_it_says_beside_the_field_what_to_do(client, fields, where):
    answer = client.post(ADD, form(**fields))
    assert answer.status_code == 200
    assert where in answer.context["adminform"].form.errors
    assert not PolicyVersion.objects.filter(title="시험").exists()


def test_of_two_who_write_at_once_the_second_is_told_and_loses_nothing(client, author):
    version = draft(by=author)
    seen = {"of_revision": version.revision}
    assert client.post(page_of(version), form(title="하나", **seen)).status_code == 302
    late = client.post(page_of(version), form(title="둘", **seen))
    assert late.context["adminform"].form.non_field_errors() and 'value="둘"' in late.content.decode()
    version.refresh_from_db()
    assert version.title == "하나"
    assert client.post(page_of(version), form(title="둘", of_revision=version.revision)).status_code == 302


def test_of_two_who_write_rules_at_once_each_keeps_what_they_changed(client, author, second):
    version = draft(by=author, primary_until=180)
    seen = {"_seen": client.get(page_of(version)).context["adminform"].form.seen, "of_revision": version.revision}
    assert client.post(page_of(version), form(primary_until=90, **seen)).status_code == 302
    late = desk_of(second).post(page_of(version), form(primary_until=180, recovery_until=120, **seen))
    shown = late.context["adminform"].form
    assert (shown["primary_until"].value(), str(shown["recovery_until"].value())) == ("90", "120")
    assert any("기본접종" in line and "90" in line for line in shown.non_field_errors())
    again = form(primary_until=90, recovery_until=120, _seen=shown.seen, of_revision=shown["of_revision"].value())
    assert desk_of(second).post(page_of(version), again).status_code == 302
    rules = policy.rules_of(PolicyVersion.objects.get(pk=version.pk))
    assert (rules.primary_until, rules.recovery_until) == (90, 120)


def test_it_says_that_another_policy_begins_on_the_day(client, author):
    other = draft(by=author, day=in_days(30))
    PolicyVersion.objects.filter(pk=other.pk).update(published_at=timezone.now())
    answer = client.post(ADD, form())
    assert "effective_on" in answer.context["adminform"].form.errors


def test_it_starts_a_draft_from_the_rules_and_categories_in_force(client, django_assert_max_num_queries):
    page = client.get(ADD).content.decode()
    assert 'name="primary_until" value="180"' in page and "{" not in page.partition('name="primary_until"')[0][-200:]
    client.post(ADD, form())
    version = PolicyVersion.objects.get(title="시험")
    now = CategoryRule.objects.filter(policy_id=policy.in_force_on(timezone.localdate()).pk)
    copied = CategoryRule.objects.filter(policy=version)
    assert set(copied.values_list("category", "asks", "alone")) >= set(now.values_list("category", "asks", "alone"))
    with django_assert_max_num_queries(40):
        assert client.get(page_of(version)).status_code == 200


def test_it_tells_in_words_what_changes_and_whom(client, author):
    PassRecordFactory(citizen=CitizenFactory(region="11680"), day=timezone.localdate() - timedelta(days=100))
    version = draft(by=author, primary_until=90)
    CategoryRule.objects.filter(policy=version, category="library").update(asks=False)
    previewed(version, by=author)
    page = client.get(page_of(version))
    changes = {change.subject: (change.before, change.after) for change in page.context["changes"]}
    assert set(changes) == {"기본접종", "도서관"}
    assert "180" in changes["기본접종"][0] and "90" in changes["기본접종"][1]
    first = page.context["days"][0]
    assert (first.figures.lose, first.figures.gain) == (1, 0)
    assert [row.name for row in first.provinces] == ["서울특별시"]
    assert [row.category for row in page.context["affected"]] == ["도서관"]


def test_it_goes_back_to_older_rules_with_a_new_version(client, author, second):
    old = PolicyVersion.objects.get(effective_on="2022-01-18")
    answer = client.post(page_of(old, "go_back"), {"title": "되돌림", "effective_on": in_days(1).isoformat()})
    assert answer.status_code == 302
    version = PolicyVersion.objects.get(title="되돌림")
    assert version.back_to == old and policy.rules_of(version) == policy.rules_of(old)
    asks = set(CategoryRule.objects.filter(policy=version, asks=True).values_list("category", flat=True))
    assert asks == set(CategoryRule.objects.filter(policy=old, asks=True).values_list("category", flat=True))
    assert Job.objects.unfinished().filter(kind="policy_preview", values__version=version.pk).exists()
    previewed(version, by=author)
    approvals.grant(
        policies.ask_to_publish(version, reason="x", by=author, now=timezone.now()), by=second, now=timezone.now()
    )
    policy.forget()
    assert policy.in_force_on(in_days(1)).number == version.number


def test_it_ends_older_passes_sooner_than_in_a_week_only_by_two_who_saw_how_many(client, author, second):
    now = policy.in_force_on(timezone.localdate())
    page = page_of(now, "end_older")
    assert "0" in client.get(page).content.decode()
    assert client.post(page, {"day": in_days(2).isoformat(), "reason": "유출"}).status_code == 302
    approval = Approval.objects.get(deed="policy_floor")
    assert approval.values == {"day": in_days(2).isoformat(), "phones": 0}
    assert policy.floor_on(in_days(3)) == 0
    approvals.grant(approval, by=second, now=timezone.now())
    policy.forget()
    assert (policy.floor_on(in_days(1)), policy.floor_on(in_days(3))) == (0, now.number)
    assert Event.objects.filter(tag=Tag.POLICY_FLOOR_SET, actor=second).exists()


def test_it_tells_how_many_phones_without_counting_people(client):
    """By the figures of the desk's charts, which a task counts."""
    CitizenFactory(verified=True)
    figures.count_due(timezone.now())
    Citizen.objects.all().delete()
    answer = client.get(page_of(policy.in_force_on(timezone.localdate()), "end_older"))
    assert "1대" in answer.content.decode()


def test_it_shows_a_year_of_what_is_in_force_when(client):
    page = client.get("/admin/registry/policyversion/calendar/?year=2022")
    january, february, march = page.context["versions"][:3]
    assert [stretch.first.day for stretch in january] == [1, 3, 18] and len(february) == 1
    assert january[-1].what.number == february[0].what.number != march[0].what.number
    library = dict(page.context["categories"])[CategoryRule.objects.filter(category="library").first().category]
    assert [stretch.what for stretch in library[0]] == ["pass", None] and library[2][0].what is None
    today = client.get("/admin/registry/policyversion/calendar/?year=x").content.decode()
    assert 'aria-current="date"' in today


def test_it_tells_what_is_in_force_what_comes_and_what_is_past(client, author):
    coming, written = draft(by=author), draft(by=author, day=in_days(40))
    PolicyVersion.objects.filter(pk=coming.pk).update(published_at=timezone.now())
    policy.forget()
    rows = client.get("/admin/registry/policyversion/").context["cl"]
    states = {row.pk: rows.model_admin.state(row)[0] for row in rows.result_list}
    assert (states.pop(coming.pk), states.pop(written.pk)) == ("coming", "draft")
    assert states.pop(policy.in_force_on(timezone.localdate()).pk) == "in_force"
    assert set(states.values()) == {"past"}


def test_it_lets_others_read_and_do_nothing(author):
    version = draft(by=author)
    client = desk_of(make_clerk(Role.AUDITOR, username="auditor"))
    assert client.get(page_of(version)).status_code == 200
    assert client.get("/admin/registry/policyversion/calendar/").status_code == 200
    for deed in ("preview", "publish", "go_back", "end_older"):
        assert client.post(page_of(version, deed), {"reason": "x"}).status_code == 403
