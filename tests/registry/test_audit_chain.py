"""The seals of the access log: whoever changes, takes away or slips in a row is found, and the row is named."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from registry import audit, figures
from registry.evidence import heads, retention, sealing, verifying
from registry.evidence.verifying import Kind
from registry.models import Event, Figure, Seal, Tag
from tests.checkins.faults import vault_away
from tests.factories import UserFactory
from tests.registry.crowds import apart

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def none_before(db):
    """A chain of these tests' own, without what the seeds told of."""
    by_force("DELETE FROM registry_event")


@pytest.fixture
def user():
    return UserFactory()


def write(user, n=1, **fields):
    for _n in range(n):
        audit.record(Tag.LOCK_LIFTED, by=user, target=user, reason="왜", address="192.0.2.7", ünd=1.50, **fields)


def by_force(sql, *values):
    """As the master of the database, who may do anything."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE registry_event DISABLE TRIGGER evidence_stays")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE registry_event ENABLE TRIGGER evidence_stays")


def slip_in(key):
    Event.objects.create(pk=key, at=timezone.now(), tag=Tag.SIGNED_IN, target="user:1")


def found(now=None, **heads):
    return [(finding.kind, finding.what) for finding in verifying.verify(now or timezone.now(), **heads).findings]


def keys():
    return list(Event.objects.order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def sealed(user):
    """Three seals, of 3, 2 and 1 rows; the keys of the rows."""
    for n in (3, 2, 1):
        write(user, n)
        sealing.seal(timezone.now())
    return keys()


def test_it_seals_every_row_once_and_the_chain_holds(sealed):
    assert sealing.seal(timezone.now()) == 0
    proof = verifying.verify(timezone.now())
    assert (proof.seals, proof.rows, proof.waiting, proof.found) == (3, 6, 0, 0)


def test_it_finds_a_changed_row(sealed):
    by_force("UPDATE registry_event SET reason = 'other' WHERE id = %s", sealed[3])
    assert found() == [(Kind.CHANGED, sealed[3])]


@pytest.mark.parametrize("column", ["actor_id = NULL", "at = at + interval '1 microsecond'", "detail = '{}'",
                                    "address = '192.0.2.8'", "tag = 'signed_in'", "target = 'user:0'"])  # fmt: skip
def test_it_finds_a_change_of_any_column(sealed, column):
    by_force(f"UPDATE registry_event SET {column} WHERE id = %s", sealed[0])
    assert found() == [(Kind.CHANGED, sealed[0])]


def test_it_finds_a_missing_row(sealed):
    by_force("DELETE FROM registry_event WHERE id = %s", sealed[1])
    assert found() == [(Kind.MISSING, sealed[1])]


def test_it_finds_a_row_slipped_in_between(sealed):
    later = timezone.now() + timedelta(hours=1)
    slip_in(sealed[0] - 1)
    assert found() == [] and verifying.verify(timezone.now()).waiting == 1  # it may be of a transaction that lasts
    assert found(later) == [(Kind.INSERTED, sealed[0] - 1)]


def test_it_finds_a_row_that_was_sealed_with_a_moment_long_past(user, sealed):
    Event.objects.create(at=timezone.now() - timedelta(hours=1), tag=Tag.SIGNED_IN, target="user:1")
    sealing.seal(timezone.now())
    assert found() == [(Kind.BACKDATED, keys()[-1])]


def test_it_seals_what_became_visible_late(user, sealed):
    """A transaction may draw its key, and end after rows with higher keys were sealed."""
    early = sealed[0] - 1
    slip_in(early)
    assert sealing.seal(timezone.now()) == 1
    assert found(timezone.now() + timedelta(hours=1)) == []


def test_it_finds_a_changed_seal_and_a_missing_one(sealed):
    first = Seal.objects.get(number=1)
    Seal.objects.filter(number=1).update(sealed_at=first.sealed_at + timedelta(seconds=1))
    assert found() == [(Kind.SEAL_CHANGED, 1)]
    Seal.objects.filter(number=1).update(sealed_at=first.sealed_at)
    Seal.objects.filter(number=2).delete()
    assert (Kind.SEAL_MISSING, 2) in found()


def test_it_finds_by_a_kept_head_a_chain_that_was_made_anew(user, sealed):
    elsewhere = [(seal.number, bytes(seal.hash).hex()) for seal in Seal.objects.all()]
    by_force("UPDATE registry_event SET reason = 'other' WHERE id = %s", sealed[3])
    Seal.objects.all().delete()
    sealing.seal(timezone.now())
    assert found() == []  # by itself it fits
    assert {kind for kind, _what in found(heads=elsewhere)} == {Kind.HEAD}


def test_it_finds_an_end_that_was_cut_off_seals_and_all(sealed, capsys):
    heads.keep(timezone.now())
    assert found() == []
    by_force("DELETE FROM registry_event WHERE id >= %s", sealed[3])
    Seal.objects.filter(number__gte=2).delete()
    assert found() == [(Kind.END, 3)]
    write(UserFactory(), 9)
    sealing.seal(timezone.now())
    heads.keep(timezone.now())  # whatever comes after: the vault keeps what it had
    assert found() == [(Kind.END, 3)]
    call_command("audit_head", begin_anew="restored from Tuesday's dump")
    assert "The vault kept seal 3" in capsys.readouterr().out
    assert found() == []
    event = Event.objects.get(tag=Tag.CHAIN_BEGUN_ANEW)
    assert (event.detail["number"], event.reason) == (3, "restored from Tuesday's dump")


def test_it_says_that_the_end_cannot_be_told_while_the_vault_is_away(sealed):
    with vault_away():
        heads.keep(timezone.now())
        with pytest.raises(CommandError, match="vault is away"):
            call_command("verify_audit", stdout=StringIO())
    assert figures.last_noted(Figure.What.AUDIT_FINDINGS) is None, "half a proof is none: the alert goes on"


def test_it_lets_no_row_be_changed_or_deleted(sealed):
    for deed in (lambda: Event.objects.filter(pk=sealed[0]).update(reason=""), Event.objects.all().delete):
        with pytest.raises(IntegrityError, match="evidence"), transaction.atomic():
            deed()


def test_it_cannot_be_emptied_by_truncate(sealed):
    with pytest.raises(IntegrityError, match="evidence"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE registry_event")
    assert keys() == sealed


def test_it_destroys_whole_stretches_after_two_years_and_the_chain_still_holds(user):
    now = timezone.now()
    long_ago = now - timedelta(days=732)
    for at in (long_ago, long_ago, now):
        Event.objects.create(at=at, tag=Tag.SIGNED_IN, target="user:1")
        sealing.seal(now)
    assert retention.destroy(now) == 2
    sealing.seal(now)
    assert Event.objects.count() == 2
    told = Event.objects.get(tag=Tag.EVENTS_DESTROYED)
    assert (told.target, told.detail["rows"]) == ("seal:2", 2)
    assert list(Seal.objects.order_by("number").values_list("number", flat=True)) == [2, 3, 4]
    assert found() == []
    assert retention.destroy(now) == 0


def test_it_finds_a_beginning_that_was_cut_off_without_a_destruction(sealed):
    Seal.objects.filter(number=1).delete()
    Seal.objects.filter(number=2).update(destroyed_at=timezone.now())
    assert (Kind.UNATTESTED, 2) in found()


def test_it_tells_the_head_and_proves_it_later(sealed, tmp_path):
    out = StringIO()
    call_command("audit_head", stdout=out)
    assert out.getvalue().split()[::2] == ["3", bytes(Seal.objects.get(number=3).hash).hex()]
    kept = tmp_path / "heads"
    kept.write_text(out.getvalue())
    with kept.open() as file:
        call_command("verify_audit", heads=file, stdout=out)
    assert "3 seals, 6 rows" in out.getvalue()
    assert figures.last_noted(Figure.What.AUDIT_FINDINGS).number == 0
    by_force("DELETE FROM registry_event WHERE id = %s", sealed[4])
    with pytest.raises(CommandError, match="1 findings"):
        call_command("verify_audit", stdout=out)
    assert str(sealed[4]) in out.getvalue()
    noted = figures.last_noted(Figure.What.AUDIT_FINDINGS)
    assert noted.number == 1 and timezone.now() - noted.counted_at < timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_it_keeps_writers_free_while_it_seals(user):
    """Whoever writes while a seal is being made neither waits nor is left out."""
    with transaction.atomic():
        write(user)
        with ThreadPoolExecutor(1) as other:
            assert other.submit(apart, lambda: write(user) or sealing.seal(timezone.now())).result(timeout=5) == 1
    assert sealing.seal(timezone.now()) == 1
    assert verifying.verify(timezone.now()).found == 0
