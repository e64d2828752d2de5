"""The access log knows the deeds of one list, and the list may grow without a migration."""

import pytest

from registry import audit
from registry.models import Event, Tag
from tests.registry.clerks import make_clerk

pytestmark = pytest.mark.django_db


def test_it_records_a_deed_of_the_list_and_shows_it_in_words():
    user = make_clerk()
    audit.record(Tag.LOCK_LIFTED, by=user, target=user)
    assert [event.get_tag_display() for event in Event.objects.filter(actor=user)] == [Tag.LOCK_LIFTED.label]


def test_it_records_nothing_that_is_not_on_the_list():
    user = make_clerk()
    with pytest.raises(AttributeError):
        audit.record("lock_lifted", by=user, target=user)


def test_it_needs_no_migration_for_a_new_deed():
    _, path, _, kwargs = Event._meta.get_field("tag").deconstruct()
    assert (path, "choices" in kwargs) == ("django.db.models.CharField", False)
    assert all(len(tag) <= kwargs["max_length"] for tag in Tag)
