"""Whether codes arrive: the two shares by which an outage opens by itself, and since when it lasts.

*Arrived*: of the codes asked for in the last minutes, those that a provider took within a minute and no receipt calls
lost. A code younger than that minute counts only once it arrived, so that a burst does not look like a failure. Numbers
that a provider refused are left out: they say something about the number. Of those that a receipt calls lost only the
first few of each caller count, as somebody may well ask for codes to numbers that nobody has.

*Given back*: a provider may take every message and deliver none, and not every provider sends receipts. So, of the
callers' addresses from which checks were begun whose code was taken, those from which one was confirmed before the code
ran out. People do not finish for many reasons, so only a collapse counts: a fifth of the set share. By address, because
one caller who begins a thousand checks and confirms none must not be able to declare an outage.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext, override

from registry.models import Code, OutageRule

IN_TIME = timedelta(seconds=60)
LOST_OF_ONE = 3  # codes of one caller's address that a receipt calls lost and that count
COLLAPSE = 5  # the share given back counts as failing under one such part of the set share
LOOKED_BACK = timedelta(hours=2)  # at most, for when it began

_CODE = """
    (m.status IN ('sent', 'delivered') AND m.taken_at <= m.created_at + %(in_time)s
     AND coalesce(m.delivered_at, m.taken_at) <= m.created_at + %(in_time)s) AS arrived,
    CASE WHEN c.id IS NULL THEN 0 ELSE row_number() OVER (PARTITION BY c.address_index ORDER BY m.created_at) END AS nth
    FROM registry_message m LEFT JOIN registry_code c
        ON c.message_id = m.id AND (m.status = 'undelivered' OR cardinality(m.refused_by) > 0)
    WHERE m.purpose = 'code' AND m.status <> 'failed' AND m.created_at > %(since)s AND m.created_at <= %(now)s"""
_COUNTED = f"(arrived OR (created_at <= %(now)s - %(in_time)s AND nth <= {LOST_OF_ONE}))"
_BY_PROVIDER = f"""
    WITH codes AS (SELECT m.created_at, m.provider_id, {_CODE})
    SELECT p.name, count(*), count(*) FILTER (WHERE arrived)
    FROM codes LEFT JOIN registry_provider p ON p.id = provider_id WHERE {_COUNTED} GROUP BY p.name ORDER BY p.name"""  # noqa: S608 -- all literals
_BY_MINUTE = f"""
    WITH codes AS (SELECT m.created_at, {_CODE})
    SELECT min(created_at) FILTER (WHERE NOT arrived), count(*), count(*) FILTER (WHERE arrived)
    FROM codes WHERE {_COUNTED} GROUP BY date_trunc('minute', created_at)
    ORDER BY date_trunc('minute', created_at) DESC"""  # noqa: S608 -- all literals
_GIVEN_BACK = """
    WITH checks AS (
        SELECT v.address_index, v.confirmed_at, v.started_at FROM registry_verification v
        WHERE v.started_at > %(since)s AND v.started_at <= %(until)s AND EXISTS (
            SELECT FROM registry_code c JOIN registry_message m ON m.id = c.message_id
            WHERE c.verification_id = v.id AND m.status IN ('sent', 'delivered')
        )
    ), callers AS (
        SELECT bool_or(confirmed_at IS NOT NULL) AS confirmed, min(started_at) AS first FROM checks
        GROUP BY address_index
    )
    SELECT count(*), count(*) FILTER (WHERE confirmed), min(first) FILTER (WHERE NOT confirmed) FROM callers"""


@dataclass(frozen=True, slots=True)
class Trouble:
    """`measured`: {"kind", "asked", "arrived", "share", "minutes", "providers"}; `words` say it in Korean."""

    began_at: datetime
    measured: dict[str, Any]

    @property
    def words(self) -> str:
        with override(settings.LANGUAGE_CODE):
            return in_words(self.measured)


def trouble(rule: OutageRule, *, now: datetime, not_before: datetime | None) -> Trouble | None:
    """What speaks for an outage; None where too few codes were asked for to tell, or enough arrive."""
    since = _later(now - timedelta(minutes=rule.minutes), not_before)
    return _not_arriving(rule, since, now, not_before) or _not_given_back(rule, now, not_before)


def _later(moment: datetime, other: datetime | None) -> datetime:
    return max(moment, other) if other else moment


def _not_arriving(rule: OutageRule, since: datetime, now: datetime, not_before: datetime | None) -> Trouble | None:
    rows = _ask(_BY_PROVIDER, since=since, now=now)
    asked, arrived = sum(row[1] for row in rows), sum(row[2] for row in rows)
    if asked < rule.least or arrived * 100 >= rule.share * asked:
        return None
    providers = [{"name": name or "", "asked": n, "arrived": good} for name, n, good in rows]
    measured = _measured("not_arriving", asked, arrived, rule) | {"providers": providers}
    return Trouble(_began(rule, now, _later(now - LOOKED_BACK, not_before)) or since, measured)


def _began(rule: OutageRule, now: datetime, since: datetime) -> datetime | None:
    """When the first code did not arrive since the last minute in which enough did."""
    began = None
    for first_missed, asked, arrived in _ask(_BY_MINUTE, since=since, now=now):
        if arrived * 100 >= rule.share * asked:
            break
        began = first_missed
    return began


def _not_given_back(rule: OutageRule, now: datetime, not_before: datetime | None) -> Trouble | None:
    until = now - IN_TIME - Code.LIFETIME
    since = _later(until - timedelta(minutes=rule.minutes), not_before)
    [(asked, arrived, first)] = _ask(_GIVEN_BACK, since=since, until=until)
    if asked < rule.least or arrived * 100 * COLLAPSE >= rule.share * asked:
        return None
    return Trouble(first or since, _measured("not_given_back", asked, arrived, rule) | {"providers": []})


def _measured(kind: str, asked: int, arrived: int, rule: OutageRule) -> dict[str, Any]:
    share = arrived * 100 // asked
    return {"kind": kind, "asked": asked, "arrived": arrived, "share": share, "minutes": rule.minutes}


def _ask(query: str, **values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values | {"in_time": IN_TIME})
        return cursor.fetchall()


def in_words(measured: dict[str, Any]) -> str:
    """Why an outage opened by itself, in the language in force."""
    if measured["kind"] == "not_given_back":
        return gettext(
            "Codes were sent, but from only {arrived} of {asked} places was one given back in {minutes} minutes."
        ).format(**measured)
    words = gettext("Of {asked} codes asked for in {minutes} minutes, {arrived} arrived ({share}%).").format(**measured)
    failing = [each["name"] for each in measured["providers"] if each["arrived"] * 2 < each["asked"] and each["name"]]
    if failing:
        words += " " + gettext("Providers that failed: {names}.").format(names=", ".join(failing))
    return words
