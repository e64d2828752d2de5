"""Issuing passes: strips for every day up to the due date plus grace, in one answer, ahead of use. Also: revoking."""

import secrets as random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from registry import audit, marks, policy, signing, validity, vault
from registry import secrets as secret
from registry.errors import DomainError
from registry.format import base64url, passcode
from registry.models import Citizen, Device, PaperPass, Partner, PolicyVersion, Review, Revocation, Tag, User
from registry.models.phone import DeviceQuerySet
from registry.reverification import outages

ISSUER = "KR"
VERIFIED, GRACE, OUTAGE = 0, 1, 2  # the strip's `phone` claim; 3 is paper


# Written out, as every confirmation runs both.
FACTS = """
    SELECT r.kind, r.day, r.dose, coalesce(v.primary_doses, 2), r.result_at, r.immunodeficiency
    FROM registry_passrecord r LEFT JOIN registry_vaccine v ON v.code = r.vaccine_id
    WHERE r.citizen_id = %s AND r.revoked_at IS NULL"""
# Each app that carries the pass is a place of its own: a phone is replaced by another in the same one. Only our own
# wallet's makes the strips of the one before void, wherever they are (docs/decisions/0019-passes-in-partner-apps.md).
# A strip counts as signed in the second after its device was seen. What is replaced is void from one second later on,
# however quickly a lost phone went on fetching; the new device counts as seen then, and its strips as signed then.
NEW_DEVICE = f"""
    WITH replaced AS (
        UPDATE registry_device SET ended_at = %s WHERE ended_at IS NULL AND partner_id IS NOT DISTINCT FROM %s::bigint
        AND citizen_id IN (
            SELECT %s UNION ALL SELECT id FROM registry_citizen WHERE guardian_id = %s
        ) RETURNING citizen_id, to_timestamp(ceil(extract(epoch FROM seen_at)) + 1) AS after
    ), begins AS (
        SELECT greatest(%s::timestamptz, max(after)) AS at FROM replaced
    ), device AS (
        INSERT INTO registry_device (id, citizen_id, partner_id, public_key, token_hash, created_at, seen_at)
        SELECT %s, %s, %s::bigint, %s, %s, %s, at FROM begins
    ), void AS (
        INSERT INTO registry_revocation (citizen_id, since, reason, paper)
        SELECT DISTINCT citizen_id, at, 'device replaced', false FROM replaced, begins WHERE %s
    ), told AS (
        INSERT INTO registry_event (at, tag, target, reason, detail)
        SELECT DISTINCT %s::timestamptz, 'device_replaced', 'citizen:' || citizen_id, '', '{{}}'::jsonb FROM replaced
    ){audit.INSERT} RETURNING (SELECT at FROM begins)"""  # noqa: S608 -- nothing of a caller's


class NotVerified(DomainError):
    """The phone check is older than its due date plus grace."""

    code = "not_verified"
    status = 403
    message = _("Your phone check has run out. Please check your phone number again.")


class BadKey(DomainError):
    """A key of the phone is no point of P-256, or keys of days are missing."""

    code = "bad_key"
    status = 422
    message = _("This browser sent a key that we cannot use. Please reload the page and try again.")


class UnknownDevice(DomainError):
    """The device is not known, or its pass ended."""

    code = "unknown_device"
    status = 401
    message = _("This phone no longer holds a pass. Please check your phone number again.")


@dataclass(frozen=True, slots=True)
class Strip:
    """A signed strip with what the wallet shows beside it; `basis` and `until` never leave the wallet."""

    day: date
    raw: bytes
    nbf: int
    exp: int
    phone: int
    standing: validity.Standing
    says: str  # what a mark is made of (marks.py)

    def as_json(self) -> dict[str, Any]:
        until = self.standing.until
        return {
            "day": self.day.isoformat(),
            "strip": base64url.encode(self.raw),
            "nbf": self.nbf,
            "exp": self.exp,
            "pass": int(self.standing.valid),
            "phone": self.phone,
            "basis": self.standing.basis,
            "until": until.isoformat() if until else None,
        }


@dataclass(frozen=True, slots=True)
class Issue:
    """What a device gets: itself, the token that lets it restore (only when new), and the strips."""

    device: Device
    token: str | None
    review: bool
    policy: PolicyVersion
    strips: list[Strip]
    now: datetime

    def answer(self) -> dict[str, Any]:
        citizen = self.device.citizen
        due_on = due_date(citizen)
        today = self.strips[0].standing
        marked = marks.of(self.device, [strip.says for strip in self.strips], review=self.review)
        return {
            "device": str(self.device.pk),
            "time": int(self.now.timestamp() * 1000),
            "review": self.review,
            "due_on": due_on.isoformat(),
            "renewal_opens_on": (due_on - timedelta(days=self.policy.renewal_opens_days)).isoformat(),
            "usable_until": self.strips[-1].day.isoformat(),
            "policy": self.policy.number,
            "outage": outages.as_json(),
            "masked_name": citizen.masked_name,
            "ended": today.ended and {"basis": today.ended.basis, "on": f"{today.ended.until}"},
            "starts": today.starts and {"basis": today.starts.basis, "on": f"{today.starts.since}"},
            "days": [strip.as_json() | {"mark": mark} for strip, mark in zip(self.strips, marked, strict=True)],
        }


def due_date(citizen: Citizen) -> date:
    """When the phone is next to be checked. Raises NotVerified where it never was."""
    if citizen.due_on is None:
        raise NotVerified
    return citizen.due_on


def usable_until(citizen: Citizen, version: PolicyVersion, *, today: date) -> date:
    """The last day of the grace after the due date. While numbers cannot be checked for our fault it lies as many days
    after `today`, at most by the policy's extension later than it would."""
    grace = timedelta(days=version.grace_days)
    last = due_date(citizen) + grace
    if not outages.extends():
        return last
    return max(last, min(last + timedelta(days=version.outage_extension_days), today + grace))


def facts(citizen: Citizen) -> list[validity.Record]:
    """A citizen's standing records as the rules look at them; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS, [citizen.pk])
        return [validity.Record(*row) for row in cursor.fetchall()]


def standing(citizen: Citizen, day: date) -> validity.Standing:
    """What the citizen's records mean on a day under the policy in force then."""
    version = policy.in_force_on(day)
    return validity.standing(validity.spans(facts(citizen), citizen.birth_date, policy.rules_of(version)), day)


def standings(citizen: Citizen, days: list[date]) -> list[tuple[PolicyVersion, validity.Standing]]:
    """Policy and standing for each of several days in a row; the records are read once, the spans made once per policy,
    the standing found where it may turn."""
    records, born = facts(citizen), citizen.birth_date
    spans: list[validity.Span] = []
    turns: set[date] = set()
    found: list[tuple[PolicyVersion, validity.Standing]] = []
    for day in days:
        version = policy.in_force_on(day)
        same = bool(found) and found[-1][0].number == version.number
        if not same:
            spans = validity.spans(records, born, policy.rules_of(version))
            turns = validity.turns(spans)
        found.append((version, found[-1][1] if same and day not in turns else validity.standing(spans, day)))
    return found


def _days(citizen: Citizen, now: datetime) -> list[date]:
    """Every day from today through the grace. Raises NotVerified."""
    first = vault.today(now)
    last = usable_until(citizen, policy.in_force_on(first), today=first)
    if last < first:
        raise NotVerified
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _sign(citizen: Citizen, days: list[date], keys: dict[date, bytes], now: datetime) -> list[Strip]:
    """Strips for these days, signed `now`. Raises BadKey."""
    if not keys.keys() >= set(days):
        raise BadKey(missing=[day.isoformat() for day in days if day not in keys])
    known = standings(citizen, [*days, days[-1] + timedelta(days=1)])
    pseudonyms, iat = vault.pseudonyms(days, citizen.pk), _second_after(now)
    due, afterwards = due_date(citizen), OUTAGE if outages.extends() else GRACE
    strips = []
    try:
        for day, (version, state), (_later, tomorrow) in zip(days, known[:-1], known[1:], strict=True):
            phone, signer = VERIFIED if day <= due else afterwards, signing.signer_for(day)
            nbf, exp, says = _says(day, state, tomorrow, signer.kid)
            raw = passcode.sign_strip(
                private_key=signer.private_key,
                kid=signer.kid,
                issuer=ISSUER,
                day=day,
                exp=exp,
                iat=iat,
                cti=pseudonyms[day],
                cnf=keys[day],
                passes=state.valid,
                policy=version.number,
                phone=phone,
            )
            strips.append(Strip(day, raw, nbf, exp, phone, state, says))
    except passcode.Malformed as error:
        raise BadKey from error
    return strips


def would_say(citizen: Citizen, day: date) -> tuple[str, bool]:
    """What a strip for the day would say if it were signed now, as `Strip.says`; and whether the pass is valid."""
    (_version, state), (_later, tomorrow) = standings(citizen, [day, day + timedelta(days=1)])
    return _says(day, state, tomorrow, signing.signer_for(day).kid)[2], state.valid


def _says(day: date, state: validity.Standing, tomorrow: validity.Standing, kid: bytes) -> tuple[int, int, str]:
    """From when to when a day's strip holds, and what it says."""
    nbf, exp = passcode.strip_times(day, worse_tomorrow=state.valid and not tomorrow.valid)
    return nbf, exp, marks.says(state, exp, policy.floor_on(day), kid)


def _under_review(citizen: Citizen) -> bool:
    """Whether a clerk is to say whose records are theirs; a claimed number alone says nothing of records."""
    kind = Review.Kind.POSSIBLY_SAME
    return Review.objects.filter(citizen=citizen, kind=kind, closed_at__isnull=True).exists()


def enrol(
    citizen: Citizen,
    *,
    device_key: bytes,
    day_keys: dict[date, bytes],
    now: datetime,
    review: bool | None = None,
    partner: Partner | None = None,
) -> Issue:
    """A new device for the citizen, with its strips, in place of the one before: that phone is lost, or in other hands.

    Strips of the former are void, also those of people carried beside the citizen on it; a paper pass stays good. In a
    partner's app it takes the place of the device there and those beside it, which get no more strips; nothing is void.
    The caller holds the citizen's row, as `_held` does, and has read the keys of the days before. `review` where the
    caller knows it. Raises BadKey, NotVerified.
    """
    if not passcode.on_curve(device_key):
        raise BadKey
    days, token = _days(citizen, now), random.token_urlsafe(32)
    device = Device(citizen=citizen, public_key=device_key, token_hash=secret.token_hash(token), created_at=now)
    device.partner, carrier, own = partner, partner.pk if partner else None, partner is None
    detail: dict[str, Any] = {"device": str(device.pk), "days": len(days)} | audit.through(partner)
    evidence = audit.row(Tag.PASS_ISSUED, by=None, target=citizen, **detail)
    values: list[Any] = [now, carrier, citizen.pk, citizen.pk, now]
    values += [device.pk, citizen.pk, carrier, device_key, device.token_hash, now, own, now, *evidence]
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(NEW_DEVICE, values)
        (device.seen_at,) = cursor.fetchone()
        strips = _sign(citizen, days, day_keys, device.seen_at)
    return _issue(device, token, strips, now, review)


def _issue(device: Device, token: str | None, strips: list[Strip], now: datetime, review: bool | None) -> Issue:
    if review is None:
        review = _under_review(device.citizen)
    return Issue(device, token, review, policy.in_force_on(vault.today(now)), strips, now)


def renew(
    device: Device,
    *,
    day_keys: dict[date, bytes],
    now: datetime,
    review: bool | None = None,
    new_token: bool = False,
) -> Issue:
    """Fresh strips for a device that holds a pass; after a phone check with a `new_token`, so that the way to restore
    stays open as long as the pass. Raises BadKey, NotVerified, UnknownDevice."""
    token = random.token_urlsafe(32) if new_token else None
    vault.make_keys_ahead(vault.today(now))  # read before anybody is held, as in whatever enrols
    with transaction.atomic(savepoint=False):
        device = _held(Device.objects.filter(pk=device.pk))
        device.seen_at = max(now, device.seen_at)
        device.token_hash = secret.token_hash(token) if token else device.token_hash
        strips = _sign(device.citizen, _days(device.citizen, now), day_keys, device.seen_at)
        device.save(update_fields=["seen_at", "token_hash"])
        detail: dict[str, Any] = {"device": str(device.pk), "days": len(strips)} | audit.through(device.partner)
        audit.record(Tag.PASS_ISSUED, by=None, target=device.citizen, **detail)
    return _issue(device, token, strips, now, review)


def restore(token: str, *, device_key: bytes, day_keys: dict[date, bytes], now: datetime) -> Issue:
    """A new device in place of one whose storage is gone, by its token. Raises UnknownDevice, BadKey, NotVerified."""
    vault.make_keys_ahead(vault.today(now))
    with transaction.atomic():
        old = _held(Device.objects.carried_by(None).filter(token_hash=secret.token_hash(token)))
        # Ended first: its keys went with its storage, so nothing of it has to be voided.
        Device.objects.filter(pk=old.pk).update(ended_at=now)
        issue = enrol(old.citizen, device_key=device_key, day_keys=day_keys, now=now)
        audit.record(Tag.PASS_RESTORED, by=None, target=old.citizen, old=str(old.pk), new=str(issue.device.pk))
    return issue


def _held(devices: DeviceQuerySet) -> Device:
    """The one of these that holds a pass, locked. Raises UnknownDevice."""
    device = devices.held()
    if device is None:
        raise UnknownDevice
    return device


@transaction.atomic
def revoke(citizen: Citizen, *, by: User | None, reason: str, now: datetime, paper_too: bool = True) -> None:
    """End every strip of the citizen, unless told otherwise on paper too: scanners refuse what was signed up to now,
    wallets fetch anew. Strips that are being signed at this moment are waited for (`_held`): what they rest on is to be
    changed before this is called."""
    Citizen.objects.filter(pk=citizen.pk).hold()
    issued = Device.objects.filter(citizen=citizen).aggregate(last=Max("seen_at"))["last"]
    if issued and _second_after(issued) >= _second_after(now):  # signed in this very second
        now = datetime.fromtimestamp(_second_after(issued) + 1, UTC)
        # What a wallet fetches at once is good: it counts as signed in the second after, which is the revocation's.
        Device.objects.active().filter(citizen=citizen).update(seen_at=now - timedelta.resolution)
    paper = paper_too and PaperPass.objects.filter(citizen=citizen, until__gte=vault.today(now)).exists()
    Revocation.objects.create(citizen=citizen, since=now, reason=reason, by=by, paper=paper)
    audit.record(Tag.PASS_REVOKED, by=by, target=citizen, reason=reason)


def _second_after(moment: datetime) -> int:
    """The first full second that is not before the moment: when strips say they were signed, so that none is void for
    a revocation that it follows within the second."""
    return -int(-moment.timestamp() // 1)


def device_with(device_id: UUID, partner: Partner | None = None) -> Device:
    """An active device with its citizen, in an app of this partner's, else in our own wallet; elsewhere it is unknown.
    Raises UnknownDevice."""
    devices = Device.objects.active().carried_by(partner).select_related("citizen", "partner")
    device = devices.filter(pk=device_id).first()
    if device is None:
        raise UnknownDevice
    return device
